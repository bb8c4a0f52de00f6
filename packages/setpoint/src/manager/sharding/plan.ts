import type { LeaseObject } from '../leader-election/parts.ts';
import { assign } from './assignment.ts';
import type { LeaseSet } from './names.ts';
import type { HeldShard, Member, View } from './view.ts';

/**
 * What this replica does with a shard: `claimed` in the Lease and not begun, `working`, `draining` while passes end,
 * `drained` until the Lease says so.
 */
export type ShardState = 'claimed' | 'working' | 'draining' | 'drained';

export interface Situation {
  readonly set: LeaseSet;
  readonly identity: string;
  readonly leaving: boolean;
  readonly mine: ReadonlyMap<number, ShardState>;
}

/** What is to be done now; all of it may fail, and the next look decides anew. */
export interface Plan {
  /** Members whose Leases are to be taken from them: what they held is free then. */
  readonly end: readonly Member[];
  /** Shards to put our name into: with the Lease as it is, or without one. */
  readonly claim: readonly { readonly shard: number; readonly lease: LeaseObject | undefined }[];
  /** Shards to drain and give up. */
  readonly release: readonly number[];
  /** Those that have our name and should not: drained, or of a claim that nobody here knows of any more. */
  readonly free: readonly { readonly shard: number; readonly lease: LeaseObject }[];
  /** Shards that are somebody else's, though we have them. */
  readonly lost: readonly { readonly shard: number; readonly reason: string }[];
  /** Leases of shards that we have, and somebody deleted. */
  readonly restore: readonly number[];
  readonly sweep: readonly LeaseObject[];
  /** Why nothing is claimed; undefined: nothing stands against it. */
  readonly waitsFor: string | undefined;
}

/** What follows from the Leases; reads no clock and does no I/O. */
export function plan(view: View, situation: Situation): Plan {
  const { set, identity, leaving, mine } = situation;
  const alive = view.members.filter((member) => !member.expired || member.identity === identity);
  const peers = alive.filter((member) => member.shards === set.shards && !member.leaving);
  const isMember = !leaving && peers.some((member) => member.identity === identity);
  const identities = peers.map((member) => member.identity);
  const owners = identities.length > 0 ? assign(identities, set.shards) : [];
  const held = new Map(view.held.filter(({ shards }) => shards === set.shards).map((one) => [one.shard, one]));
  const waitsFor = standsAgainst(view, situation, alive);
  const numbers = Array.from({ length: set.shards }, (_, shard) => shard);
  const isOurs = (shard: number) => isMember && owners[shard] === identity;
  const holderIn = (shard: number) => held.get(shard)?.holder;
  return {
    end: view.members.filter((member) => member.expired && member.identity !== identity),
    claim: numbers
      .filter(
        (shard) => !mine.has(shard) && isOurs(shard) && waitsFor === undefined && isFree(held.get(shard), identity),
      )
      .map((shard) => ({ shard, lease: view.leases.get(shard) })),
    release: numbers.filter((shard) => mine.get(shard) === 'working' && !isOurs(shard) && holderIn(shard) === identity),
    free: [...held.values()].flatMap(({ shard, holder }) => {
      const lease = view.leases.get(shard);
      const isSpare = mine.has(shard) ? mine.get(shard) === 'drained' : !isOurs(shard);
      return lease && holder === identity && isSpare ? [{ shard, lease }] : [];
    }),
    lost: numbers.flatMap((shard) => {
      const reason = mine.has(shard) ? whyLost(view, shard, holderIn(shard), identity) : undefined;
      return reason === undefined ? [] : [{ shard, reason }];
    }),
    restore: numbers.filter((shard) => mine.has(shard) && !view.leases.has(shard)),
    sweep: isMember && waitsFor === undefined && identities.toSorted()[0] === identity ? swept(view, set, held) : [],
    waitsFor,
  };
}

/** Nobody's, or of somebody who is no more; or ours, by a write whose answer was lost. */
function isFree(held: HeldShard | undefined, identity: string): boolean {
  return held === undefined || held.orphaned || held.holder === identity;
}

function whyLost(view: View, shard: number, holder: string | undefined, identity: string): string | undefined {
  if (isLedByOthers(view)) return `${view.leader} leads, of a release that does not share`;
  if (!view.leases.has(shard) || holder === identity) return undefined;
  return holder ? `${holder} holds it` : 'somebody took the holder out of its lease';
}

/** A release without shards works on everything while it leads. */
function isLedByOthers({ leader, isLedByMember }: View): boolean {
  return leader !== '' && !isLedByMember;
}

/** Leases of shards that another release had are swept once all of this one's are somebody's. */
function swept(view: View, { shards }: LeaseSet, held: ReadonlyMap<number, HeldShard>): readonly LeaseObject[] {
  if (held.size < shards || view.members.some((member) => member.shards !== shards)) return [];
  return view.spent;
}

/**
 * Releases that divide the keys in different ways, or not at all, never work side by side: whoever has shards keeps them
 * until its last replica is gone. Where nobody has any, the replica that came first decides.
 */
function standsAgainst(view: View, { set }: Situation, alive: readonly Member[]): string | undefined {
  if (isLedByOthers(view)) return `${view.leader} leads, of a release that does not share`;
  const foreign = view.held.filter((one) => one.shards !== set.shards && !one.orphaned);
  const [first] = foreign;
  if (first) {
    const holders = new Set(foreign.map(({ holder }) => holder));
    return `a release with ${first.shards} shards instead of ${set.shards} still has ${foreign.length} of them (${[...holders].join(', ')})`;
  }
  if (view.held.some((one) => one.shards === set.shards && !one.orphaned)) return undefined;
  // Until then a release that does not share may come first.
  if (view.leader === '') return 'nobody leads yet';
  const [eldest] = alive.filter(({ leaving }) => !leaving).sort(byAge);
  if (eldest === undefined || eldest.shards === set.shards) return undefined;
  return `${eldest.identity}, which came first, divides the keys into ${eldest.shards} shards instead of ${set.shards}`;
}

function byAge(a: Member, b: Member): number {
  const [left, right] = [a, b].map(({ lease }) => `${lease.metadata.creationTimestamp} ${lease.metadata.name}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

/**
 * Whether shards that were just claimed may be begun, by Leases that were read after the claim: two releases that claim
 * at once both see it then, and both step back.
 */
export function mayBegin(view: View, shards: number): boolean {
  return !isLedByOthers(view) && !view.held.some((one) => one.shards !== shards && !one.orphaned);
}
