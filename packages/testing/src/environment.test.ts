import { type FakeClock, sleep, systemClock } from '@setpoint/apimachinery/clock';
import { controller, defineKind, operator } from 'setpoint';
import { ConfigMap } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testEnvironment } from './environment.ts';

const Task = defineKind({
  group: 'test.setpoint.dev',
  version: 'v1',
  kind: 'Task',
  spec: z.object({ seconds: z.number().int() }),
  status: z.object({ passes: z.number().int().optional() }),
});
const task = (name: string, seconds: number) => ({ metadata: { name, namespace: 'default' }, spec: { seconds } });
const key = (name: string) => ({ name, namespace: 'default' });

/** Counts its passes, and comes back after the seconds that the object says. */
function counting() {
  return operator({
    controllers: [
      controller(Task, {
        async reconcile(object, { status }) {
          await status.patch({ passes: (object.status?.passes ?? 0) + 1 });
          return { requeueAfter: `${object.spec.seconds}s` };
        },
      }),
    ],
  });
}

test('settled leaves alone what is due later than the horizon; advance brings it about', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  await env.start(counting());
  await env.client.create(Task, task('a', 3600));
  await env.settled();
  expect((await env.client.get(Task, key('a'))).status).toEqual({ passes: 1 });
  await env.advance('1h');
  expect((await env.client.get(Task, key('a'))).status).toEqual({ passes: 2 });
});

test('a six-hour back-off takes no time', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const at: number[] = [];
  const failing = controller(Task, {
    backoff: { initial: '1s', maximum: '6h' },
    reconcile(_, { clock }) {
      at.push(clock.now());
      throw new Error('no luck');
    },
  });
  await env.start(operator({ controllers: [failing] }));
  await env.client.create(Task, task('a', 1));
  await env.settled({ horizon: '24h' });
  const waits = at.slice(1).map((time, i) => Math.round((time - (at[i] ?? 0)) / 1000));
  expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
  // What a resync leads to in between does not count.
  const due = 2 ** 15 - 1 + 6 * 3600;
  expect(at.map((time) => Math.round((time - (at[0] ?? 0)) / 1000))).toContain(due);
});

test('settled may take its time as long as the clock moves', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  let passes = 0;
  const slow = controller(Task, {
    reconcile() {
      passes++;
      const until = systemClock.monotonic() + 60;
      while (systemClock.monotonic() < until);
      return { requeueAfter: '1s' };
    },
  });
  await env.start(operator({ controllers: [slow] }));
  await env.client.create(Task, task('a', 1));
  await env.settled({ horizon: '20s', timeout: '1s' });
  expect(passes).toBeGreaterThan(20);
});

test('reset forgets objects and operators, and installs the kinds again', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  await env.start(counting());
  await env.client.create(Task, task('a', 3600));
  await env.settled();
  await env.reset();
  expect((await env.client.list(Task)).items).toEqual([]);
  await env.client.create(Task, task('a', 3600));
  await env.settled();
  expect((await env.client.get(Task, key('a'))).status).toBeUndefined();
});

test('reset takes milliseconds, whatever was there', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    await env.start(counting());
    for (let i = 0; i < 50; i++) await env.client.create(Task, task(`t${i}`, 3600));
    await env.settled();
    const before = performance.now();
    await env.reset();
    times.push(performance.now() - before);
  }
  expect(Math.min(...times), times.join()).toBeLessThan(100);
});

test('a pass that does not end holds up neither reset nor close', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  await env.start(operator({ controllers: [controller(Task, { reconcile: () => new Promise<never>(() => {}) })] }));
  await env.client.create(Task, task('a', 1));
  await expect(env.settled({ timeout: '50ms' })).rejects.toThrow('1 passes run');
  await env.reset();
  expect((await env.client.list(Task)).items).toEqual([]);
});

test('a closed environment leaves no timer behind', async () => {
  const env = await testEnvironment({ kinds: [Task] });
  await env.start(counting());
  await env.client.create(Task, task('a', 3600));
  await env.settled();
  await env.close();
  expect((env.clock as FakeClock).nextDue()).toBeUndefined();
});

test('the same seed gives the same names', async () => {
  const name = async () => {
    await using env = await testEnvironment({ seed: 7 });
    const created = await env.client.create(ConfigMap, { metadata: { generateName: 'x-', namespace: 'default' } });
    return created.metadata.name;
  };
  expect(await name()).toBe(await name());
});

test('a pass that waits for the clock is given the time, up to the horizon', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const patient = controller(Task, {
    async reconcile(object, { clock, signal, status }) {
      await sleep(clock, object.spec.seconds * 1000, { signal });
      await status.patch({ passes: 1 });
    },
  });
  await env.start(operator({ controllers: [patient] }));
  await env.client.create(Task, task('a', 60));
  await env.settled({ horizon: '2m' });
  expect((await env.client.get(Task, key('a'))).status).toEqual({ passes: 1 });
});

test('a pass that never ends is named when nothing settles', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const endless = controller(Task, {
    reconcile: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  await env.start(operator({ controllers: [endless] }));
  await env.client.create(Task, task('a', 1));
  await expect(env.settled({ timeout: '200ms' })).rejects.toThrow(/controller task: 1 passes run.*\(seed setpoint\)/);
});

test('on the system clock it settles too', async () => {
  await using env = await testEnvironment({ kinds: [Task], clock: 'system' });
  await env.start(counting());
  await env.client.create(Task, task('a', 3600));
  await env.settled();
  expect((await env.client.get(Task, key('a'))).status).toEqual({ passes: 1 });
  await expect(env.advance('1s')).rejects.toThrow('only a fake clock can be moved');
});

test('two environments know nothing of each other', async () => {
  await using one = await testEnvironment({ kinds: [Task] });
  await using other = await testEnvironment({ kinds: [Task] });
  await one.client.create(Task, task('a', 1));
  expect((await other.client.list(Task)).items).toEqual([]);
});

/** Writes a ConfigMap for each task, and says so or does not. */
function mapping(permissions: 'declared' | 'forgotten', met: (error: unknown) => void) {
  const mapper = controller(Task, {
    permissions: permissions === 'declared' ? [{ kind: ConfigMap, verbs: ['create'] }] : [],
    async reconcile({ metadata }, { client }) {
      const { name, namespace } = metadata;
      await client.create(ConfigMap, { metadata: { name, namespace } }).catch((error) => {
        met(error);
        throw error;
      });
    },
  });
  return operator({ name: 'mapper', controllers: [mapper] });
}

test('an operator may do what it declares; what it forgot fails the test with the rule that it takes', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const errors: unknown[] = [];
  await env.start(mapping('forgotten', (error) => errors.push(error)));
  await env.client.create(Task, task('a', 1));
  await expect(env.settled()).rejects.toThrow(
    [
      'the operator mapper may not create configmaps in default: its generated role lacks',
      '---',
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: Role',
      'metadata:',
      '  name: mapper-role',
      '  namespace: default',
      'rules:',
      '- apiGroups:',
      "  - ''",
      '  resources:',
      '  - configmaps',
      '  verbs:',
      '  - create',
      'Declare it in the controller (reads, watches, owns, writes, or permissions), and the role has it.',
    ].join('\n'),
  );
  expect(String(errors[0])).toContain('cannot create resource "configmaps"');
  await env.start(mapping('declared', () => {}));
  await env.settled({ horizon: '1m' });
  expect((await env.client.get(ConfigMap, key('a'))).metadata.name).toBe('a');
});

test('a refusal that nobody asked about fails the end of the test; one that is ignored does not', async () => {
  const refused = async (refusals: 'fail' | 'ignore') => {
    const env = await testEnvironment({ kinds: [Task] });
    let met = false;
    const forgetful = mapping('forgotten', () => {
      met = true;
    });
    await env.start(forgetful, { refusals });
    await env.client.create(Task, task('a', 1));
    await expect.poll(() => met).toBe(true);
    await env.close();
  };
  await expect(refused('fail')).rejects.toThrow('may not create configmaps in default');
  await refused('ignore');
});

test('what may not be listed fails the start, which would wait for ever', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const withoutRights = { ...counting(), controllers: [] };
  await expect(env.start(withoutRights)).rejects.toThrow(/the operator operator may not (list|watch) tasks/);
});

test('who asks for an administrator gets one', async () => {
  await using env = await testEnvironment({ kinds: [Task] });
  const errors: unknown[] = [];
  await env.start(
    mapping('forgotten', (error) => errors.push(error)),
    { as: 'administrator' },
  );
  await env.client.create(Task, task('a', 1));
  await env.settled();
  expect(errors).toEqual([]);
});
