import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { request as send } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { launch } from './launch.ts';

function folderOfTest(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'setpoint-launch-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

interface Program {
  readonly code: Promise<number>;
  readonly stop: () => void;
  readonly err: () => string;
}

/** Runs a program in this process; resolves when it serves or has ended. */
async function program(...argv: readonly string[]): Promise<Program> {
  const stop = new AbortController();
  const { promise: serving, resolve } = Promise.withResolvers<void>();
  let err = '';
  const output = {
    out: () => {},
    err: (text: string) => {
      err += text;
      if (text.includes(': serving ')) resolve();
    },
  };
  const code = launch(argv, output, () => stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await code;
  });
  await Promise.race([serving, code]);
  return { code, stop: () => stop.abort(), err: () => err };
}

async function etcd(folder: string): Promise<Program & { readonly url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const flags = [`--listen-client-urls=${url}`, '--listen-peer-urls=http://127.0.0.1:0', `--data-dir=${folder}/etcd`];
  return { ...(await program('etcd', ...flags, '--unsafe-no-fsync=true')), url };
}

async function kubeApiServer(folder: string, etcdUrl: string): Promise<Program & { readonly port: number }> {
  const port = await freePort();
  const flags = [`--etcd-servers=${etcdUrl}`, `--cert-dir=${folder}/certs`, `--secure-port=${port}`];
  const running = await program('kube-apiserver', ...flags, '--authorization-mode=RBAC', '--allow-privileged=true');
  return { ...running, port };
}

function get(folder: string, port: number, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const ca = readFileSync(join(folder, 'certs/apiserver.crt'));
  return new Promise((resolve, reject) => {
    const request = send({ host: '127.0.0.1', port, path, ca, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject).end();
  });
}

interface KeyValueAnswer {
  readonly status: number;
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { readonly value: string }[];
}

async function keyValue(url: string, verb: 'range' | 'put', body: Readonly<Record<string, string>>) {
  const encoded = Object.fromEntries(Object.entries(body).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
  const response = await fetch(`${url}/v3/kv/${verb}`, { method: 'POST', body: JSON.stringify(encoded) });
  return { status: response.status, ...((await response.json()) as object) } as KeyValueAnswer;
}

const stored = (answer: KeyValueAnswer) => JSON.parse(Buffer.from(answer.kvs?.[0]?.value ?? '', 'base64').toString());

test('an API server beside its etcd serves with certificates that it makes, and ends with 0', async () => {
  const folder = folderOfTest();
  const store = await etcd(folder);
  expect(await (await fetch(`${store.url}/health`)).json()).toEqual({ health: 'true', reason: '' });
  const server = await kubeApiServer(folder, store.url);
  for (const path of ['/healthz', '/readyz', '/livez'])
    expect(await get(folder, server.port, path)).toEqual({ status: 200, body: 'ok' });
  expect((await get(folder, server.port, '/api/v1/nodes')).status).toBe(403);
  server.stop();
  expect(await server.code).toBe(0);
  store.stop();
  expect(await store.code).toBe(0);
});

test('etcd reads and writes single keys of the API server, and the next API server finds them', async () => {
  const folder = folderOfTest();
  const store = await etcd(folder);
  const key = '/registry/configmaps/default/a';
  expect(await keyValue(store.url, 'range', { key })).toMatchObject({ status: 503, code: 14 });
  const server = await kubeApiServer(folder, store.url);
  const value = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default' },
    data: { b: 'c' },
  });
  const { header } = await keyValue(store.url, 'put', { key, value });
  const answer = await keyValue(store.url, 'range', { key });
  expect(answer).toMatchObject({ count: '1', kvs: [{ mod_revision: header.revision }] });
  expect(stored(answer)).toMatchObject({ kind: 'ConfigMap', data: { b: 'c' } });
  expect(stored(await keyValue(store.url, 'range', { key: '/registry/core/configmaps/default/a' })).data).toBeDefined();
  expect(await keyValue(store.url, 'range', { key: '/registry/configmaps/default/b' })).not.toHaveProperty('kvs');
  expect(await keyValue(store.url, 'put', { key, value: '{' })).toMatchObject({ status: 400, code: 3 });
  expect(await keyValue(store.url, 'range', { key, range_end: '/x' })).toMatchObject({ status: 501, code: 12 });

  server.stop();
  await server.code;
  await kubeApiServer(folder, store.url);
  expect(stored(await keyValue(store.url, 'range', { key })).data).toEqual({ b: 'c' });
});

test('a second API server on one etcd is refused, and so is an etcd that is not ours', async () => {
  const folder = folderOfTest();
  const store = await etcd(folder);
  await kubeApiServer(folder, store.url);
  const second = await kubeApiServer(folder, store.url);
  expect(await second.code).toBe(1);
  expect(second.err()).toContain('another kube-apiserver has its objects here; start an etcd for each');
});

test('an API server whose etcd goes away ends with 1', async () => {
  const folder = folderOfTest();
  const store = await etcd(folder);
  const server = await kubeApiServer(folder, store.url);
  store.stop();
  expect(await server.code).toBe(1);
  expect(server.err()).toContain('went away');
});

test.for([
  [['kube-apiserver', '--nope=1'], 'kube-apiserver: unknown flag: --nope\n'],
  [['kube-apiserver', '--secure-port=1'], 'kube-apiserver: --etcd-servers must be specified\n'],
  [['etcd', '--nope'], 'etcd: unknown flag: --nope\n'],
  [
    ['etcd', '--cert-file=x'],
    'etcd: --cert-file is not available: this etcd serves http to the API server beside it\n',
  ],
  [
    ['etcd', '--listen-client-urls=https://localhost:1'],
    'etcd: --listen-client-urls: https://localhost:1 is not available: it must be a URL such as http://127.0.0.1:2379\n',
  ],
  [['kubelet'], 'setpoint: there is no program "kubelet" to stand in for\n'],
] as const)('%j is refused with exit code 1', async ([argv, says]) => {
  const { code, err } = await program(...argv);
  expect({ code: await code, err: err() }).toEqual({ code: 1, err: says });
  expect(existsSync('default.etcd')).toBe(false);
});
