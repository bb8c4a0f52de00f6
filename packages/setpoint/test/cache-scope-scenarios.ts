/**
 * What an operator keeps in memory, against a server that is there: each export is a scenario that takes a kubeconfig
 * and rejects with what was seen where something else was expected.
 */
import assert from 'node:assert/strict';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { createClient, loadConfig } from '../src/client/index.ts';
import { controller, watch } from '../src/controller/index.ts';
import { isNotFound } from '../src/errors/index.ts';
import { ConfigMap, Namespace } from '../src/kinds/builtin/core/v1.ts';
import { cacheOf, defineKind, dropping, dynamicKind, index, metadata, onCluster } from '../src/kinds/index.ts';
import { installAccount, operator } from '../src/manager/index.ts';
import { crdManifest } from '../src/manifests/index.ts';
import { type LogLine, recordingLog } from './fake/log.ts';

const Definition = dynamicKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  scope: 'Cluster',
});

/**
 * An operator without rights says which rules are missing, and works once its Roles in two namespaces are there; of a
 * third it sees nothing.
 */
export async function worksInItsNamespaces(kubeconfig: string): Promise<void> {
  const { config, client, namespaces, ...world } = await worldOf(kubeconfig, 3);
  const [a = '', b = '', c = ''] = namespaces;
  const seen = new Set<string>();
  const watching = controller(ConfigMap, {
    name: 'watching',
    predicates: [({ new: now }) => now?.metadata.name === 'mine'],
    reconcile(object, { cache }) {
      if (object.metadata.name === 'mine') seen.add(`${object.metadata.namespace}`);
      const others = cache.list(ConfigMap).filter(({ metadata }) => metadata.namespace === c);
      assert.deepEqual(others, [], 'nothing of another namespace is in the cache');
    },
  });
  const parts = { name: 'scope-operator', controllers: [watching] };
  await client.create(ServiceAccount, { metadata: { namespace: a, name: parts.name } });
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${a}`, 'system:authenticated'];
  const impersonate = { user: `system:serviceaccount:${a}:${parts.name}`, groups };
  const user = createClient({ config: { ...config, impersonate } });
  const lines: LogLine[] = [];
  const manager = operator(parts).manager({ client: user, namespaces: [a, b], log: recordingLog(lines) });
  const running = manager.run();
  running.catch(() => undefined);
  try {
    for (const namespace of namespaces) await client.create(ConfigMap, { metadata: { namespace, name: 'mine' } });
    const rule = '{ apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"] }';
    const said = (namespace: string) =>
      `the ServiceAccount ${a}/scope-operator may not. Add the rule ${rule} to a Role in namespace ${namespace}`;
    await until('what is missing is said', async () =>
      [a, b].every((namespace) => lines.some(({ message }) => message.includes(said(namespace)))),
    );
    await installAccount(client, parts, { namespace: a, namespaces: [a, b] });
    await until('both namespaces are seen', async () => seen.size === 2);
    assert.deepEqual([...seen].sort(), [a, b].sort());
  } finally {
    manager.stop();
    await running;
    await user.close();
    await world.close();
  }
}

/** Only what a selector names is kept, and of that only what a transform leaves; or the metadata alone. */
export async function keepsAPart(kubeconfig: string): Promise<void> {
  const { client, namespaces, ...world } = await worldOf(kubeconfig, 1);
  const [namespace = ''] = namespaces;
  const make = (name: string, app: string) =>
    client.create(ConfigMap, { metadata: { namespace, name, labels: { app } }, data: { small: 'a', large: 'b' } });
  await make('one', 'web');
  await make('two', 'other');
  let found: { readonly whole: unknown[]; readonly part: string[] } | undefined;
  const reading = controller(ConfigMap, {
    name: 'reading',
    reads: [metadata(ConfigMap)],
    reconcile(_, { cache }) {
      const whole = cache.list(ConfigMap, { namespace }).map(({ metadata: { name }, data }) => [name, data]);
      const part = cache.list(metadata(ConfigMap), { namespace }).map((object) => Object.keys(object).sort().join());
      found = { whole, part };
    },
  });
  const cache = [cacheOf(ConfigMap, { labelSelector: 'app=web', transform: dropping('.data.large') })];
  const manager = operator({ name: 'part-operator', controllers: [reading], cache }).manager({ client });
  const running = manager.run();
  running.catch(() => undefined);
  try {
    await manager.started;
    await until('one object is seen', async () => found !== undefined);
    assert.deepEqual(found, { whole: [['one', { small: 'a' }]], part: ['apiVersion,kind,metadata'] });
    await client.patch(
      ConfigMap,
      { namespace, name: 'two' },
      { type: 'merge', body: { metadata: { labels: { app: 'web' } } } },
    );
    await until('what comes into the selection is seen', async () => found?.whole.length === 2);
    await client.patch(
      ConfigMap,
      { namespace, name: 'one' },
      { type: 'merge', body: { metadata: { labels: { app: 'x' } } } },
    );
    await make('three', 'web');
    await until('what leaves it is gone', async () => {
      const names = found?.whole.map((entry) => (entry as string[])[0]).sort();
      return JSON.stringify(names) === '["three","two"]';
    });
  } finally {
    manager.stop();
    await running;
    await world.close();
  }
}

/** What a second cluster holds is read, watched and written beside the own one. */
export async function mirrorsASecondCluster(kubeconfig: string, second: string): Promise<void> {
  const { client, namespaces, ...world } = await worldOf(kubeconfig, 1);
  const [namespace = ''] = namespaces;
  await using edge = createClient({ config: await loadConfig({ kubeconfig: second }) });
  const EdgeMap = onCluster('edge', ConfigMap);
  const bySource = index(EdgeMap, (map) => map.metadata.labels?.mirror);
  const mirror = controller.keyed({
    name: 'mirror',
    reads: [bySource],
    watches: [watch(EdgeMap, { enqueue: (map) => (map.metadata.labels?.mirror ? map.metadata.name : undefined) })],
    async reconcile(name: string, { cache, client }) {
      const source = cache.lookup(bySource, 'yes').find(({ metadata }) => metadata.name === name);
      if (!source) return;
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: source.data ?? {} };
      await client.patch(ConfigMap, { namespace, name }, { type: 'apply', body, force: true });
      if (source.metadata.annotations?.seen) return;
      const seen = { metadata: { annotations: { seen: 'yes' } } };
      await client.patch(EdgeMap, { namespace: 'default', name }, { type: 'merge', body: seen });
      const present = cache.get(EdgeMap, { namespace: 'default', name });
      assert.equal(present?.metadata.annotations?.seen, 'yes', 'own writes are visible there, too');
    },
  });
  const config = await loadConfig({ kubeconfig });
  const clusters = { edge: { config: await loadConfig({ kubeconfig: second }) } };
  const manager = operator({ name: 'two-clusters', controllers: [mirror] }).manager({ config, clusters });
  const running = manager.run();
  running.catch(() => undefined);
  try {
    await manager.started;
    const metadata = { namespace: 'default', name: namespace, labels: { mirror: 'yes' } };
    await edge.create(ConfigMap, { metadata, data: { a: 'b' } });
    const copy = { namespace, name: namespace };
    await until('it is mirrored', async () =>
      client.get(ConfigMap, copy).then(({ data }) => data?.a === 'b', isNotThere),
    );
    await edge.patch(ConfigMap, metadata, { type: 'merge', body: { data: { a: 'c' } } });
    await until('a change is mirrored', async () => (await client.get(ConfigMap, copy)).data?.a === 'c');
    assert.equal((await edge.get(ConfigMap, metadata)).metadata.annotations?.seen, 'yes');
  } finally {
    manager.stop();
    await running;
    await world.close();
  }
}

/** A kind whose definition comes while the operator runs, goes, and comes back. */
export async function waitsForItsKind(kubeconfig: string): Promise<void> {
  const { client, namespaces, ...world } = await worldOf(kubeconfig, 1);
  const [namespace = ''] = namespaces;
  const Late = defineKind({ group: `late.${namespace}.setpoint.dev`, version: 'v1', kind: 'Late' });
  const definition = { name: `lates.${Late.group}` };
  const passes: string[] = [];
  const note =
    (name: string) =>
    (object: { readonly metadata: { readonly name: string } }): void =>
      void passes.push(`${name} ${object.metadata.name}`);
  const controllers = [
    controller(Late, { reconcile: note('late') }),
    controller(ConfigMap, { namespace, reconcile: note('map') }),
    controller(ConfigMap, { name: 'resting', namespace, reads: [Late], reconcile: note('resting') }),
  ];
  const lines: LogLine[] = [];
  const manager = operator({ name: 'late-operator', controllers }).manager({ client, log: recordingLog(lines) });
  const running = manager.run();
  running.catch(() => undefined);
  const saw = (pass: string) => async () => passes.includes(pass);
  const warned = (text: string) => async () => lines.some(({ message }) => message.includes(text));
  try {
    await manager.started;
    await client.create(ConfigMap, { metadata: { namespace, name: 'first' } });
    await until('others work', saw('map first'));
    assert.ok(!passes.some((pass) => pass.startsWith('resting')), 'who reads it waits');

    await client.create(Definition, crdManifest(Late) as never);
    const create = (name: string) =>
      client.create(Late, { metadata: { namespace, name } }).then(() => true, isNotThere);
    await until('the kind is served', () => create('one'));
    await until('its controller starts', saw('late one'));
    await until('who reads it starts', saw('resting first'));

    await client.delete(Definition, definition);
    await until('the definition is gone', () => client.get(Definition, definition).then(() => false, isNotFound));
    await until('what rests on it pauses', warned('paused: waiting for what is missing'));
    await client.create(ConfigMap, { metadata: { namespace, name: 'second' } });
    await until('others go on', saw('map second'));
    assert.ok(!passes.includes('resting second'), 'who reads it pauses');

    await client.create(Definition, crdManifest(Late) as never);
    await until('the kind is served again', () => create('two'));
    await until('its controller goes on', saw('late two'));
    await until('who reads it goes on', saw('resting second'));
  } finally {
    manager.stop();
    await running;
    await client.delete(Definition, definition).catch(() => undefined);
    await world.close();
  }
}

const ServiceAccount = dynamicKind({ group: '', version: 'v1', kind: 'ServiceAccount' });

async function worldOf(kubeconfig: string, count: number) {
  const config = await loadConfig({ kubeconfig });
  const client = createClient({ config, fieldManager: 'cache-scope' });
  const namespaces: string[] = [];
  for (let i = 0; i < count; i++) {
    namespaces.push((await client.create(Namespace, { metadata: { generateName: 'cache-scope-' } })).metadata.name);
  }
  const close = async () => {
    for (const name of namespaces) await client.delete(Namespace, { name });
    await client.close();
  };
  return { config, client, namespaces, close };
}

function isNotThere(error: unknown): false {
  if (!isNotFound(error)) throw error;
  return false;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what}: not within three minutes`);
    await sleep(systemClock, 50);
  }
}
