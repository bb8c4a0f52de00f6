import { type TestEnvironment, testEnvironment } from '@setpoint/testing';
import { Pod } from 'setpoint/core/v1';
import { Event } from 'setpoint/events.k8s.io/v1';
import { expect, test } from 'vitest';
import { Foo } from '../src/api/v1/foo.ts';
import operator from '../src/operator.ts';

const namespace = 'default';
const foo = (name: string, friend: string) => ({ metadata: { name, namespace }, spec: { name: friend } });
const pod = (name: string) => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'ubuntu' }] },
});

async function happiness(env: TestEnvironment) {
  await env.settled();
  const { items } = await env.client.list(Foo);
  return Object.fromEntries(items.map(({ metadata, status }) => [metadata.name, status?.happy]));
}

test('the walk-through: create two Foos, create a Pod, edit a Foo, delete the Pod', async () => {
  await using env = await testEnvironment({ kinds: [Foo] });
  await env.start(operator);

  await env.client.create(Foo, foo('foo-1', 'jack'));
  await env.client.create(Foo, foo('foo-2', 'joe'));
  expect(await happiness(env)).toEqual({ 'foo-1': false, 'foo-2': false });

  await env.client.create(Pod, pod('jack'));
  expect(await happiness(env)).toEqual({ 'foo-1': true, 'foo-2': false });

  await env.client.patch(Foo, { name: 'foo-2', namespace }, { type: 'merge', body: { spec: { name: 'jack' } } });
  expect(await happiness(env)).toEqual({ 'foo-1': true, 'foo-2': true });

  await env.client.delete(Pod, { name: 'jack', namespace }, { gracePeriodSeconds: 0 });
  expect(await happiness(env)).toEqual({ 'foo-1': false, 'foo-2': false });

  const { items } = await env.client.list(Event, { namespace });
  const events = items.filter(({ regarding }) => regarding?.kind === 'Foo');
  expect(events.map(({ regarding, reason, note }) => `${regarding?.name} ${reason}: ${note}`).sort()).toEqual([
    'foo-1 HappyChanged: happy is now false',
    'foo-1 HappyChanged: happy is now true',
    'foo-2 HappyChanged: happy is now false',
    'foo-2 HappyChanged: happy is now true',
  ]);
});

test('a Foo that was there before the operator is reconciled when it starts', async () => {
  await using env = await testEnvironment({ kinds: [Foo] });
  await env.client.create(Pod, pod('jack'));
  await env.client.create(Foo, foo('foo-1', 'jack'));
  await env.start(operator);
  expect(await happiness(env)).toEqual({ 'foo-1': true });
});

test('what happens to a Pod between its creation and its end writes nothing', async () => {
  await using env = await testEnvironment({ kinds: [Foo] });
  await env.start(operator);
  await env.client.create(Foo, foo('foo-1', 'jack'));
  await env.client.create(Pod, pod('jack'));
  await env.settled();
  const before = (await env.client.get(Foo, { name: 'foo-1', namespace })).metadata.resourceVersion;
  await env.client.patch(
    Pod,
    { name: 'jack', namespace },
    { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
  );
  await env.settled();
  expect((await env.client.get(Foo, { name: 'foo-1', namespace })).metadata.resourceVersion).toBe(before);
});

test('a Foo without a friend is refused by the API server', async () => {
  await using env = await testEnvironment({ kinds: [Foo] });
  const broken = { metadata: { name: 'foo-1', namespace }, spec: {} } as ReturnType<typeof foo>;
  await expect(env.client.create(Foo, broken)).rejects.toThrow('spec.name: Required value');
});
