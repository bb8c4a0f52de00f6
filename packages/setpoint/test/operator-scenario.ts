/**
 * What a running operator promises, against a server that is there: each export is a scenario that takes a kubeconfig
 * and rejects with what was seen where something else was expected.
 */
import assert from 'node:assert/strict';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { z } from 'zod';
import { type Client, createClient, loadConfig } from '../src/client/index.ts';
import { controller } from '../src/controller/index.ts';
import { isNotFound } from '../src/errors/index.ts';
import { ConfigMap, Namespace } from '../src/kinds/builtin/core/v1.ts';
import { defineKind, dynamicKind } from '../src/kinds/index.ts';
import { operator } from '../src/manager/index.ts';
import { crdManifest } from '../src/manifests/index.ts';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  observedGeneration: z.number().int().optional(),
  lastTransitionTime: z.string(),
  reason: z.string(),
  message: z.string(),
});

const Box = defineKind({
  group: 'operator.real.setpoint.dev',
  version: 'v1',
  kind: 'Box',
  spec: z.object({ text: z.string(), color: z.string().optional() }),
  status: z.object({ bytes: z.number().int().optional(), conditions: z.array(condition).optional() }),
});

const CustomResourceDefinition = dynamicKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  scope: 'Cluster',
});
const Event = dynamicKind({ group: 'events.k8s.io', version: 'v1', kind: 'Event' });

const boxController = (namespace: string, finalized: string[]) =>
  controller(Box, {
    namespace,
    owns: [ConfigMap],
    default: (box) => {
      box.spec.color ??= 'blue';
    },
    validate: (box) => (box.spec.text === '' ? ['spec.text is empty'] : []),
    finalize: (box) => void finalized.push(box.metadata.name),
    async reconcile(box, { apply, cache, status, conditions }) {
      const name = `${box.metadata.name}-text`;
      await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: box.spec.text } });
      assert.equal(cache.get(ConfigMap, { namespace, name })?.data?.text, box.spec.text, 'own writes are visible');
      conditions.set({ type: 'Ready', status: 'True', reason: 'Applied' });
      await status.patch({ bytes: Buffer.byteLength(box.spec.text) });
    },
  });

/** Finalizer, default, apply, status, conditions, validation, repair and deletion, with the requests they cost. */
export async function ownsItsChildren(kubeconfig: string): Promise<void> {
  const config = await loadConfig({ kubeconfig });
  const requests: string[] = [];
  await using client = createClient({ config, fieldManager: 'operator-real' });
  await using observed = createClient({ config, observe: ({ method, code }) => requests.push(`${method} ${code}`) });
  await install(client);
  const namespace = (await client.create(Namespace, { metadata: { generateName: 'operator-real-' } })).metadata.name;
  const finalized: string[] = [];
  const run = operator({ name: 'box-operator', controllers: [boxController(namespace, finalized)] });
  await using manager = run.manager({ client: observed });
  const running = manager.run();
  running.catch(() => undefined);
  const box = { namespace, name: 'b' };
  const child = { namespace, name: 'b-text' };
  const writes = () => requests.filter((request) => !request.startsWith('GET')).length;
  try {
    await manager.started;
    await client.create(Box, { metadata: box, spec: { text: 'hello' } });
    await until('the box is reconciled', async () => (await client.get(Box, box)).status?.conditions?.length === 2);
    const made = await client.get(Box, box);
    assert.deepEqual([made.spec.color, made.status?.bytes], ['blue', 5]);
    assert.deepEqual(made.metadata.finalizers, ['operator.real.setpoint.dev/box']);
    const owner = (await client.get(ConfigMap, child)).metadata.ownerReferences?.[0];
    assert.deepEqual([owner?.uid, owner?.controller], [made.metadata.uid, true]);

    await quiet(writes);
    const before = writes();
    await client.patch(Box, box, { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
    await sleep(systemClock, 500);
    assert.equal(writes(), before, 'a pass that changes nothing costs no write');

    await client.patch(ConfigMap, child, { type: 'merge', body: { data: { text: 'other' } } });
    await until('the child is repaired', async () => (await client.get(ConfigMap, child)).data?.text === 'hello');
    await client.delete(ConfigMap, child);
    await until('the child is back', () => client.get(ConfigMap, child).then(() => true, isNotThere));

    await client.patch(Box, box, { type: 'merge', body: { spec: { text: '' } } });
    const outcome = async () =>
      (await client.get(Box, box)).status?.conditions?.find(({ type }) => type === 'Reconciled');
    await until('it is told invalid', async () => (await outcome())?.reason === 'Invalid');
    await until('an Event says so', async () => {
      const events = await client.list(Event, { namespace });
      return events.items.some(
        (event) => event.reason === 'ProcessingError' && event.note === 'invalid: spec.text is empty',
      );
    });

    await client.delete(Box, box);
    await until('the box is gone', () => client.get(Box, box).then(() => false, isNotFound));
    assert.deepEqual(finalized, ['b']);
  } finally {
    manager.stop();
    await running;
    await clean(client, namespace);
  }
}

function isNotThere(error: unknown): false {
  if (!isNotFound(error)) throw error;
  return false;
}

async function install(client: Client): Promise<void> {
  const crd = crdManifest(Box);
  await client.create(CustomResourceDefinition, crd as never);
  await until('the kind is served', () => client.list(Box).then(() => true, isNotThere));
}

async function clean(client: Client, namespace: string): Promise<void> {
  for (const { metadata } of (await client.list(Box, { namespace })).items) {
    const key = { namespace, name: metadata.name };
    await client.patch(Box, key, { type: 'merge', body: { metadata: { finalizers: null } } });
    await client.delete(Box, key).catch(() => undefined);
  }
  await client.deleteCollection(ConfigMap, { namespace, all: true });
  await client.delete(CustomResourceDefinition, { name: 'boxes.operator.real.setpoint.dev' });
  // A bare kube-apiserver has no namespace controller, so its part is played here.
  await client.delete(Namespace, { name: namespace });
  const left = await client.get(Namespace, { name: namespace }).catch(() => undefined);
  if (left) await client.update(Namespace, { ...left, spec: { finalizers: [] } }, { subresource: 'finalize' });
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + 15_000;
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited 15 s in vain: ${what}`);
    await sleep(systemClock, 50);
  }
}

/** Waits until half a second went by without a write. */
async function quiet(writes: () => number): Promise<void> {
  for (let before = -1; before !== writes(); ) {
    before = writes();
    await sleep(systemClock, 500);
  }
}
