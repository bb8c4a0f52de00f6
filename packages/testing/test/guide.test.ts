/** The examples of docs/testing.md, run. What stands there stands here, word for word. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, runPass, testEnvironment } from '@setpoint/testing';
import { controller, defineKind, operator } from 'setpoint';
import { Deployment } from 'setpoint/apps/v1';
import { Pod } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { z } from 'zod';

const Lamp = defineKind({
  group: 'home.example.com',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ on: z.boolean() }),
  status: z.object({ lit: z.boolean().optional() }),
});

/** What no watch tells of: the lamp is looked at every hour. */
let power = true;

const lampController = controller(Lamp, {
  async reconcile(lamp, { status, events }) {
    const lit = lamp.spec.on && power;
    if (await status.patch({ lit })) events.normal('Switched', `lit is now ${lit}`);
    return { requeueAfter: '1h' };
  },
});

test('one pass over objects in memory', async () => {
  const lamp = {
    apiVersion: 'home.example.com/v1',
    kind: 'Lamp',
    metadata: { name: 'desk', namespace: 'default' },
    spec: { on: true },
  };
  const { outcome, object, writes, events } = await runPass(lampController, [lamp]);
  expect(outcome).toEqual({ type: 'requeueAfter', after: 3_600_000 });
  expect(object).toMatchObject({ status: { lit: true } });
  expect(writes).toMatchObject([{ verb: 'patch', subresource: 'status' }]);
  expect(events).toEqual([{ type: 'Normal', reason: 'Switched', note: 'lit is now true' }]);
});

test('the operator on a control plane', async () => {
  await using env = await testEnvironment({ kinds: [Lamp] });
  await env.start(operator({ controllers: [lampController] }));
  const desk = { name: 'desk', namespace: 'default' };
  await env.client.create(Lamp, { metadata: desk, spec: { on: true } });
  await env.settled();
  expect((await env.client.get(Lamp, desk)).status).toEqual({ lit: true });
});

test('what an hour brings', async () => {
  await using env = await testEnvironment({ kinds: [Lamp] });
  await env.start(operator({ controllers: [lampController] }));
  const desk = { name: 'desk', namespace: 'default' };
  await env.client.create(Lamp, { metadata: desk, spec: { on: true } });
  await env.settled();
  power = false;
  await env.settled();
  expect((await env.client.get(Lamp, desk)).status).toEqual({ lit: true });
  await env.advance('1h');
  expect((await env.client.get(Lamp, desk)).status).toEqual({ lit: false });
});

test('a clock in the hand of the test', async () => {
  const clock = new FakeClock();
  const before = clock.now();
  await clock.advance(60_000);
  expect(clock.now() - before).toBe(60_000);
});

test('pods run and become ready by themselves', async () => {
  await using env = await testEnvironment();
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  await env.client.create(Deployment, { metadata: { name: 'web', namespace: 'default' }, spec });
  await env.settled();
  const { status } = await env.client.get(Deployment, { name: 'web', namespace: 'default' });
  expect(status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
});

test('rules say what becomes of pods', async () => {
  await using env = await testEnvironment({
    pods: [
      { match: { labels: { app: 'slow' } }, readyAfter: '30s', log: 'starting' },
      { match: { image: /broken/ }, exitCode: 1 },
      { match: { owner: { kind: 'Job' } }, runsFor: '5m', exitCode: [1, 0] },
    ],
  });
  const metadata = { name: 'slow', namespace: 'default' };
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await env.client.create(Pod, { metadata: { ...metadata, labels: { app: 'slow' } }, spec });
  const isReady = async () => {
    const { status } = await env.client.get(Pod, metadata);
    return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  };
  await env.settled();
  expect(await isReady()).toBe('False');
  const remove = env.controlPlane.pods.add({ match: { name: 'slow' }, readyAfter: '5s' });
  await env.advance('5s');
  expect(await isReady()).toBe('True');
  remove();
});

test('one environment for many tests', async () => {
  await using env = await testEnvironment({ kinds: [Lamp], seed: 7 });
  await env.client.create(Lamp, { metadata: { name: 'desk', namespace: 'default' }, spec: { on: true } });
  await env.reset();
  expect((await env.client.list(Lamp)).items).toEqual([]);
  expect(env.seed).toBe(7);
});

test('docs/testing.md shows what stands here', async () => {
  const here = unindented(await readFile(import.meta.filename, 'utf8'));
  const guide = await readFile(join(import.meta.dirname, '../../../docs/testing.md'), 'utf8');
  const examples = Array.from(guide.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code as string);
  expect(examples.length).toBeGreaterThanOrEqual(4);
  for (const example of examples) expect(here).toContain(unindented(example));
});

function unindented(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
