import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/log.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { operator } from '../manager/index.ts';
import { controller } from './index.ts';

/** An API without Widgets, until `serve(true)`. */
function setUp(refusal = problem(404, 'NotFound', 'the server could not find the requested resource')) {
  const api = new FakeApi();
  let served = false;
  api.fault = ({ kind }) => (kind === 'Widget' && !served ? refusal : undefined);
  const serve = (now: boolean) => {
    served = now;
    if (!now) api.endWatches();
  };
  return { api, serve };
}

const counting = (passes: string[], options: object = {}) => [
  controller(Widget, { ...options, reconcile: (widget) => void passes.push(`widget ${widget.metadata.name}`) }),
  controller(Plain, { reconcile: (object) => void passes.push(`plain ${object.metadata.name}`) }),
];

describe('a kind that the cluster does not have', () => {
  test('is waited for, while everything else works; its controller starts when it comes', async () => {
    const { api, serve } = setUp();
    api.create(Plain, plain('p'));
    const passes: string[] = [];
    await using run = new TestOperator(counting(passes), { api });
    await run.clock.advance(10 * 60_000);
    expect(passes).toEqual(['plain p']);
    expect(run.manager.state.status).toBe('running');
    expect(run.messages('warn').filter((line) => line.startsWith('still waiting')).length).toBeLessThan(8);
    expect(run.messages('warn').join()).toContain('Install the CustomResourceDefinition widgets.test.example.com');
    serve(true);
    api.create(Widget, plain('w'));
    await run.clock.advance(5_000);
    await run.settle();
    expect(passes).toEqual(['plain p', 'widget w']);
  });

  test('pauses what rests on it when it goes away, and nothing else', async () => {
    const { api, serve } = setUp();
    serve(true);
    api.create(Widget, plain('w'));
    api.create(Plain, plain('p'));
    const passes: string[] = [];
    const resting = controller(Plain, {
      name: 'resting',
      reads: [Widget],
      reconcile: (object) => void passes.push(`resting ${object.metadata.name}`),
    });
    await using run = new TestOperator([...counting(passes), resting], { api });
    await run.settle();
    passes.length = 0;
    serve(false);
    await run.clock.advance(60_000);
    api.edit(Plain, plain('p').metadata, (object) => {
      object.spec.size = 2;
    });
    await run.settle();
    expect(passes).toEqual(['plain p']);
    expect(run.messages('warn').filter((line) => line.startsWith('paused: waiting'))).toHaveLength(2);
    serve(true);
    await run.clock.advance(10_000);
    await run.settle();
    expect(passes.slice(1)).toContain('resting p');
    expect(run.messages('info')).toContain('what was missing is there again: passes go on');
  });

  test('is read as empty where the controller says that the cluster may lack it', async () => {
    const { api, serve } = setUp();
    api.create(Plain, plain('p'));
    const seen: number[] = [];
    const reading = controller(Plain, {
      owns: [Widget],
      optional: [Widget],
      reads: [Widget],
      reconcile: (_, { cache }) => void seen.push(cache.list(Widget).length),
    });
    await using run = new TestOperator([reading], { api });
    await run.clock.advance(1000);
    expect(seen).toEqual([0]);
    serve(true);
    const { uid } = api.object(Plain, plain('p').metadata).metadata;
    const owner = { apiVersion: Plain.apiVersion, kind: 'Plain', name: 'p', uid, controller: true };
    const { metadata, ...rest } = plain('w');
    api.create(Widget, { ...rest, metadata: { ...metadata, ownerReferences: [owner] } });
    await run.clock.advance(5000);
    await run.settle();
    expect(seen).toEqual([0, 1]);
  });
});

test('a permission that is missing is said with the rule to add, and tried again; other kinds go on', async () => {
  const { api, serve } = setUp(
    problem(
      403,
      'Forbidden',
      'widgets is forbidden: User "system:serviceaccount:a:op" cannot list resource "widgets" in API group "test.example.com" at the cluster scope',
    ),
  );
  api.create(Plain, plain('p'));
  const passes: string[] = [];
  await using run = new TestOperator(counting(passes), { api });
  await run.clock.advance(5 * 60_000);
  expect(passes).toEqual(['plain p']);
  expect(run.messages('warn').join()).toContain(
    'the ServiceAccount a/op may not. Add the rule { apiGroups: ["test.example.com"], resources: ["widgets"], verbs: ["list", "watch"] } to a ClusterRole',
  );
  serve(true);
  api.create(Widget, plain('w'));
  await run.clock.advance(30_000);
  await run.settle();
  expect(passes).toEqual(['plain p', 'widget w']);
});

test('the check `caches` of /readyz fails while a controller waits, and says for what in the log', async () => {
  const { api, serve } = setUp();
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  await using manager = operator({ controllers: counting([]) }).manager({
    client: api.client,
    clock,
    log: recordingLog(lines),
    healthProbeBindAddress: '127.0.0.1:0',
  });
  const running = manager.run();
  for (let i = 0; i < 200 && manager.state.status !== 'running'; i++) await turn(clock);
  const port = manager.addresses['health probe']?.port;
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz?verbose`)).text();
  expect(await ready()).toContain('[-]caches failed');
  expect(lines.map(({ error }) => error).join()).toContain(
    'controller widget waits: cannot watch widgets.test.example.com: the server does not have this resource. Install',
  );
  serve(true);
  await clock.advance(10_000);
  expect(await ready()).toContain('[+]caches ok');
  manager.stop();
  await clock.advance(1000);
  await running;
});

/** The server listens in the machine's own time. */
async function turn(clock: FakeClock): Promise<void> {
  await clock.advance(100);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
