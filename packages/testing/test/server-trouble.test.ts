/** What an operator does while its server misbehaves: on the embedded control plane, with time and wires in hand. */
import { controller } from 'setpoint';
import { Namespace } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { key, Task, task } from './kinds.ts';
import { Rig } from './rig.ts';

/** Writes into the status what it sees in the spec. */
const follower = (seen: string[] = []) =>
  controller(Task, {
    async reconcile(object, { status }) {
      seen.push(`${object.metadata.name}=${object.spec.size}`);
      await status.patch({ seen: object.spec.size });
    },
  });
const statusOf = async (rig: Rig, name: string) => (await rig.client.get(Task, key(name))).status;
const watches = (rig: Rig) => rig.requests.filter((request) => request.includes('watch='));

test('a watch from a compacted revision lists again; what was missed, deletions included, is made up for', async () => {
  const held: string[][] = [];
  const observer = controller(Task, {
    async reconcile(object, { cache, status }) {
      held.push(cache.list(Task).map(({ metadata }) => metadata.name));
      await status.patch({ seen: object.spec.size });
    },
  });
  await using rig = await Rig.start([observer], { kinds: [Task] });
  await rig.client.create(Task, task('gone'));
  await rig.client.create(Task, task('a'));
  await rig.settled();
  rig.fault = ({ url }) => (url.includes('/tasks') ? { code: 503, reason: 'ServiceUnavailable' } : undefined);
  rig.cut();
  await rig.turns();
  await rig.client.delete(Task, key('gone'));
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.client.create(Task, task('new', 3));
  rig.plane.compact();
  rig.fault = () => undefined;
  const before = rig.requests.length;
  await rig.clock.advance(60_000);
  await rig.settled();
  // From the revision it knew, then from none.
  const again = rig.requests.slice(before).filter((request) => request.includes('watch='));
  expect(again[0]).toMatch(/resourceVersion=\d+/);
  expect(again[1]).toContain('sendInitialEvents=true');
  expect([await statusOf(rig, 'a'), await statusOf(rig, 'new')]).toEqual([{ seen: 2 }, { seen: 3 }]);
  expect(held.at(-1)?.sort()).toEqual(['a', 'new']);
});

test('a server that goes silent without closing is noticed after 150 seconds', async () => {
  await using rig = await Rig.start([follower()], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.settled();
  rig.hold = /watch=/;
  await rig.client.patch(Task, key('a'), { type: 'merge', body: { spec: { size: 2 } } });
  await rig.turns();
  const before = watches(rig).length;
  await rig.clock.advance(100_000);
  expect([await statusOf(rig, 'a'), watches(rig).length]).toEqual([{ seen: 1 }, before]);
  rig.hold = undefined;
  await rig.clock.advance(150_000);
  await rig.settled();
  expect(await statusOf(rig, 'a')).toEqual({ seen: 2 });
});

test('a server that restarts with an older revision is believed: everything is taken up anew, and said so', async () => {
  const seen: string[] = [];
  const others: boolean[] = [];
  const observer = controller(Task, {
    reconcile(object, { cache }) {
      seen.push(`${object.metadata.name}=${object.spec.size}`);
      others.push(cache.get(Task, key('only-before')) !== undefined);
    },
  });
  await using rig = await Rig.start([observer], { kinds: [Task] });
  for (const name of ['only-before', 'x', 'y', 'z']) await rig.client.create(Task, task(name));
  await rig.settled();
  const old = Number(rig.plane.revision);
  await rig.replaceServer({ kinds: [Task] });
  await rig.client.create(Task, task('restored', 7));
  expect(Number(rig.plane.revision)).toBeLessThan(old);
  await rig.clock.advance(60_000);
  await rig.settled();
  expect([seen.at(-1), others.at(-1)]).toEqual(['restored=7', false]);
  expect(rig.messages('warn').join()).toMatch(/went back in time, from revision \d+ to \d+: all tasks/);
  // And it goes on from there.
  await rig.client.patch(Task, key('restored'), { type: 'merge', body: { spec: { size: 8 } } });
  await rig.settled();
  expect(seen.at(-1)).toBe('restored=8');
});

test('a kind that is missing at the start is named with what to do, and is taken up once it is there', async () => {
  await using rig = await Rig.start([]);
  const manager = rig.launch([follower()]);
  await rig.turns();
  await rig.clock.advance(11_000);
  expect(rig.messages('warn')).toContainEqual(
    expect.stringContaining(
      'cannot watch tasks.test.setpoint.dev: the server does not have this resource. Install the CustomResourceDefinition tasks.test.setpoint.dev that serves v1 (setpoint install)',
    ),
  );
  expect(rig.messages('warn')).toContainEqual(
    expect.stringMatching(/^still waiting: tasks\.test\.setpoint\.dev is not/),
  );
  await rig.install({ kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.clock.advance(30_000);
  await manager.started;
  await rig.settled();
  expect(await statusOf(rig, 'a')).toEqual({ seen: 1 });
});

test('a kind that is removed while its operator runs is named; the others go on, and so does it once it is back', async () => {
  const namespaces = controller(Namespace, {
    reconcile: (object) => void seen.push(object.metadata.name),
  });
  const seen: string[] = [];
  await using rig = await Rig.start([follower(), namespaces], { kinds: [Task] });
  await rig.client.create(Task, task('a'));
  await rig.settled();
  const { CustomResourceDefinition } = await import('setpoint/apiextensions.k8s.io/v1');
  await rig.client.delete(CustomResourceDefinition, { name: 'tasks.test.setpoint.dev' });
  await rig.clock.advance(30_000);
  expect(rig.messages('warn').join()).toMatch(/cannot (list|watch) tasks.test.setpoint.dev: the server does not have/);
  await rig.client.create(Namespace, { metadata: { name: 'later' } });
  await rig.settled();
  expect(seen.at(-1)).toBe('later');
  await rig.install({ kinds: [Task] });
  await rig.client.create(Task, task('b', 5));
  await rig.clock.advance(60_000);
  await rig.settled();
  expect(await statusOf(rig, 'b')).toEqual({ seen: 5 });
});

test('a missing permission is named with verb, kind and what to add, once, and asked for until it is there', async () => {
  await using rig = await Rig.start([], { kinds: [Task] });
  rig.fault = ({ url }) => (url.includes('/tasks') ? { code: 403, reason: 'Forbidden' } : undefined);
  const manager = rig.launch([follower()]);
  await rig.clock.advance(9000);
  expect(rig.messages('warn')).toEqual([
    'cannot watch tasks.test.setpoint.dev: Forbidden by the test. Add the rule { apiGroups: ["test.setpoint.dev"], resources: ["tasks"], verbs: ["list", "watch"] } to a ClusterRole that is bound to it; it is tried again until then',
  ]);
  rig.fault = () => undefined;
  await manager.started;
  await rig.clock.advance(30_000);
  expect(rig.messages('info').join()).toMatch(/up to date again after \d+ s/);
});

test('a role without the namespace kube-system costs one quiet refusal', async () => {
  await using rig = await Rig.start([], { kinds: [Task] });
  rig.fault = ({ url }) => (url.includes('kube-system') ? { code: 403, reason: 'Forbidden' } : undefined);
  await rig.run([follower()]);
  await rig.client.create(Task, task('a'));
  await rig.settled();
  rig.cut();
  await rig.clock.advance(60_000);
  await rig.settled();
  expect(rig.requests.filter((request) => request.includes('kube-system'))).toHaveLength(1);
  expect(rig.messages().filter((message) => /kube-system|orbidden/.test(message))).toEqual([]);
  expect(await statusOf(rig, 'a')).toEqual({ seen: 1 });
});

test('an operator of several namespaces lists, watches and reconciles those, and no other', async () => {
  await using rig = await Rig.start([], { kinds: [Task] });
  for (const name of ['one', 'two', 'three']) await rig.client.create(Namespace, { metadata: { name } });
  const seen: string[] = [];
  const observer = controller(Task, {
    reconcile(object, { cache }) {
      seen.push(`${object.metadata.namespace}/${object.metadata.name} of ${cache.list(Task).length}`);
      expect(() => cache.list(Task, { namespace: 'three' })).toThrow('Add the namespace to those');
    },
  });
  await rig.run([observer], { namespaces: ['one', 'two'] });
  for (const name of ['one', 'two', 'three']) await rig.client.create(Task, task('a', 1, name));
  await rig.settled();
  expect(seen.at(-1)).toBe('two/a of 2');
  expect(seen.map((line) => line.split(' ')[0])).toEqual(['one/a', 'two/a']);
  expect(watches(rig).every((request) => /namespaces\/(one|two)\/tasks/.test(request))).toBe(true);
});
