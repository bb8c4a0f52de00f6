import { controller } from 'setpoint/controller';
import { ConfigMap } from 'setpoint/core/v1';
import { defineKind } from 'setpoint/kinds';
import { counter } from 'setpoint/metrics';
import { progressing } from 'setpoint/readiness';
import { child } from 'setpoint/reconcile';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type PassReport, runPass } from './run-pass.ts';

const Greeting = defineKind({
  group: 'test.setpoint.dev',
  version: 'v1',
  kind: 'Greeting',
  spec: z.object({ text: z.string() }),
  status: z.object({ written: z.boolean().optional() }),
});

const greetings = controller(Greeting, {
  owns: [ConfigMap],
  finalize: () => undefined,
  validate: (greeting) => (greeting.spec.text === '' ? ['text is empty'] : []),
  async reconcile(greeting, { apply, status, events, cache }) {
    const { name, namespace } = greeting.metadata;
    await apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: { text: greeting.spec.text },
    });
    const written = cache.get(ConfigMap, { name, namespace })?.data?.text === greeting.spec.text;
    if (await status.patch({ written })) events.normal('Written', 'the text is written');
  },
});

const greeting = (text: string, metadata: object = {}) => ({
  apiVersion: 'test.setpoint.dev/v1',
  kind: 'Greeting',
  metadata: { name: 'hello', namespace: 'default', ...metadata },
  spec: { text },
});

test('a pass writes its child, its status and its event, and sees its own writes', async () => {
  const report = await runPass(greetings, [greeting('hi')]);
  expect(report.outcome).toEqual({ type: 'success' });
  expect(report.writes.map(({ verb, kind, subresource, type }) => [verb, kind, subresource, type])).toEqual([
    ['patch', 'Greeting', undefined, 'json'],
    ['patch', 'ConfigMap', undefined, 'apply'],
    ['patch', 'Greeting', 'status', expect.anything()],
  ]);
  expect(report.object).toMatchObject({
    status: { written: true },
    metadata: { finalizers: ['test.setpoint.dev/greeting'] },
  });
  expect(report.events).toEqual([{ type: 'Normal', reason: 'Written', note: 'the text is written' }]);
});

test('an invalid object is not reconciled', async () => {
  const report = await runPass(greetings, [greeting('')]);
  expect(report.outcome).toMatchObject({ type: 'invalid', messages: ['text is empty'] });
  expect(report.writes.filter(({ kind }) => kind === 'ConfigMap')).toEqual([]);
});

test('a terminating object is finalized and gone', async () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test.setpoint.dev/greeting'] };
  const report = await runPass(greetings, [greeting('hi', metadata)]);
  expect(report.object).toBeUndefined();
});

test('an error is the outcome, not an exception', async () => {
  const failing = controller(Greeting, {
    reconcile() {
      throw new Error('no luck');
    },
  });
  const report = await runPass(failing, [greeting('hi')]);
  expect(report.outcome).toMatchObject({ type: 'error', error: { message: 'no luck' } });
  expect(report.events).toMatchObject([{ type: 'Warning', reason: 'ProcessingError', note: 'no luck' }]);
});

test('without an object to reconcile it says so', async () => {
  await expect(runPass(greetings, [])).rejects.toThrow('there is no Greeting among the objects');
});

test('a JSON patch that does not fit is refused as a server refuses it', async () => {
  const patching = controller(Greeting, {
    async reconcile({ metadata }, { client }) {
      const body = [{ op: 'test' as const, path: '/spec/text', value: 'another' }];
      await client.patch(Greeting, metadata, { type: 'json', body });
    },
  });
  const greeting = {
    apiVersion: 'test.setpoint.dev/v1',
    kind: 'Greeting',
    metadata: { name: 'a', namespace: 'default' },
    spec: { text: 'hello' },
  };
  const { outcome } = await runPass(patching, [greeting]);
  expect(outcome).toMatchObject({ type: 'error', error: { code: 'Invalid' } });
});

test('children are applied, waited for and pruned', async () => {
  const named = controller(Greeting, {
    owns: [ConfigMap],
    reconcile: (object) => {
      const first = child(ConfigMap, { metadata: { name: 'first' } }, { ready: () => progressing('NotYet', 'soon') });
      const second = child(ConfigMap, { metadata: { name: 'second' } }, { dependsOn: [first] });
      return { children: object.spec.text === 'all' ? [first, second] : [first] };
    },
  });
  const owner = { apiVersion: 'test.setpoint.dev/v1', kind: 'Greeting', name: 'hello', uid: 'u', controller: true };
  const old = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old', namespace: 'default' } };
  const world = (text: string) => [
    greeting(text, { uid: 'u' }),
    { ...old, metadata: { ...old.metadata, ownerReferences: [owner] } },
    { ...old, metadata: { ...old.metadata, name: 'of-others' } },
  ];
  const names = ({ objects }: PassReport) =>
    objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
  const waiting = await runPass(named, world('all'));
  const message = 'ConfigMap default/first: soon; 1 of the others wait for that';
  expect(waiting.outcome).toMatchObject({ type: 'success', waiting: { reason: 'ChildrenNotReady', message } });
  expect(names(waiting)).toEqual(['old', 'of-others', 'first']);
  expect(names(await runPass(named, world('one')))).toEqual(['of-others', 'first']);
});

test('reports what the pass told its metrics', async () => {
  const written = counter('written_total', { help: 'Texts written', labels: ['text'] });
  const counting = controller(Greeting, {
    metrics: [written],
    reconcile: ({ spec }, { metrics }) => metrics(written).inc({ text: spec.text }),
  });
  const { metrics } = await runPass(counting, [greeting('hi')]);
  expect(metrics).toEqual([{ name: 'written_total', labels: { text: 'hi' }, verb: 'add', value: 1 }]);
});
