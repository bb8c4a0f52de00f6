import { describe, expect, test } from 'vitest';
import type { Instant } from './instant.ts';
import type { LeaseObject, LeaseSpec } from './lease.ts';
import { electionTiming, fenceMargin, requestTimeout } from './options.ts';
import { candidate, type ElectionInput, type ElectionState, leaseSpec, releasedSpec, step } from './step.ts';

const config = { ...electionTiming({}), identity: 'me' };
const at = (milliseconds: number): Instant => ({ monotonic: milliseconds, wall: 1_800_000_000_000 + milliseconds });

function lease(spec: LeaseSpec | undefined, resourceVersion = '1', uid = 'u'): LeaseObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l', namespace: 'n', uid, resourceVersion },
    ...(spec ? { spec } : {}),
  };
}

const theirs = (renewTime = 't1', seconds = 15): LeaseSpec => ({
  holderIdentity: 'other',
  leaseDurationSeconds: seconds,
  renewTime,
  leaseTransitions: 4,
});

/** Plays inputs at their times; answers with the last step. */
function play(start: ElectionState, ...inputs: readonly (readonly [number, ElectionInput])[]) {
  let last = step(start, inputs[0]?.[1] as ElectionInput, at(inputs[0]?.[0] as number), config);
  for (const [time, input] of inputs.slice(1)) last = step(last.state, input, at(time), config);
  return last;
}

const leader = (sent: number, spec: LeaseSpec = leaseSpec(undefined, at(sent), config)): ElectionState => ({
  role: 'leader',
  lease: lease(spec),
  renewed: at(sent),
  failures: 0,
});

describe('a candidate', () => {
  test('creates the lease if there is none, in the form that client-go writes', () => {
    const { effect } = play(candidate, [0, { type: 'due' }], [5, { type: 'read', lease: undefined }]);
    const time = '2027-01-15T08:00:00.005000Z';
    expect(effect).toEqual({
      do: 'create',
      spec: {
        holderIdentity: 'me',
        leaseDurationSeconds: 15,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: 0,
      },
    });
  });

  test('waits a full duration after the last change that it saw itself, whatever the times in the lease say', () => {
    const read = (renewTime?: string): ElectionInput => ({ type: 'read', lease: lease(theirs(renewTime)) });
    expect(play(candidate, [0, read()], [15_000, read()]).effect).toMatchObject({ do: 'wait', jitter: true });
    expect(play(candidate, [0, read()], [15_001, read()]).effect).toMatchObject({
      do: 'update',
      spec: { holderIdentity: 'me', leaseTransitions: 5 },
    });
    expect(play(candidate, [0, read()], [14_000, read('t2')], [28_000, read('t2')]).effect).toMatchObject({
      do: 'wait',
    });
  });

  test('goes by the monotonic clock: a wall clock that jumps ahead makes no lease old', () => {
    const input: ElectionInput = { type: 'read', lease: lease(theirs()) };
    const first = step(candidate, input, at(0), config);
    const jumped = step(first.state, input, { monotonic: 1000, wall: at(3_600_000).wall }, config);
    expect(jumped.effect).toMatchObject({ do: 'wait' });
  });

  test('takes a label that somebody changed for no renewal', () => {
    const [a, b] = [lease(theirs(), '1'), lease(theirs(), '2')];
    const last = play(candidate, [0, { type: 'read', lease: a }], [15_001, { type: 'read', lease: b }]);
    expect(last.effect).toMatchObject({ do: 'update', lease: { metadata: { resourceVersion: '2' } } });
  });

  test('believes the duration that the lease names, and its own where that makes no sense', () => {
    const read = (seconds: number): ElectionInput => ({ type: 'read', lease: lease(theirs('t', seconds)) });
    expect(play(candidate, [0, read(60)], [59_000, read(60)]).effect.do).toBe('wait');
    expect(play(candidate, [0, read(-1)], [14_000, read(-1)]).effect.do).toBe('wait');
    expect(play(candidate, [0, read(-1)], [15_001, read(-1)]).effect.do).toBe('update');
  });

  test.each([
    ['was given up', { ...theirs(), holderIdentity: '' }, 5],
    ['has no spec', undefined, 1],
    ['was corrupted', { holderIdentity: '', leaseTransitions: 'x' } as never, 1],
  ])('takes a lease that %s at once', (_, spec, transitions) => {
    expect(play(candidate, [0, { type: 'read', lease: lease(spec) }]).effect).toMatchObject({
      do: 'update',
      spec: { holderIdentity: 'me', leaseTransitions: transitions },
    });
  });

  test('recognises its own lease, whose answer was lost, and keeps when it was acquired', () => {
    const mine = { ...theirs(), holderIdentity: 'me', acquireTime: 'then' };
    expect(play(candidate, [0, { type: 'read', lease: lease(mine) }]).effect).toMatchObject({
      do: 'update',
      spec: { acquireTime: 'then', leaseTransitions: 4 },
    });
  });

  test('waits after an error and after another one was faster', () => {
    for (const type of ['failed', 'refused'] as const) {
      expect(play(candidate, [0, { type }]).effect).toEqual({ do: 'wait', milliseconds: 2000, jitter: true });
    }
  });

  test('leads from before the request was sent', () => {
    const { state, effect } = play(candidate, [700, { type: 'written', lease: lease(theirs()), sent: at(500) }]);
    expect(state).toMatchObject({ role: 'leader', renewed: at(500) });
    expect(effect).toEqual({ do: 'wait', milliseconds: 1800, jitter: false });
  });
});

describe('a leader', () => {
  test('renews without reading, keeping when and how often the lease was acquired', () => {
    const spec = { ...leaseSpec(undefined, at(0), config), leaseTransitions: 7 };
    expect(play(leader(0, spec), [2000, { type: 'due' }]).effect).toMatchObject({
      do: 'update',
      spec: { acquireTime: spec.acquireTime, leaseTransitions: 7, renewTime: '2027-01-15T08:00:02.000000Z' },
    });
  });

  test('reads after a refusal, and renews what is still its own', () => {
    const refused = play(leader(0), [2000, { type: 'refused' }]);
    expect(refused.effect).toEqual({ do: 'read' });
    const relabelled = lease({ ...theirs(), holderIdentity: 'me' }, '9');
    expect(step(refused.state, { type: 'read', lease: relabelled }, at(2010), config).effect).toMatchObject({
      do: 'update',
      lease: { metadata: { resourceVersion: '9' } },
    });
  });

  test.each([
    ['somebody else holds it', theirs(), 'other holds it'],
    ['nobody holds it', { ...theirs(), holderIdentity: '' }, 'took the holder out'],
  ])('has lost as soon as it reads that %s', (_, spec, why) => {
    const { state, effect } = play(leader(0), [10, { type: 'refused' }], [20, { type: 'read', lease: lease(spec) }]);
    expect(state).toMatchObject({ role: 'lost', reason: expect.stringContaining(why) });
    expect(effect).toEqual({ do: 'end' });
  });

  test('has lost a deleted lease, where nobody may make it anew', () => {
    const refused = step(leader(0), { type: 'refused' }, at(10), { ...config, recreates: false });
    const { state } = step(refused.state, { type: 'read', lease: undefined }, at(20), { ...config, recreates: false });
    expect(state).toEqual({ role: 'lost', reason: 'it was deleted' });
  });

  test('makes a deleted lease anew', () => {
    expect(play(leader(0), [10, { type: 'refused' }], [20, { type: 'read', lease: undefined }]).effect).toMatchObject({
      do: 'create',
      spec: { holderIdentity: 'me', leaseTransitions: 0 },
    });
  });

  test('tries again until the renew deadline, the last pause no longer than that, and has lost then', () => {
    const failed: ElectionInput = { type: 'failed' };
    expect(play(leader(0), [7000, failed]).effect).toMatchObject({ do: 'wait', milliseconds: 2000, jitter: false });
    const late = play(leader(0), [7000, failed], [9500, failed]);
    expect(late.effect).toMatchObject({ do: 'wait', milliseconds: 500 });
    expect(step(late.state, { type: 'due' }, at(9999), config).effect).toEqual({ do: 'read' });
    expect(step(late.state, { type: 'due' }, at(10_000), config).state).toEqual({
      role: 'lost',
      reason: 'it was not renewed for 10000 ms, in 2 attempts',
    });
  });

  test('that stood still tries once more: the server knows whether anybody came in between', () => {
    const awake = play(leader(0), [60_000, { type: 'due' }]);
    expect(awake.effect).toMatchObject({ do: 'update' });
    expect(step(awake.state, { type: 'refused' }, at(60_010), config).effect).toEqual({ do: 'read' });
    expect(step(awake.state, { type: 'failed' }, at(60_010), config).state.role).toBe('lost');
    const renewed: ElectionInput = { type: 'written', lease: lease(theirs()), sent: at(60_000) };
    expect(step(awake.state, renewed, at(60_010), config).state).toMatchObject({ renewed: at(60_000) });
  });

  test('counts the time of a suspended machine, when only the wall clock went on', () => {
    const now = { monotonic: 3000, wall: at(12_000).wall };
    const failing: ElectionState = { ...(leader(0) as Extract<ElectionState, { role: 'leader' }>), failures: 1 };
    expect(step(failing, { type: 'due' }, now, config).state.role).toBe('lost');
  });

  test('renews at once after an answer that took longer than a period', () => {
    const { effect } = play(leader(0), [9000, { type: 'written', lease: lease(theirs()), sent: at(4000) }]);
    expect(effect).toEqual({ do: 'wait', milliseconds: 0, jitter: false });
  });
});

test('a lease that was given up is in the form that client-go leaves', () => {
  expect(releasedSpec(lease(theirs()), at(0))).toEqual({
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: '2027-01-15T08:00:00.000000Z',
    renewTime: '2027-01-15T08:00:00.000000Z',
    leaseTransitions: 4,
  });
});

describe('times', () => {
  test('are controller-runtime’s unless said otherwise', () => {
    expect(electionTiming({})).toEqual({ leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2000 });
    expect(requestTimeout(electionTiming({}))).toBe(5000);
    expect(requestTimeout(electionTiming({ leaseDuration: '1500ms', renewDeadline: '1s', retryPeriod: '200ms' }))).toBe(
      1000,
    );
    expect([fenceMargin(15_000), fenceMargin(60_000), fenceMargin(1500)]).toEqual([2000, 2000, 200]);
  });

  test('are written in whole seconds, never less than the leader goes by', () => {
    expect(leaseSpec(undefined, at(0), { ...config, leaseDuration: 1500 }).leaseDurationSeconds).toBe(2);
  });

  test.each([
    [{ leaseDuration: '10s' }, 'the lease duration (10000 ms) must be longer than the renew deadline (10000 ms)'],
    [{ retryPeriod: '9s' }, 'the renew deadline (10000 ms) must be longer than 1.2 retry periods (of 9000 ms)'],
    [{ retryPeriod: 0 }, 'the retry period must be more than nothing'],
  ] as const)('that cannot work together are refused: %j', (options, message) => {
    expect(() => electionTiming(options)).toThrow(message);
  });
});
