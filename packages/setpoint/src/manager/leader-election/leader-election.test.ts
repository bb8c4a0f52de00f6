import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, test } from 'vitest';
import { Candidates, where, worker } from '../../../test/fake/candidates.ts';
import { problem } from '../../../test/fake/fake-api.ts';
import { frozen } from '../../../test/fake/frozen.ts';
import { Plain, plain, Widget } from '../../../test/fake/kinds.ts';
import type { ObjectKey } from '../../client/index.ts';
import { controller, source } from '../../controller/index.ts';
import { isLeaseLost } from '../../errors/index.ts';
import { Lease } from './lease.ts';

let replicas = new Candidates();
afterEach(async () => {
  await replicas[Symbol.asyncDispose]();
  replicas = new Candidates();
});

describe('of two replicas', () => {
  test('one works; the other one is ready, with warm caches, and takes over at once when the lease is given up', async () => {
    const { api, clock } = replicas;
    const seen: string[] = [];
    api.create(Plain, plain('a'));
    const a = replicas.start('a', [worker('a', seen)]);
    await clock.advance(100);
    const b = replicas.start('b', [worker('b', seen)]);
    await clock.advance(20_000);
    expect([replicas.leaders, seen]).toEqual([['a'], ['a a']]);
    expect([a.manager.state.status, b.manager.state.status]).toEqual(['running', 'running']);
    expect(b.manager.settledState()).toMatchObject({ unsynced: 0, idle: true });
    expect(replicas.lease.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0, leaseDurationSeconds: 15 });
    a.manager.stop();
    await clock.advance(50);
    expect(await a.ended).toBe('stopped');
    expect(replicas.leaders).toEqual(['b']);
    expect(replicas.lease.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    expect(seen).toEqual(['a a', 'b a']);
    const events = api
      .list({ kind: 'Event' })
      .map(({ note, reason, type, regarding }) => [note, reason, type, regarding.kind]);
    expect(events).toEqual(
      ['a became leader', 'a stopped leading', 'b became leader'].map((note) => [
        note,
        'LeaderElection',
        'Normal',
        'Lease',
      ]),
    );
  });

  test('the other one takes over from one that vanished, after the duration of the lease', async () => {
    const { api, clock } = replicas;
    const seen: string[] = [];
    api.create(Plain, plain('a'));
    const stopped = frozen(clock);
    replicas.start('a', [worker('a', seen)], { clock: stopped });
    await clock.advance(100);
    replicas.start('b', [worker('b', seen)]);
    await clock.advance(10_000);
    stopped.freeze();
    await clock.advance(14_000);
    expect(replicas.holder).toBe('a');
    await clock.advance(8000);
    expect([replicas.holder, replicas.lease.spec.leaseTransitions]).toEqual(['b', 1]);
  });

  test('the old leader, awake again, writes nothing, rejects with LeaseLost and revokes its passes', async () => {
    const { api, clock } = replicas;
    api.create(Plain, plain('a'));
    const stopped = frozen(clock);
    let outcome: unknown;
    let proceed: (() => void) | undefined;
    const slow = controller(Plain, {
      async reconcile(_, { status }) {
        await new Promise<void>((resolve) => {
          proceed = resolve;
        });
        outcome = await status.patch({ size: 77 }).catch((error) => error);
      },
    });
    const a = replicas.start('a', [slow], { clock: stopped });
    await clock.advance(100);
    replicas.start('b', [worker('b', [])]);
    await clock.advance(5000);
    stopped.freeze();
    await clock.advance(40_000);
    expect(replicas.holder).toBe('b');
    const revision = api.object(Plain, { namespace: 'default', name: 'a' }).metadata.resourceVersion;
    // The first thing that the process does when it goes on is the write; its timers have not run yet.
    proceed?.();
    await clock.advance(0);
    expect(outcome).toMatchObject({ code: 'PassRevoked', message: expect.stringContaining('was not renewed in time') });
    expect(a.manager.isLeader).toBe(true);
    stopped.thaw();
    await clock.advance(3000);
    expect(isLeaseLost(await a.ended)).toBe(true);
    expect(api.object(Plain, { namespace: 'default', name: 'a' }).metadata.resourceVersion).toBe(revision);
    expect(replicas.holder).toBe('b');
  });
});

describe('before the election is won', () => {
  test('no pass runs and no source starts, but for controllers that need none', async () => {
    const { api, clock } = replicas;
    const seen: string[] = [];
    api.create(Plain, plain('a'));
    api.create(Widget, plain('w'));
    async function* run() {
      seen.push('source');
      yield* [];
    }
    const ticks = source<never, ObjectKey>(run, { onEnd: 'stop', enqueue: () => undefined });
    const free = controller(Widget, { needsLeaderElection: false, reconcile: () => void seen.push('free') });
    const bound = controller(Plain, { sources: [ticks], reconcile: () => void seen.push('bound') });
    replicas.start('a', [worker('a', [])]);
    await clock.advance(100);
    const b = replicas.start('b', [free, bound]);
    await b.manager.started;
    await clock.advance(20_000);
    expect([seen, b.manager.isLeader]).toEqual([['free'], false]);
    replicas.running[0]?.manager.stop();
    await clock.advance(100);
    await b.manager.elected;
    await clock.advance(0);
    expect(seen).toEqual(['free', 'source', 'bound']);
  });

  test('nothing is watched without warm-up', async () => {
    const { api, clock } = replicas;
    api.create(Plain, plain('a'));
    const seen: string[] = [];
    replicas.start('a', [worker('a', seen)]);
    await clock.advance(100);
    const watches = () => api.calls.filter(({ verb, kind }) => verb === 'watch' && kind === 'Plain').length;
    const before = watches();
    replicas.start('b', [worker('b', seen)], { warmup: false });
    await clock.advance(10_000);
    expect(watches()).toBe(before);
    replicas.running[0]?.manager.stop();
    await clock.advance(100);
    expect(seen).toEqual(['a a', 'b a']);
  });

  test('a stop ends the competition, and gives up a lease that is won in that moment', async () => {
    const { api, clock } = replicas;
    const held = Promise.withResolvers<undefined>();
    api.fault = ({ verb, kind }) => (verb === 'create' && kind === 'Lease' ? held.promise : undefined);
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(100);
    a.manager.stop();
    await clock.advance(10);
    held.resolve(undefined);
    await clock.advance(100);
    expect(await a.ended).toBe('stopped');
    expect(replicas.lease.spec.holderIdentity).toBe('');
    expect(replicas.messages('a')).not.toContain('became leader');
    await expect(a.manager.elected).rejects.toThrow('stopped before it was elected');
  });

  test('a permission that is missing is told with the rule to add, and it is tried again', async () => {
    const { api, clock } = replicas;
    const refusal = problem(403, 'Forbidden', 'leases.coordination.k8s.io "test-leader" is forbidden: no');
    api.fault = ({ kind }) => (kind === 'Lease' ? refusal : undefined);
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(20_000);
    const told = replicas
      .messages('a')
      .filter((message) => message.includes('cannot read the lease system/test-leader'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('resources: ["leases"], verbs: ["create"] } and {');
    expect(told[0]).toContain(
      'resourceNames: ["test-leader"], verbs: ["get", "list", "update", "watch"] } in a Role in system',
    );
    expect(a.manager.state.status).toBe('running');
    api.fault = () => undefined;
    await clock.advance(5000);
    expect(replicas.leaders).toEqual(['a']);
  });

  test('a namespace has to be known', async () => {
    const { ended } = replicas.start('a', [worker('a', [])], { namespace: '' });
    await replicas.clock.advance(0);
    expect(await ended).toMatchObject({ message: expect.stringContaining('--leader-election-namespace') });
  });
});

describe('a leader', () => {
  test('whose server is away tries until the deadline, then ends with LeaseLost', async () => {
    const { api, clock } = replicas;
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    api.fault = ({ kind }) => (kind === 'Lease' ? 'lost-before' : undefined);
    await clock.advance(7000);
    expect(replicas.leaders).toEqual(['a']);
    await clock.advance(5000);
    const error = await a.ended;
    expect(isLeaseLost(error)).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringMatching(/the lease system\/test-leader is lost: it was not renewed for/),
    });
  });

  test('whose server comes back in time goes on, also when it cannot tell what became of a renewal', async () => {
    const { api, clock } = replicas;
    replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    api.fault = ({ kind }) => (kind === 'Lease' ? 'lost-after' : undefined);
    await clock.advance(6000);
    api.fault = () => undefined;
    await clock.advance(60_000);
    expect([replicas.leaders, replicas.lease.spec.leaseTransitions]).toEqual([['a'], 0]);
  });

  test('ends when somebody else takes the lease, within a retry period', async () => {
    const { api, clock } = replicas;
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    api.edit(Lease, where, (lease) => {
      lease.spec.holderIdentity = 'thief';
    });
    await clock.advance(2000);
    expect(await a.ended).toMatchObject({ code: 'LeaseLost', message: expect.stringContaining('thief holds it') });
    expect(replicas.holder).toBe('thief');
  });

  test('keeps a lease that somebody labels, and makes one anew that is deleted', async () => {
    const { api, clock } = replicas;
    replicas.start('a', [worker('a', [])], { labels: { app: 'test' } });
    await clock.advance(5000);
    api.edit(Lease, where, (lease) => {
      lease.metadata.labels = { ...lease.metadata.labels, by: 'hand' };
    });
    await clock.advance(5000);
    expect(replicas.lease.metadata.labels).toEqual({ app: 'test', by: 'hand' });
    api.delete(Lease, where);
    await clock.advance(5000);
    expect([replicas.leaders, replicas.holder]).toEqual([['a'], 'a']);
  });

  test('ends when the lease is emptied under it: whoever comes next may take it', async () => {
    const { api, clock } = replicas;
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    api.edit(Lease, where, (lease) => {
      (lease as { spec: object }).spec = {};
    });
    await clock.advance(5000);
    expect(await a.ended).toMatchObject({ code: 'LeaseLost' });
    replicas.start('b', [worker('b', [])]);
    await clock.advance(30_000);
    expect(replicas.holder).toBe('b');
  });

  test.each([
    ['nothing but its holder', { holderIdentity: 'a' }],
    [
      'nonsense',
      {
        holderIdentity: 'a',
        leaseDurationSeconds: -1,
        leaseTransitions: 'many',
        renewTime: 'yesterday',
        acquireTime: 7,
      },
    ],
  ])('puts a lease right that says %s, and nobody takes it meanwhile', async (_, spec) => {
    const { api, clock } = replicas;
    replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    replicas.start('b', [worker('b', [])]);
    await clock.advance(5000);
    api.edit(Lease, where, (lease) => {
      (lease as { spec: object }).spec = spec;
    });
    await clock.advance(60_000);
    expect([replicas.leaders, replicas.holder]).toEqual([['a'], 'a']);
    const { leaseDurationSeconds, leaseTransitions, renewTime } = replicas.lease.spec;
    expect([leaseDurationSeconds, typeof leaseTransitions]).toEqual([15, 'number']);
    expect(Date.parse(renewTime)).toBeGreaterThan(clock.now() - 5000);
  });

  test('ends when the lease has lost all that it says', async () => {
    const { api, clock } = replicas;
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(5000);
    api.edit(Lease, where, (lease) => {
      delete (lease as { spec?: object }).spec;
    });
    await clock.advance(5000);
    expect(await a.ended).toMatchObject({ code: 'LeaseLost' });
  });

  test('does not give up the lease while passes that it had to abandon may still write', async () => {
    const { api, clock } = replicas;
    api.create(Plain, plain('a'));
    const stuck = controller(Plain, { reconcile: () => new Promise<never>(() => {}) });
    const a = replicas.start('a', [stuck], { gracefulShutdownTimeout: 1000 });
    await clock.advance(100);
    a.manager.stop();
    await clock.advance(3000);
    expect(await a.ended).toBe('stopped');
    expect(replicas.holder).toBe('a');
  });

  test('renews while passes drain, and releases only when told to', async () => {
    const { api, clock } = replicas;
    api.create(Plain, plain('a'));
    const slow = controller(Plain, {
      async reconcile(_, { status, clock: time }) {
        await sleep(time, 25_000);
        await status.patch({ size: 3 });
      },
    });
    const a = replicas.start('a', [slow], { releaseOnStop: false });
    await clock.advance(100);
    a.manager.stop();
    await clock.advance(26_000);
    expect(await a.ended).toBe('stopped');
    expect(api.object(Plain, { namespace: 'default', name: 'a' }).status).toEqual({ size: 3 });
    expect(replicas.holder).toBe('a');
  });
});

describe('clocks', () => {
  test('an hour apart make no difference', async () => {
    const { clock } = replicas;
    const skewed: Clock = {
      now: () => clock.now() + 3_600_000,
      monotonic: () => clock.monotonic() + 12_345,
      timer: clock.timer.bind(clock),
    };
    replicas.start('a', [worker('a', [])]);
    await clock.advance(100);
    replicas.start('b', [worker('b', [])], { clock: skewed });
    await clock.advance(120_000);
    expect(replicas.leaders).toEqual(['a']);
  });

  test('that jump ahead stop the writes until the lease is renewed, and end nothing', async () => {
    const { api, clock } = replicas;
    let jump = 0;
    const jumping: Clock = {
      now: () => clock.now() + jump,
      monotonic: () => clock.monotonic(),
      timer: clock.timer.bind(clock),
    };
    api.create(Plain, plain('a'));
    const outcomes: unknown[] = [];
    const writing = controller(Plain, {
      async reconcile(_, { status, clock: time }) {
        outcomes.push(
          await status.patch({ size: time.monotonic() }).then(
            () => 'written',
            (error) => error.code,
          ),
        );
        return { requeueAfter: '1s' };
      },
    });
    replicas.start('a', [writing], { clock: jumping });
    await clock.advance(4500);
    const before = outcomes.length;
    jump = 3_600_000;
    await clock.advance(10_000);
    expect(outcomes.slice(0, before)).not.toContain('PassRevoked');
    expect(outcomes.slice(before)).toContain('PassRevoked');
    expect(outcomes.at(-1)).toBe('written');
    expect(replicas.leaders).toEqual(['a']);
    jump = -3_600_000;
    await clock.advance(60_000);
    expect([replicas.leaders, outcomes.at(-1)]).toEqual([['a'], 'written']);
  });
});
