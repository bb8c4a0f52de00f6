import type { FakeClock } from '@setpoint/apimachinery/clock';
import { controller, gauge, operator } from 'setpoint';
import { inProcessTransport } from 'setpoint/client';
import { ConfigMap, Namespace } from 'setpoint/core/v1';
import { installAccount } from 'setpoint/manager';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'setpoint/rbac.authorization.k8s.io/v1';
import { expect, test } from 'vitest';
import { type TestEnvironment, testEnvironment } from '../src/index.ts';
import { key, Task, task } from './kinds.ts';

const follower = controller(Task, {
  owns: [ConfigMap],
  finalize: () => undefined,
  async reconcile(object, { status, apply, events }) {
    const { name, namespace } = object.metadata;
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: {} });
    if (await status.patch({ seen: object.spec.size })) events.normal('Seen', 'it was seen');
  },
});
const tasks = gauge('tasks', { help: 'How many', reads: [Task], collect: ({ cache }) => cache.list(Task).length });
const confined = operator({ name: 'confined', controllers: [follower], metrics: [tasks] });

async function environment(): Promise<TestEnvironment> {
  const env = await testEnvironment({ kinds: [Task] });
  for (const name of ['one', 'two', 'three']) await env.client.create(Namespace, { metadata: { name } });
  return env;
}

async function grants(env: TestEnvironment): Promise<readonly string[]> {
  const found: string[] = [];
  for (const kind of [Role, RoleBinding, ClusterRole, ClusterRoleBinding]) {
    for (const { metadata } of (await env.client.list(kind)).items) {
      if (metadata.name?.startsWith('confined')) found.push(`${metadata.namespace ?? '*'} ${metadata.name}`);
    }
  }
  return found.sort();
}

test('an operator of some namespaces works with a Role in each and no ClusterRole, and in no other', async () => {
  await using env = await environment();
  await env.start(confined, {
    namespaces: ['one', 'two'],
    metricsBindAddress: '127.0.0.1:0',
    leaderElection: { namespace: 'default' },
  });
  for (const namespace of ['one', 'two', 'three']) await env.client.create(Task, task('a', 3, namespace));
  await env.settled();
  // What is in no namespace, reviews of who may read metrics, is the deployment's.
  expect((await grants(env)).filter((name) => !name.startsWith('*'))).toEqual([
    'default confined-own-role',
    'default confined-own-rolebinding',
    'one confined-role',
    'one confined-rolebinding',
    'two confined-role',
    'two confined-rolebinding',
  ]);
  for (const [namespace, seen] of [
    ['one', 3],
    ['two', 3],
    ['three', undefined],
  ] as const) {
    expect((await env.client.get(Task, key('a', namespace))).status?.seen).toBe(seen);
  }
  await env.client.delete(Task, key('a', 'one'));
  await env.settled();
  expect((await env.client.list(Task)).items.map(({ metadata }) => metadata.namespace)).toEqual(['three', 'two']);
});

test('a namespace that its roles leave out is waited for, with the rule to add and where', async () => {
  await using env = await environment();
  const { user } = await installAccount(env.client, confined, { namespaces: ['one'] });
  expect(await grants(env)).toEqual(['one confined-role', 'one confined-rolebinding']);
  const said: string[] = [];
  const say = (_: object | string, message?: string) => void said.push(message ?? String(_));
  const log = { debug() {}, info() {}, warn: say, error: say, child: () => log };
  await using manager = confined.manager({
    transport: inProcessTransport(env.controlPlane.handle, { user }),
    clock: env.clock,
    log,
    namespaces: ['one', 'two'],
  });
  const running = manager.run();
  await manager.started;
  const rule = '{ apiGroups: ["test.setpoint.dev"], resources: ["tasks"], verbs: ["list", "watch"] }';
  const sentence = `cannot watch tasks.test.setpoint.dev in namespace two: the ServiceAccount default/confined may not. Add the rule ${rule} to a Role in namespace two (or a ClusterRole) that is bound to it; it is tried again until then`;
  expect(said).toContain(sentence);
  await env.client.create(Task, task('a', 3, 'two'));
  await installAccount(env.client, confined, { namespaces: ['one', 'two'] });
  const clock = env.clock as FakeClock;
  const seen = async () => (await env.client.get(Task, key('a', 'two'))).status?.seen;
  for (let i = 0; i < 200 && (await seen()) === undefined; i++) await clock.advance(1000);
  expect(await seen()).toBe(3);
  manager.stop();
  for (let i = 0; i < 50 && manager.state.status !== 'stopped'; i++) await clock.advance(1000);
  await running;
});
