import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, serve } from './server.ts';

const authority = createCertificateAuthority('test', { now: Date.now() });
const serving = authority.issueServer(['127.0.0.1']);
const clock = new FakeClock();
let server: ApiServer;
let asked = 0;

beforeAll(async () => {
  server = await serve({
    handler: async () => {
      asked++;
      return { status: 200, headers: {}, body: new Uint8Array(0) };
    },
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    clock,
  });
});
afterAll(async () => {
  const closed = server.close();
  await clock.advance(10_000);
  await closed;
});

async function begun(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  await clock.advance(60_000);
}

async function overHttp1(bytes: string): Promise<{ rest(): Promise<string> }> {
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ca: authority.certificate });
  await once(socket, 'secureConnect');
  socket.write(bytes);
  return {
    async rest() {
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    },
  };
}

test('a body that does not come to its end over HTTP/1.1 is answered after a minute, and the connection closed', async () => {
  const { rest } = await overHttp1('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
  await begun();
  expect(await rest()).toMatch(/^HTTP\/1.1 504 .*connection: close.*"reason":"Timeout"/is);
  expect(asked).toBe(0);
});

test('so is one over HTTP/2, whose connection goes on', async () => {
  const session = connect(server.url, { ca: authority.certificate });
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const answered = once(stream, 'response');
  stream.write('abc');
  await begun();
  const [headers] = await answered;
  expect(headers[':status']).toBe(504);
  stream.close();
  const next = session.request({ ':path': '/' });
  expect((await once(next, 'response'))[0][':status']).toBe(200);
  session.destroy();
});

test('headers of more than a megabyte are refused as such', async () => {
  const { rest } = await overHttp1(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(2 ** 20)}\r\n\r\n`);
  expect(await rest()).toMatch(/^HTTP\/1.1 431 .*431 Request Header Fields Too Large$/s);
});
