import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
