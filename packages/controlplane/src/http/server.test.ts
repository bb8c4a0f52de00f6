import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { systemClock } from '@setpoint/apimachinery/clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiHandler, ApiRequest, ApiResponse } from './message.ts';
import { type ApiServer, serve } from './server.ts';

const authority = createCertificateAuthority('test', { now: Date.now() });
const serving = authority.issueServer(['127.0.0.1', 'localhost']);
const admin = authority.issueClient('alice', ['system:masters', 'team']);
const stranger = createCertificateAuthority('other', { now: Date.now() }).issueClient('mallory', []);

let server: ApiServer;
let handler: ApiHandler;

beforeEach(async () => {
  server = await serve({
    handler: (incoming) => handler(incoming),
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    clock: systemClock,
  });
});
afterEach(() => server.close());

const text = (body: string, headers = {}): ApiResponse => ({ status: 200, headers, body: Buffer.from(body) });

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly client?: { readonly certificate: string; readonly key: string };
}

function tls(call: Call) {
  return { ca: authority.certificate, ...(call.client ? { cert: call.client.certificate, key: call.client.key } : {}) };
}

async function http1(call: Call): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {} } = call;
  const outgoing = request(`${server.url}${path}`, { method, headers, ...tls(call), agent: false });
  outgoing.end(call.body);
  const [response] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

async function http2(call: Call, session?: ClientHttp2Session): Promise<Answer> {
  const own = session ?? connect(server.url, tls(call));
  const stream = own.request({ ':method': call.method ?? 'GET', ':path': call.path ?? '/', ...call.headers });
  stream.end(call.body);
  const [headers] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  if (!session) own.close();
  return { status: headers[':status'], headers, body: Buffer.concat(chunks) };
}

describe.each([
  ['HTTP/1.1', http1],
  ['HTTP/2', http2],
])('over %s', (_, send) => {
  test('a request reaches the handler as it is, and the answer comes back', async () => {
    let seen: ApiRequest | undefined;
    handler = async (incoming) => {
      seen = incoming;
      return {
        status: 201,
        headers: { 'content-type': 'application/json', warning: ['299 - "a"', '299 - "b"'] },
        body: Buffer.from('{}\n'),
      };
    };
    const answer = await send({
      method: 'POST',
      path: '/api/v1/x?a=b',
      headers: { 'x-one': '1' },
      body: Buffer.from('hé'),
    });
    expect(answer).toMatchObject({ status: 201, body: Buffer.from('{}\n') });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '3',
      warning: '299 - "a", 299 - "b"',
    });
    expect(seen).toMatchObject({ method: 'POST', url: '/api/v1/x?a=b' });
    expect(seen?.headers['x-one']).toBe('1');
    expect(Buffer.from(seen?.body ?? []).toString()).toBe('hé');
    expect(seen?.user).toBeUndefined();
  });

  test('a verified client certificate names the user, another one is told apart from none', async () => {
    handler = async (incoming) => text(JSON.stringify({ user: incoming.user, rejected: incoming.certificateRejected }));
    const fingerprint = expect.stringMatching(/^X509SHA256=[\da-f]{64}$/);
    const extra = { 'authentication.kubernetes.io/credential-id': [fingerprint] };
    expect(JSON.parse((await send({ client: admin })).body.toString())).toEqual({
      user: { name: 'alice', groups: ['system:masters', 'team'], extra },
      rejected: false,
    });
    expect(JSON.parse((await send({ client: stranger })).body.toString())).toEqual({ rejected: true });
    expect(JSON.parse((await send({})).body.toString())).toEqual({ rejected: false });
  });

  test('of a body that is too long only a byte more than allowed is kept', async () => {
    handler = async (incoming) => text(String(incoming.body.length));
    const answer = await send({ method: 'POST', body: Buffer.alloc(4 * 1024 * 1024) });
    expect(answer.body.toString()).toBe(String(3 * 1024 * 1024 + 1));
  });

  test('long answers are compressed for who asks for it', async () => {
    const long = 'x'.repeat(200_000);
    handler = async (incoming) => text(incoming.url === '/short' ? 'short' : long);
    const zipped = await send({ headers: { 'accept-encoding': 'gzip, deflate' } });
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(zipped.body).toString()).toBe(long);
    expect((await send({})).body.toString()).toBe(long);
    expect((await send({ path: '/short', headers: { 'accept-encoding': 'gzip' } })).body.toString()).toBe('short');
  });

  test('a handler that fails answers 500 and the server goes on', async () => {
    handler = async () => {
      throw new Error('defect');
    };
    const answer = await send({});
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      kind: 'Status',
      message: 'Internal error occurred: defect',
    });
  });

  test('the head of a stream is sent before its first chunk, and closing the server ends it', async () => {
    let aborted = false;
    handler = async ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return { status: 200, headers: {}, body: endless(signal) };
    };
    const watching = send({ path: '/watch' });
    await until(() => handlerStarted);
    await server.close();
    expect((await watching).body.toString()).toBe('');
    expect(aborted).toBe(true);
  });
});

let handlerStarted = false;
beforeEach(() => {
  handlerStarted = false;
});

async function* endless(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  handlerStarted = true;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
}

test('a stream that nobody reads is not filled without bound, and ends when the client goes away', async () => {
  let produced = 0;
  let signal: AbortSignal | undefined;
  let returned = false;
  handler = async (incoming) => {
    signal = incoming.signal;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for (; produced < 10_000; produced++) yield Buffer.alloc(64 * 1024);
      } finally {
        returned = true;
      }
    }
    return { status: 200, headers: {}, body: chunks() };
  };
  const session = connect(server.url, tls({}));
  const stream = session.request({ ':path': '/watch' });
  stream.on('error', () => {});
  await once(stream, 'response');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stalled = produced;
  expect(stalled).toBeLessThan(100);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(produced).toBe(stalled);
  stream.destroy();
  await until(() => signal?.aborted === true && returned);
  session.close();
});

test('an answer that is ready after the client left harms nobody', async () => {
  let release = () => {};
  handler = ({ url }) =>
    url === '/slow' ? new Promise((resolve) => (release = () => resolve(text('late')))) : Promise.resolve(text('next'));
  const session = connect(server.url, tls({}));
  const stream = session.request({ ':path': '/slow' });
  stream.on('error', () => {});
  stream.end();
  await new Promise((resolve) => setTimeout(resolve, 30));
  stream.destroy();
  release();
  expect((await http2({}, session)).body.toString()).toBe('next');
  session.close();
});

test('requests under way are answered before the server is closed', async () => {
  handler = () => new Promise((resolve) => setTimeout(() => resolve(text('done')), 50));
  const asking = http1({});
  await new Promise((resolve) => setTimeout(resolve, 30));
  await Promise.all([server.close(), server.close()]);
  expect((await asking).body.toString()).toBe('done');
});

test('a port in use is refused', async () => {
  const options = {
    handler,
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    clock: systemClock,
  };
  await expect(serve({ ...options, port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test.each([
  ['TRACEX / HTTP/1.1', '405 Method Not Allowed'],
  ['GET no request', '400 Bad Request'],
])('%s is answered with %s', async (line, answer) => {
  const { port } = server;
  const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate, ALPNProtocols: ['http/1.1'] });
  socket.write(`${line}\r\nhost: x\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toMatch(new RegExp(`^HTTP/1.1 ${answer}\r\n`));
});
