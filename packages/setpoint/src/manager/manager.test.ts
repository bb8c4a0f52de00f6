import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock, sleep } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { controller, watch } from '../controller/index.ts';
import { operator } from './index.ts';

const idle = controller(Plain, { reconcile: () => {} });

describe('an operator', () => {
  test('refuses two controllers of one name', () => {
    expect(() => operator({ controllers: [idle, idle] })).toThrow('two controllers are named plain');
  });

  test('knows the kinds that it defines', () => {
    expect(operator({ controllers: [idle], kinds: [Widget, Plain] }).kinds).toEqual([Plain, Widget]);
  });
});

describe('the start', () => {
  test('logs each event source, the controller and its workers with their count', async () => {
    await using run = new TestOperator([
      controller(Widget, { owns: [Plain], maxConcurrentReconciles: 3, reconcile: () => {} }),
    ]);
    await run.settle();
    expect(
      run.lines.map(({ message, controller, kind, source, 'worker count': workers }) => [
        message,
        controller,
        kind,
        source ?? workers,
      ]),
    ).toEqual([
      ['Starting EventSource', 'widget', 'Widget', 'kind source: Widget.test.example.com'],
      ['Starting EventSource', 'widget', 'Widget', 'kind source: Plain.test.example.com'],
      ['Starting Controller', 'widget', 'Widget', undefined],
      ['Starting workers', 'widget', 'Widget', 3],
    ]);
  });

  test('runs no pass before every store is synced and every initial object is queued', async () => {
    const api = new FakeApi();
    for (let i = 0; i < 20; i++) api.create(Plain, plain(`p${i}`));
    api.create(Widget, plain('w'));
    const seen: number[] = [];
    const counting = controller(Widget, {
      reads: [Plain],
      reconcile: (_, { cache }) => void seen.push(cache.list(Plain).length),
    });
    await using run = new TestOperator([counting], { api });
    await run.settle();
    expect(seen).toEqual([20]);
  });

  test('fails on a busy port before anything is watched', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const { port } = busy.address() as AddressInfo;
    const api = new FakeApi();
    const running = operator({ controllers: [idle] }).run({
      client: api.client,
      metricsBindAddress: `127.0.0.1:${port}`,
    });
    await expect(running).rejects.toThrow(`cannot serve metrics on 127.0.0.1:${port}: the port is in use`);
    expect(api.calls).toEqual([]);
    busy.close();
  });

  test('fails when a kind stays out of reach, naming it and why; other controllers work meanwhile', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('p'));
    const watch = api.client.watch;
    const refuse = async function* () {
      yield* [];
      throw problem(503, 'ServiceUnavailable', 'widgets: no');
    };
    const client = {
      ...api.client,
      watch: (kind: never, o: never) => (kind === (Widget as never) ? refuse() : watch(kind, o)),
    };
    client.list = (async () => {
      throw problem(503, 'ServiceUnavailable', 'widgets: no');
    }) as never;
    client.pages = refuse as never;
    let passes = 0;
    const clock = new FakeClock();
    const manager = operator({
      controllers: [controller(Widget, { reconcile: () => {} }), controller(Plain, { reconcile: () => void passes++ })],
    }).manager({ client: client as never, clock });
    const running = manager.run();
    running.catch(() => undefined);
    await clock.advance(60_000);
    expect(passes).toBe(1);
    expect(manager.settledState().unsynced).toBe(1);
    await clock.advance(61_000);
    await expect(running).rejects.toThrow(/controller widget could not start: widgets.*is not synced.*widgets: no/s);
    expect(manager.state.status).toBe('stopped');
  });

  test('can be broken off', async () => {
    const api = new FakeApi();
    api.fault = ({ kind }) => (kind === 'Plain' ? new Promise(() => {}) : undefined);
    await using run = new TestOperator([idle], { api });
    await run.clock.advance(1000);
    expect(run.manager.state.status).toBe('starting');
    run.stop.abort();
    await run.clock.advance(1000);
    await run.finished;
    expect(run.manager.state).toEqual({ status: 'stopped', error: undefined });
    await expect(run.manager.started).rejects.toThrow();
  });

  test('happens once', async () => {
    const manager = operator({ controllers: [] }).manager({ client: new FakeApi().client });
    const running = manager.run();
    expect(() => manager.run()).toThrow('a manager runs once');
    expect(() => manager.addReadyzCheck('late', () => {})).toThrow('before the manager starts');
    manager.stop();
    await running;
  });
});

describe('the stop', () => {
  test('lets running passes finish: their signal aborts, their writes still go through', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const slow = controller(Plain, {
      async reconcile(_, { signal, clock, status }) {
        await sleep(clock, 3_600_000, { signal }).catch(() => undefined);
        await status.patch({ size: 8 });
      },
    });
    await using run = new TestOperator([slow], { api });
    await run.settle();
    run.stop.abort();
    await run.clock.advance(1);
    await run.finished;
    expect(api.object(Plain, { namespace: 'default', name: 'a' }).status).toEqual({ size: 8 });
  });

  test('takes the rights of a pass that does not finish within the drain time-out, and ends all the same', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const stuck = controller(Plain, { reconcile: () => new Promise<never>(() => {}) });
    await using run = new TestOperator([stuck], { api });
    await run.settle();
    run.stop.abort();
    await run.clock.advance(29_999);
    expect(run.manager.state.status).toBe('stopping');
    await run.clock.advance(1);
    await run.finished;
    expect(run.messages('warn')).toContain('passes did not finish in time and are abandoned');
  });

  test('leaves no timer and no watch behind', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const failing = controller(Plain, {
      reconcile: () => {
        throw new Error('always');
      },
    });
    const run = new TestOperator([failing], { api });
    await run.settle();
    await run[Symbol.asyncDispose]();
    const calls = api.calls.length;
    await run.clock.advance(24 * 3_600_000);
    expect(run.clock.nextDue()).toBeUndefined();
    expect(api.calls).toHaveLength(calls);
  });
});

describe('servers', () => {
  test('answer probes and metrics under the names of controller-runtime, each manager its own', async () => {
    const api = new FakeApi();
    api.create(Plain, plain('a'));
    const options = { client: api.client, metricsBindAddress: '127.0.0.1:0', healthProbeBindAddress: '127.0.0.1:0' };
    let healthy = true;
    await using first = operator({ name: 'first', controllers: [idle] }).manager(options);
    await using second = operator({
      name: 'second',
      controllers: [controller(Widget, { reconcile: () => {} })],
    }).manager(options);
    first.addHealthzCheck('disk', () => {
      if (!healthy) throw new Error('secret reason');
    });
    const running = [first.run(), second.run()];
    await Promise.all([first.started, second.started]);
    const get = async (manager: typeof first, server: string, path: string) => {
      const answer = await fetch(`http://127.0.0.1:${manager.addresses[server]?.port}${path}`);
      return [answer.status, await answer.text()] as const;
    };
    expect(await get(first, 'health probe', '/healthz')).toEqual([200, 'ok']);
    expect(await get(first, 'health probe', '/readyz?verbose')).toEqual([200, '[+]caches ok\nreadyz check passed\n']);
    expect(await get(first, 'health probe', '/healthz/ping')).toEqual([200, 'ok']);
    expect((await get(first, 'health probe', '/healthz/none'))[0]).toBe(404);
    healthy = false;
    expect(await get(first, 'health probe', '/healthz')).toEqual([
      500,
      '[+]ping ok\n[-]disk failed: reason withheld\nhealthz check failed\n',
    ]);
    expect((await get(first, 'health probe', '/healthz?exclude=disk'))[0]).toBe(200);
    const [, text] = await get(first, 'metrics', '/metrics');
    for (const line of [
      'controller_runtime_reconcile_total{controller="plain",result="error"} 0',
      'controller_runtime_reconcile_errors_total{controller="plain"} 0',
      'controller_runtime_terminal_reconcile_errors_total{controller="plain"} 0',
      'controller_runtime_reconcile_panics_total{controller="plain"} 0',
      'controller_runtime_reconcile_timeouts_total{controller="plain"} 0',
      'controller_runtime_max_concurrent_reconciles{controller="plain"} 1',
      'controller_runtime_active_workers{controller="plain"} 0',
      'workqueue_retries_total{name="plain",controller="plain"} 0',
      'workqueue_longest_running_processor_seconds{name="plain",controller="plain"} 0',
    ]) {
      expect(text).toContain(line);
    }
    expect((await get(second, 'metrics', '/metrics'))[1]).not.toContain('controller="plain"');
    first.stop();
    second.stop();
    await Promise.all(running);
    await expect(get(first, 'metrics', '/metrics')).rejects.toThrow();
  });
});

test('an operator is not idle while a long list is handed on in slices', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('a'));
  for (let i = 0; i < 2000; i++) api.create(Widget, plain(`w${i}`));
  let mapped = 0;
  const mapper = controller(Plain, { watches: [watch(Widget, { enqueue: () => void mapped++ })], reconcile() {} });
  await using operator = new TestOperator([mapper], { api });
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([mapped, operator.manager.settledState()]).toMatchObject([2000, { idle: true, undelivered: 0 }]);
  const seen = new Set<number>();
  const advancing = operator.clock.advance(11 * 3_600_000);
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    const { undelivered, idle } = operator.manager.settledState();
    seen.add(undelivered);
    if (undelivered > 0) expect(idle).toBe(false);
  }
  await advancing;
  expect(mapped).toBe(4000);
  expect(Math.max(...seen)).toBeGreaterThan(1000);
});

test.each([
  ['nothing', () => operator(undefined as never), /give it an object, such as/],
  ['a list', () => operator([] as never), /give it an object, such as/],
  [
    'one controller',
    () => operator({ controllers: {} as never }),
    /`controllers` is a list of what controller\(\) makes/,
  ],
  [
    'a hole',
    () => operator({ controllers: [undefined as never] }),
    /controllers\[0\] is undefined: do two modules import/,
  ],
  [
    'an unknown option',
    () => operator({ controller: [] } as never),
    /there is no option `controller`; there are name, con/,
  ],
])('what is no declaration of an operator is refused with what to do: %s', (_, declare, message) => {
  expect(declare).toThrow(message);
});
