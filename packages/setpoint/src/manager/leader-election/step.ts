import { deepEqual } from '@setpoint/apimachinery/patch';
import { elapsed, type Instant } from './instant.ts';
import { type LeaseObject, type LeaseSpec, microTime } from './lease.ts';
import type { ElectionTiming } from './options.ts';

/** What an elector knows. A leader's time runs from before its last successful renewal was sent. */
export type ElectionState =
  | { readonly role: 'candidate'; readonly observed: Observed | undefined }
  | {
      readonly role: 'leader';
      readonly lease: LeaseObject;
      readonly renewed: Instant;
      /** Attempts that failed since. */
      readonly failures: number;
    }
  | { readonly role: 'lost'; readonly reason: string };

/** The lease of somebody else, and when it was first seen like this: other machines' clocks say nothing. */
export interface Observed {
  readonly lease: LeaseObject;
  readonly at: Instant;
}

/** What happened to the last effect. */
export type ElectionInput =
  /** It is time to act: the start, or a wait is over. */
  | { readonly type: 'due' }
  | { readonly type: 'read'; readonly lease: LeaseObject | undefined }
  | { readonly type: 'written'; readonly lease: LeaseObject; readonly sent: Instant }
  /** Somebody else wrote the lease first. */
  | { readonly type: 'refused' }
  /** No answer, or another error; the write may have happened all the same. */
  | { readonly type: 'failed' };

export type ElectionEffect =
  | { readonly do: 'read' }
  | { readonly do: 'create'; readonly spec: LeaseSpec }
  | { readonly do: 'update'; readonly lease: LeaseObject; readonly spec: LeaseSpec }
  | { readonly do: 'wait'; readonly milliseconds: number; readonly jitter: boolean }
  | { readonly do: 'end' };

export interface Step {
  readonly state: ElectionState;
  readonly effect: ElectionEffect;
}

export interface ElectionConfig extends ElectionTiming {
  readonly identity: string;
  /** Whether a leader whose lease was deleted makes it anew; else it is lost then. @default true */
  readonly recreates?: boolean | undefined;
}

export const candidate: ElectionState = { role: 'candidate', observed: undefined };

/** The election as a function; reads no clock and does no I/O. */
export function step(state: ElectionState, input: ElectionInput, now: Instant, config: ElectionConfig): Step {
  switch (state.role) {
    case 'candidate':
      return asCandidate(state, input, now, config);
    case 'leader':
      return asLeader(state, input, now, config);
    case 'lost':
      return { state, effect: { do: 'end' } };
    default:
      return state satisfies never;
  }
}

type Candidate = Extract<ElectionState, { readonly role: 'candidate' }>;
type Leader = Extract<ElectionState, { readonly role: 'leader' }>;

function asCandidate(state: Candidate, input: ElectionInput, now: Instant, config: ElectionConfig): Step {
  const pause: ElectionEffect = { do: 'wait', milliseconds: config.retryPeriod, jitter: true };
  switch (input.type) {
    case 'due':
      return { state, effect: { do: 'read' } };
    case 'refused':
    case 'failed':
      return { state, effect: pause };
    case 'written':
      return won(input, now, config);
    case 'read': {
      const { lease } = input;
      if (!lease) return { state: candidate, effect: { do: 'create', spec: leaseSpec(undefined, now, config) } };
      const observed = observe(state.observed, lease, now);
      const next: ElectionState = { role: 'candidate', observed };
      const { holderIdentity } = lease.spec ?? {};
      // Our own name: a write of ours whose answer was lost.
      const mayTake = !holderIdentity || holderIdentity === config.identity || isExpired(observed, now, config);
      return mayTake
        ? { state: next, effect: { do: 'update', lease, spec: leaseSpec(lease, now, config) } }
        : { state: next, effect: pause };
    }
    default:
      return input satisfies never;
  }
}

/** A renewal shows as a change of the spec; whoever changes labels renews nothing. */
function observe(before: Observed | undefined, lease: LeaseObject, now: Instant): Observed {
  const same = before && before.lease.metadata.uid === lease.metadata.uid && deepEqual(before.lease.spec, lease.spec);
  return same ? before : { lease, at: now };
}

/**
 * By our monotonic clock alone: a wall clock that jumps must not make a lease look old. A lease that does not say how
 * long it lasts, lasts as long as ours.
 */
function isExpired({ lease, at }: Observed, now: Instant, config: ElectionConfig): boolean {
  const seconds = lease.spec?.leaseDurationSeconds;
  const duration = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : config.leaseDuration;
  return now.monotonic - at.monotonic > duration;
}

function asLeader(state: Leader, input: ElectionInput, now: Instant, config: ElectionConfig): Step {
  const renew = (lease: LeaseObject): ElectionEffect => ({ do: 'update', lease, spec: leaseSpec(lease, now, config) });
  const age = elapsed(state.renewed, now);
  switch (input.type) {
    case 'due':
      if (state.failures === 0) return { state, effect: renew(state.lease) };
      // The failed one may have been stored: the revision that we know would be refused.
      return age >= config.renewDeadline ? lost(tooLate(age, state)) : { state, effect: { do: 'read' } };
    case 'refused':
      return { state: { ...state, failures: state.failures + 1 }, effect: { do: 'read' } };
    case 'failed': {
      const left = config.renewDeadline - age;
      const next = { ...state, failures: state.failures + 1 };
      if (left <= 0) return lost(tooLate(age, next));
      return { state: next, effect: { do: 'wait', milliseconds: Math.min(config.retryPeriod, left), jitter: false } };
    }
    case 'read': {
      const { lease } = input;
      if (!lease && config.recreates === false) return lost('it was deleted');
      if (!lease) return { state, effect: { do: 'create', spec: leaseSpec(state.lease, now, config) } };
      const { holderIdentity } = lease.spec ?? {};
      if (holderIdentity === config.identity) return { state, effect: renew(lease) };
      return lost(holderIdentity ? `${holderIdentity} holds it` : 'somebody took the holder out of it');
    }
    case 'written':
      return won(input, now, config);
    default:
      return input satisfies never;
  }
}

function won(
  input: { readonly lease: LeaseObject; readonly sent: Instant },
  now: Instant,
  config: ElectionConfig,
): Step {
  const { lease, sent } = input;
  const state: ElectionState = { role: 'leader', lease, renewed: sent, failures: 0 };
  // An answer that was long under way (or a process that stood still) is followed up at once.
  const milliseconds = Math.max(0, config.retryPeriod - elapsed(sent, now));
  return { state, effect: { do: 'wait', milliseconds, jitter: false } };
}

function lost(reason: string): Step {
  return { state: { role: 'lost', reason }, effect: { do: 'end' } };
}

function tooLate(age: number, { failures }: Leader): string {
  const attempts = failures === 1 ? 'one attempt' : `${failures} attempts`;
  return `it was not renewed for ${Math.round(age)} ms, in ${attempts}`;
}

/** The lease as this process holds it, given how it was before. */
export function leaseSpec(before: LeaseObject | undefined, now: Instant, config: ElectionConfig): LeaseSpec {
  const spec = before?.spec ?? {};
  const time = microTime(now.wall);
  const isOurs = spec.holderIdentity === config.identity;
  const transitions = typeof spec.leaseTransitions === 'number' ? spec.leaseTransitions : 0;
  return {
    holderIdentity: config.identity,
    // Rounded up: whoever reads it must not think that the lease ends earlier than we do.
    leaseDurationSeconds: Math.ceil(config.leaseDuration / 1000),
    acquireTime: isOurs ? (spec.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: before && !isOurs ? transitions + 1 : transitions,
  };
}

/** The lease as nobody's, in the form in which client-go leaves it. */
export function releasedSpec(lease: LeaseObject, now: Instant): LeaseSpec {
  const time = microTime(now.wall);
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: lease.spec?.leaseTransitions ?? 0,
  };
}
