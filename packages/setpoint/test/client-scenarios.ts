/**
 * What the client promises, against a server that is there: each export is a scenario that takes a kubeconfig and
 * rejects with what was seen where something else was expected. Runs on a kube-apiserver and on the embedded
 * control plane alike.
 */
import assert from 'node:assert/strict';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type Client, createClient, loadConfig, type WatchMessage } from '../src/client/index.ts';
import {
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
  isUnsupportedMediaType,
} from '../src/errors/index.ts';
import { ConfigMap, Namespace, Pod } from '../src/kinds/builtin/core/v1.ts';
import { metadata } from '../src/kinds/index.ts';

export type Scenario = (kubeconfig: string) => Promise<void>;

/** Runs with a client and a namespace of its own, which is gone afterwards. */
export function inNamespace(run: (client: Client, namespace: string) => Promise<void>): Scenario {
  return async (kubeconfig) => {
    await using client = createClient({ config: await loadConfig({ kubeconfig }), fieldManager: 'client-real' });
    const { metadata: made } = await client.create(Namespace, { metadata: { generateName: 'client-real-' } });
    try {
      await run(client, made.name);
    } finally {
      await removeNamespace(client, made.name);
    }
  };
}

/** A bare kube-apiserver has no namespace controller, so its part is played here. */
async function removeNamespace(client: Client, name: string): Promise<void> {
  await client.deleteCollection(ConfigMap, { namespace: name, all: true });
  await client.delete(Namespace, { name });
  const left = await client.get(Namespace, { name }).catch(() => undefined);
  if (!left) return;
  await client
    .update(Namespace, { ...left, spec: { finalizers: [] } }, { subresource: 'finalize' })
    .catch(() => undefined);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it was expected to fail'),
    (error: unknown) => error,
  );
}

const configMap = (namespace: string, name: string, data: Record<string, string> = {}) => ({
  metadata: { namespace, name, labels: { app: 'real' } },
  data,
});

export const everyVerb = inNamespace(async (client, namespace) => {
  const key = { namespace, name: 'a' };
  const dry = await client.create(ConfigMap, configMap(namespace, 'a', { x: '0' }), { dryRun: true });
  assert.equal(dry.metadata.name, 'a');
  assert.ok(isNotFound(await failure(client.get(ConfigMap, key))), 'a dry run stores nothing');

  const created = await client.create(ConfigMap, configMap(namespace, 'a', { x: '1' }));
  assert.equal(created.kind, 'ConfigMap');
  assert.ok(created.metadata.uid !== '' && created.metadata.resourceVersion !== '');
  assert.deepEqual(await client.get(ConfigMap, key), created);

  const updated = await client.update(ConfigMap, { ...created, data: { x: '2' } });
  assert.equal(updated.data?.x, '2');
  const merged = await client.patch(ConfigMap, key, { type: 'merge', body: { data: { x: null, y: '3' } } });
  assert.deepEqual(merged.data, { y: '3' });
  const patched = await client.patch(ConfigMap, key, {
    type: 'json',
    body: [{ op: 'add', path: '/data/z', value: '4' }],
  });
  assert.deepEqual(patched.data, { y: '3', z: '4' });
  const list = await client.list(ConfigMap, { namespace, labelSelector: 'app=real' });
  assert.deepEqual(
    list.items.map((item) => [item.apiVersion, item.kind, item.metadata.name]),
    [['v1', 'ConfigMap', 'a']],
  );

  const wrong = client.delete(ConfigMap, key, { preconditions: { uid: 'another' } });
  assert.ok(isConflict(await failure(wrong)), 'a delete of another UID is a conflict');
  const answer = await client.delete(ConfigMap, key, {
    preconditions: { uid: created.metadata.uid },
    propagationPolicy: 'Background',
  });
  assert.equal(answer.kind, 'Status');
  assert.ok(isNotFound(await failure(client.get(ConfigMap, key))));

  for (const name of ['b', 'c']) await client.create(ConfigMap, configMap(namespace, name));
  await client.deleteCollection(ConfigMap, { namespace, labelSelector: { matchLabels: { app: 'real' } } });
  assert.deepEqual((await client.list(ConfigMap, { namespace, labelSelector: 'app=real' })).items, []);
});

export const subresources = inNamespace(async (client, namespace) => {
  const key = { namespace, name: 'a' };
  await client.create(Pod, { metadata: key, spec: { containers: [{ name: 'c', image: 'busybox' }] } });
  const pod = await client.patch(
    Pod,
    key,
    { type: 'merge', body: { status: { message: 'hi' } } },
    { subresource: 'status' },
  );
  assert.equal(pod.status?.message, 'hi');
  assert.equal((await client.get(Pod, key, { subresource: 'status' })).status?.message, 'hi');
  const partial = await client.get(metadata(Pod), key);
  assert.deepEqual(Object.keys(partial).sort(), ['apiVersion', 'kind', 'metadata']);
  assert.equal(partial.kind, 'Pod');
  await client.delete(Pod, key, { gracePeriodSeconds: 0 });
  assert.ok(isNotFound(await failure(client.get(Pod, key))));
});

export const errors = inNamespace(async (client, namespace) => {
  const created = await client.create(ConfigMap, configMap(namespace, 'a'));
  const again = await failure(client.create(ConfigMap, configMap(namespace, 'a')));
  assert.ok(isAlreadyExists(again));
  assert.equal(again.code, 'AlreadyExists');
  assert.match(
    again.message,
    /^cannot create ConfigMap client-real-\w+\/a: configmaps "a" already exists \(409 AlreadyExists\)$/,
  );
  await client.update(ConfigMap, { ...created, data: { x: '1' } });
  assert.ok(
    isConflict(await failure(client.update(ConfigMap, { ...created, data: { x: '2' } }))),
    'a stale revision is a conflict',
  );
  const invalid = await failure(client.create(ConfigMap, configMap(namespace, 'Not_A_Name')));
  assert.ok(isInvalid(invalid));
  assert.equal(invalid.status.details?.causes?.[0]?.field, 'metadata.name');
  const elsewhere = await failure(client.create(ConfigMap, configMap('client-real-nowhere', 'a')));
  assert.ok(isNotFound(elsewhere) || isForbidden(elsewhere));
  const strict = { ...configMap(namespace, 'b'), extra: 1 };
  await failure(client.create(ConfigMap, strict as never, { fieldValidation: 'Strict' }));
  await assert.rejects(
    client.get({ apiVersion: 'nobody.example.com/v1', kind: 'Nothing' }, key(namespace)),
    /the server has no kind Nothing/,
  );
});

const key = (namespace: string) => ({ namespace, name: 'a' });

export const paging = inNamespace(async (client, namespace) => {
  const names = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => client.create(ConfigMap, configMap(namespace, name))));
  const seen: string[] = [];
  const revisions = new Set<string>();
  let pages = 0;
  for await (const page of client.pages(ConfigMap, {
    namespace,
    labelSelector: 'app=real',
    limit: 10,
    managedFields: 'cut',
  })) {
    pages++;
    revisions.add(page.resourceVersion);
    for (const item of page.items) {
      assert.equal(item.kind, 'ConfigMap');
      assert.equal(item.metadata.managedFields, undefined);
      seen.push(item.metadata.name);
    }
    // What is created under way is in none of the pages.
    await client.create(ConfigMap, configMap(namespace, `zz-${pages}`));
  }
  assert.equal(pages, 3);
  assert.equal(revisions.size, 1);
  assert.deepEqual(seen, names);
});

export const watching = inNamespace(async (client, namespace) => {
  await client.create(ConfigMap, configMap(namespace, 'before'));
  const stop = new AbortController();
  const seen: string[] = [];
  const watch = client.watch(ConfigMap, {
    namespace,
    labelSelector: 'app=real',
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    managedFields: 'cut',
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]),
  });
  for await (const message of watch) {
    seen.push(say(message));
    if (message.type === 'BOOKMARK' && seen.length === 2) {
      await client.create(ConfigMap, configMap(namespace, 'a'));
      await client.patch(ConfigMap, { namespace, name: 'a' }, { type: 'merge', body: { data: { x: '1' } } });
      await client.patch(
        ConfigMap,
        { namespace, name: 'a' },
        { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
      );
      await client.delete(ConfigMap, { namespace, name: 'before' });
    }
    if (seen.length === 6) break;
  }
  assert.deepEqual(seen, ['ADDED before', 'BOOKMARK', 'ADDED a', 'MODIFIED a', 'DELETED a', 'DELETED before']);

  const partial: WatchMessage<KubeObject>[] = [];
  for await (const message of client.watch(metadata(ConfigMap), {
    namespace,
    labelSelector: 'app=other',
    timeoutSeconds: 1,
  })) {
    partial.push(message);
  }
  const first = partial[0];
  assert.ok(first?.type === 'ADDED');
  assert.deepEqual(Object.keys(first.object).sort(), ['apiVersion', 'kind', 'metadata']);
  assert.equal(first.object.kind, 'ConfigMap');
});

function say(message: WatchMessage<KubeObject>): string {
  return message.type === 'ADDED' || message.type === 'MODIFIED' || message.type === 'DELETED'
    ? `${message.type} ${message.object.metadata.name}`
    : message.type;
}

export const discovery: Scenario = async (kubeconfig) => {
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  const deployments = await client.discovery.find({ apiVersion: 'apps/v1', kind: 'Deployment' });
  assert.equal(deployments?.plural, 'deployments');
  assert.equal(deployments.scope, 'Namespaced');
  assert.ok(deployments.subresources.includes('scale') && deployments.verbs.includes('watch'));
  assert.equal((await client.discovery.find({ apiVersion: 'v1', kind: 'Namespace' }))?.scope, 'Cluster');
  assert.equal(await client.discovery.find({ apiVersion: 'apps/v1', kind: 'Nothing' }), undefined);
  const untyped = await client.list({ apiVersion: 'v1', kind: 'Namespace' });
  assert.ok(untyped.items.some((item) => item.metadata.name === 'default'));
  const { body } = await client.raw('GET', '/version');
  assert.match(JSON.parse(Buffer.from(body).toString()).minor, /^\d+/);
};

/** A kind of its own, found through discovery, with numbers that a double cannot hold. */
export const bigIntegers: Scenario = async (kubeconfig) => {
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  const group = `client-real-${Date.now().toString(36)}.example.com`;
  const Crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  const Box = { apiVersion: `${group}/v1`, kind: 'Box' };
  const crd = { name: `boxes.${group}` };
  await client.create(Crd, boxDefinition(group) as KubeObject);
  try {
    await served(client, Box);
    const big = 9_007_199_254_740_993n;
    const box = { metadata: { name: 'a', namespace: 'default' }, spec: { big, small: 7, text: '9007199254740993' } };
    const created = await client.create(Box, box as never);
    assert.deepEqual(created.spec, { big, small: 7, text: '9007199254740993' });
    assert.deepEqual((await client.list(Box, { namespace: 'default' })).items[0]?.spec, created.spec);
    const merged = await client.patch(
      Box,
      { namespace: 'default', name: 'a' },
      { type: 'merge', body: { spec: { big: big + 2n } } },
    );
    assert.equal((merged.spec as { big: bigint }).big, big + 2n);
    const strategic = client.patch(Box, { namespace: 'default', name: 'a' }, { type: 'strategic', body: {} });
    const refused = await failure(strategic);
    assert.ok(isUnsupportedMediaType(refused));
    await client.delete(Box, { namespace: 'default', name: 'a' });
  } finally {
    await client.delete(Crd, crd);
  }
};

function boxDefinition(group: string): object {
  const spec = {
    type: 'object',
    properties: { big: { type: 'integer', format: 'int64' }, small: { type: 'integer' }, text: { type: 'string' } },
  };
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  return {
    metadata: { name: `boxes.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'boxes', singular: 'box', kind: 'Box' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

async function served(client: Client, kind: { apiVersion: string; kind: string }): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    client.discovery.forget();
    if (await client.discovery.find(kind)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the CRD was not in discovery within 10 s');
}

export const apply = inNamespace(async (client, namespace) => {
  const intent = { metadata: { name: 'a' }, data: { x: '1' } };
  const applied = await client.patch(
    ConfigMap,
    key(namespace),
    { type: 'apply', body: intent },
    { fieldManager: 'one' },
  );
  assert.deepEqual(applied.data, { x: '1' });
  const other = { metadata: { name: 'a' }, data: { x: '2' } };
  const conflict = await failure(
    client.patch(ConfigMap, key(namespace), { type: 'apply', body: other }, { fieldManager: 'two' }),
  );
  assert.ok(isConflict(conflict));
  const forced = await client.patch(
    ConfigMap,
    key(namespace),
    { type: 'apply', body: other, force: true },
    { fieldManager: 'two' },
  );
  assert.deepEqual(forced.data, { x: '2' });
});

export const expiredRevision: Scenario = async (kubeconfig) => {
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  const first = await client.list(ConfigMap, { limit: 1 });
  assert.ok(first.metadata.resourceVersion);
  // A token of a revision that is compacted or was never: 410 where the server knows, 400 where it cannot read it.
  const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'default/a\u0000' })).toString(
    'base64url',
  );
  const error = await client.list(ConfigMap, { limit: 1, continue: token }).catch((failed: unknown) => failed);
  if (error instanceof Error) assert.ok(isExpired(error), error.message);
};

/** Open watches do not hold up a GET, which answers within 100 ms. */
export const manyWatches: Scenario = async (kubeconfig) => {
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  const stop = new AbortController();
  const { metadata: at } = await client.list(ConfigMap, { limit: 1 });
  const resourceVersion = at.resourceVersion ?? '';
  const watches = Array.from({ length: 300 }, () =>
    client
      .watch(ConfigMap, { resourceVersion, signal: stop.signal })
      [Symbol.asyncIterator]()
      .next()
      .catch(() => undefined),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await client.get(Namespace, { name: 'default' });
    times.push(performance.now() - start);
  }
  stop.abort();
  await Promise.all(watches);
  assert.ok(
    Math.min(...times) < 100,
    `a GET beside 300 watches took ${times.map((time) => Math.round(time)).join(', ')} ms`,
  );
};

export const scenarios: Readonly<Record<string, Scenario>> = {
  everyVerb,
  subresources,
  errors,
  paging,
  watching,
  discovery,
  bigIntegers,
  apply,
  expiredRevision,
  manyWatches,
};
