import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type RealApiServer, startRealApiServer } from '../../test/real-apiserver/server.ts';
import { type Connection, open } from '../lib/load.ts';
import { pod } from '../lib/pods.ts';

export const group = 'bench.setpoint.dev';
const all = `/apis/${group}/v1/foos`;
export const foos = `/apis/${group}/v1/namespaces/default/foos`;
const pods = '/api/v1/namespaces/default/pods';
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const merge = 'application/merge-patch+json';
/** As many as etcd takes in one transaction. */
const batch = 100;

/** The real API server with the CRD of Foo, and what it stores. */
export interface Cluster extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly connections: readonly Connection[];
  /** Fills up to so many Foos whose status is right, a fifth of them happy, each of those by a Pod of 7 KB. */
  fill(foos: number): Promise<void>;
  /** Deletes all Foos and Pods. */
  clear(): Promise<void>;
  createFoo(name: string, friend: string, connection?: Connection): Promise<void>;
  createPod(name: string): Promise<void>;
  /** Calls back with each event of Foos from now on; ends with the function that is answered. */
  watchFoos(onEvent: (line: string) => void): Promise<() => void>;
}

export async function startCluster(clients: number): Promise<Cluster> {
  const server = await startRealApiServer();
  const connections = Array.from({ length: clients }, () => open(server.kubeconfig));
  const first = connections[0] as Connection;
  await ask(first, 'POST', crds, definition());
  while ((await first.request('GET', foos)).status !== 200) await delay(50);
  // The server publishes the kind's OpenAPI behind this.
  await delay(2000);
  let filled = 0;
  const clear = async () => {
    for (const prefix of [`/registry/${group}/foos/`, '/registry/pods/']) await clearPrefix(server, prefix);
    filled = 0;
    await until(async () => (await count(first, all)) + (await count(first, '/api/v1/pods')) === 0);
  };
  return {
    kubeconfig: server.kubeconfig,
    connections,
    async fill(count) {
      // Other parts of a run leave theirs.
      if (filled === 0) await clear();
      await fillUp(server, first, filled, count);
      filled = count;
    },
    clear,
    createFoo: async (name, friend, connection = first) => {
      await ask(connection, 'POST', foos, foo(name, friend));
    },
    createPod: async (name) => {
      await ask(first, 'POST', pods, newPod(name));
    },
    async watchFoos(onEvent) {
      const watching = open(server.kubeconfig);
      const { metadata } = JSON.parse((await ask(first, 'GET', `${all}?limit=1`)).text);
      await watching.watch(`${all}?watch=1&timeoutSeconds=3600&resourceVersion=${metadata.resourceVersion}`, onEvent);
      return () => watching.close();
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      await server.stop();
    },
  };
}

async function ask(connection: Connection, method: string, path: string, body?: object, type?: string) {
  const answer = await connection.request(method, path, body, type);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer;
}

async function count(connection: Connection, path: string): Promise<number> {
  const { items, metadata } = JSON.parse((await ask(connection, 'GET', `${path}?limit=1`)).text);
  return items.length + (metadata.remainingItemCount ?? 0);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the API server does not show what etcd holds');
    await delay(50);
  }
}

/**
 * One object of each kind is made by requests; the others are stored in etcd as copies of it, with names and UIDs of
 * their own, since 60,000 creates would take the server minutes.
 */
async function fillUp(server: RealApiServer, connection: Connection, from: number, to: number): Promise<void> {
  const name = (i: number) => `shop-cache-6d5f8c9b7-${String(i).padStart(6, '0')}`;
  const storedPods = to / 5;
  if (from === 0) {
    await ask(connection, 'POST', pods, newPod(name(0)));
    await ask(connection, 'PATCH', `${pods}/${name(0)}/status`, { status: statusOfPod() }, merge);
    await ask(connection, 'POST', foos, foo(name(0), name(0)));
    await ask(connection, 'PATCH', `${foos}/${name(0)}/status`, { status: { happy: true } }, merge);
  }
  const [aPod, aFoo] = [await stored(connection, `${pods}/${name(0)}`), await stored(connection, `${foos}/${name(0)}`)];
  await put(server, '/registry/pods/default/', from / 5, storedPods, (i) => copy(aPod, name(i), {}));
  // Those from before whose Pod has come since change, too.
  await put(server, `/registry/${group}/foos/default/`, from / 5, to, (i) =>
    copy(aFoo, name(i), { spec: { name: name(i) }, status: { happy: i < storedPods } }),
  );
  await until(async () => (await count(connection, all)) === to && (await count(connection, pods)) === storedPods);
}

interface Stored {
  readonly metadata: Readonly<Record<string, unknown>>;
}

async function stored(connection: Connection, path: string): Promise<Stored> {
  const object = JSON.parse((await ask(connection, 'GET', path)).text);
  delete object.metadata.resourceVersion;
  return object;
}

function copy(object: Stored, name: string, parts: object): object {
  return { ...object, ...parts, metadata: { ...object.metadata, name, uid: randomUUID() } };
}

async function put(server: RealApiServer, prefix: string, from: number, to: number, make: (i: number) => object) {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  // The first was made by requests.
  for (let start = Math.max(from, 1); start < to; start += batch) {
    const success = Array.from({ length: Math.min(batch, to - start) }, (_, k) => {
      const object = make(start + k) as { readonly metadata: { readonly name: string } };
      return { requestPut: { key: base64(prefix + object.metadata.name), value: base64(JSON.stringify(object)) } };
    });
    await etcd(server, 'txn', { success });
  }
}

async function clearPrefix(server: RealApiServer, prefix: string): Promise<void> {
  const key = Buffer.from(prefix).toString('base64');
  const range_end = Buffer.from(`${prefix.slice(0, -1)}0`).toString('base64');
  for (;;) {
    const { kvs = [] } = await etcd(server, 'range', { key, range_end, keys_only: true, limit: String(batch) });
    if (kvs.length === 0) return;
    await etcd(server, 'txn', { success: kvs.map((entry) => ({ requestDeleteRange: { key: entry.key } })) });
  }
}

async function etcd(server: RealApiServer, what: string, body: object) {
  const answer = await fetch(`${server.etcd}/v3/kv/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd: ${what}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  return (await answer.json()) as { readonly kvs?: readonly { readonly key: string }[] };
}

function foo(name: string, friend: string): object {
  return { apiVersion: `${group}/v1`, kind: 'Foo', metadata: { name }, spec: { name: friend } };
}

/** As a controller would create it: with neither node, priority nor status. */
function newPod(name: string): object {
  const { metadata, spec, ...rest } = pod(0) as {
    readonly metadata: { readonly labels: object; readonly annotations: object };
    readonly spec: Readonly<Record<string, unknown>>;
  };
  const { nodeName: _, priority: __, ...wanted } = spec;
  const { labels, annotations } = metadata;
  return { ...rest, status: undefined, metadata: { name, labels, annotations }, spec: wanted };
}

function statusOfPod(): object {
  return (pod(0) as { readonly status: object }).status;
}

function definition(): object {
  const integer = { type: 'integer' };
  const status = { type: 'object', properties: { happy: { type: 'boolean' }, passes: integer } };
  const spec = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
  const openAPIV3Schema = { type: 'object', required: ['spec'], properties: { spec, status } };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    subresources: { status: {} },
    schema: { openAPIV3Schema },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `foos.${group}` },
    spec: { group, scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [version] },
  };
}
