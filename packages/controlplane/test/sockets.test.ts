import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { createControlPlane, type Listening } from '@setpoint/controlplane';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Record<string, string> }[];
  readonly users: readonly { readonly user: Record<string, string> }[];
}

function credentials({ kubeconfig }: Listening) {
  const config: Kubeconfig = parse(kubeconfig);
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
  const user = config.users[0]?.user;
  return {
    ca: decode(config.clusters[0]?.cluster['certificate-authority-data']),
    cert: decode(user?.['client-certificate-data']),
    key: decode(user?.['client-key-data']),
  };
}

async function get(listening: Listening, path: string, headers: Record<string, string>, certificate: boolean) {
  const { ca, cert, key } = credentials(listening);
  const session = connect(listening.url, certificate ? { ca, cert, key } : { ca });
  const stream = session.request({ ':path': path, ...headers });
  const [head] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  session.close();
  return { status: head[':status'], text: Buffer.concat(chunks).toString() };
}

test('the kubeconfig opens the door, so does a token, and nothing else', async () => {
  const tokens = { secret: { name: 'bob', groups: ['system:masters'] }, guest: { name: 'eve', groups: [] } };
  await using controlPlane = createControlPlane({ tokens });
  const listening = await controlPlane.listen();
  const path = '/api/v1/namespaces/default';
  expect((await get(listening, path, {}, true)).status).toBe(200);
  expect((await get(listening, path, { authorization: 'Bearer secret' }, false)).status).toBe(200);
  expect((await get(listening, path, { authorization: 'Bearer guest' }, false)).status).toBe(403);
  expect((await get(listening, path, { authorization: 'Bearer wrong' }, false)).status).toBe(401);
  expect((await get(listening, path, {}, false)).status).toBe(403);
  expect((await get(listening, '/readyz', {}, false)).status).toBe(200);
});

test('the kubeconfig is written where asked, for its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'control-plane-'));
  const file = join(folder, 'kubeconfig');
  await using controlPlane = createControlPlane();
  const { kubeconfig } = await controlPlane.listen({ kubeconfig: file });
  expect(await readFile(file, 'utf8')).toBe(kubeconfig);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await rm(folder, { recursive: true });
});

test('closing ends open watches, also of a control plane whose clock stands still', async () => {
  const controlPlane = createControlPlane({ clock: new FakeClock() });
  const listening = await controlPlane.listen();
  const watching = get(listening, '/api/v1/namespaces?watch=true', {}, true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await controlPlane.close();
  const { status, text } = await watching;
  expect(status).toBe(200);
  expect(text).toContain('"type":"ADDED"');
});

/** Bytes as they are over HTTP/1.1, and what comes back. */
async function raw(listening: Listening, bytes: string | Buffer): Promise<string> {
  const { ca, cert, key } = credentials(listening);
  const socket = tlsConnect({ host: '127.0.0.1', port: listening.port, ca, cert, key });
  socket.write(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function post(path: string, contentType: string, body: Buffer): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

test('bytes that are no text, strange methods and malformed paths are answered, not hung up on', async () => {
  await using controlPlane = createControlPlane();
  const listening = await controlPlane.listen();
  const path = '/api/v1/namespaces/default/configmaps';
  const object = (member: string | Buffer) =>
    Buffer.concat([
      Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"a"},"'),
      Buffer.from(member as string),
      Buffer.from('":1}'),
    ]);
  const warned = await raw(listening, post(path, 'application/json', object('größe 😀')));
  expect(warned).toMatch(/^HTTP\/1.1 201 /);
  expect(warned).toContain('299 - "unknown field \\"größe 😀\\""');
  expect(await raw(listening, post(path, 'application/json', object(Buffer.of(0xbd))))).toMatch(/^HTTP\/1.1 201 /);
  expect(await raw(listening, post(path, 'application/json', object('\\u0001')))).toMatch(/^HTTP\/1.1 201 /);
  const yaml = Buffer.concat([Buffer.from('a: '), Buffer.of(0xbd)]);
  expect(await raw(listening, post(path, 'application/yaml', yaml))).toMatch(
    /^HTTP\/1.1 400 .*yaml: invalid leading UTF-8 octet/s,
  );
  expect(await raw(listening, 'CONNECT /api HTTP/1.1\r\nhost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 405 /);
  expect(await raw(listening, 'GET /api/v1/namespaces/% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1.1 400 .*400 Bad Request$/s,
  );
});
