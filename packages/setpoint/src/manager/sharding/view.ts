import { deepEqual } from '@setpoint/apimachinery/patch';
import type { LeaseObject } from '../leader-election/parts.ts';
import { isMember, isOf, type LeaseSet, leavingAnnotation, memberLeaseName, shardIn, shardsOf } from './names.ts';

/** A replica that holds a Lease of its own. */
export interface Member {
  readonly identity: string;
  readonly lease: LeaseObject;
  /** Into how many shards its release divides the keys. */
  readonly shards: number;
  /** It drains, and takes no shard. */
  readonly leaving: boolean;
  /** Its Lease was not renewed for as long as it says: it may be put to an end. */
  readonly expired: boolean;
}

/** The Lease of a shard that is somebody's. */
export interface HeldShard {
  readonly shard: number;
  readonly shards: number;
  readonly lease: LeaseObject;
  readonly holder: string;
  /** The holder can write no more: its own Lease was taken from it, or has been missing for long. */
  readonly orphaned: boolean;
}

/** What the Leases say at one moment. */
export interface View {
  readonly members: readonly Member[];
  /** The Leases of this release's shards, by number. */
  readonly leases: ReadonlyMap<number, LeaseObject>;
  /** Those that somebody is in, also of other releases; also one that was deleted while somebody was. */
  readonly held: readonly HeldShard[];
  /** The Leases of shards of other releases. */
  readonly former: readonly LeaseObject[];
  /** Who leads; an empty text: nobody. */
  readonly leader: string;
  /** Whether who leads is, or was, one of the members. */
  readonly isLedByMember: boolean;
  /** Leases that are of no use any more, if nothing else changes. */
  readonly spent: readonly LeaseObject[];
}

interface Sighting {
  readonly lease: LeaseObject;
  /** By our monotonic clock: other machines' clocks say nothing. */
  readonly since: number;
}

/**
 * Looks at the Leases again and again, and remembers since when each has been as it is: a Lease expires when it has not
 * changed for its duration since this process saw it change.
 */
export class Sightings {
  readonly #set: LeaseSet;
  /** Milliseconds, for Leases that do not say it. */
  readonly #duration: number;
  #seen = new Map<string, Sighting>();
  /** Leases of members that were there at some time, by name. */
  readonly #known = new Set<string>();
  /** Holders without a Lease of their own. */
  #missing = new Map<string, number>();
  /** Leases of shards that were deleted while somebody held them: who did puts them back. */
  #deleted = new Map<string, Sighting>();

  constructor(set: LeaseSet, duration: number) {
    this.#set = set;
    this.#duration = duration;
  }

  /**
   * @param leader the Lease of who leads
   * @param now by the monotonic clock, when they were there
   */
  view(all: readonly LeaseObject[], leader: LeaseObject | undefined, now: number): View {
    const ours = all.filter((lease) => isOf(this.#set, lease));
    this.#note(ours, now);
    const byName = new Map(ours.map((lease) => [nameOf(lease), lease]));
    const members = ours.filter((lease) => isMember(this.#set, lease) && holderOf(lease) !== '');
    for (const lease of ours) if (isMember(this.#set, lease)) this.#known.add(nameOf(lease));
    const leads = leader ? holderOf(leader) : '';
    const shards = ours.flatMap((lease) => this.#shard(lease));
    const deleted = Array.from(this.#deleted.values(), ({ lease }) => lease).flatMap((lease) => this.#shard(lease));
    const taken = [...shards, ...deleted].filter(({ holder }) => holder !== '');
    this.#noteMissing(
      taken.map(({ holder }) => holder).filter((holder) => !byName.has(memberLeaseName(this.#set, holder))),
      now,
    );
    const held = taken.map((shard) => {
      const forgotten =
        !byName.has(nameOf(shard.lease)) && now - (this.#deletedSince(shard.lease) ?? now) > this.#duration;
      return { ...shard, orphaned: forgotten || this.#isOrphaned(byName, shard.holder, now) };
    });
    const named = new Set([leads, ...held.map(({ holder }) => holder)].map((one) => memberLeaseName(this.#set, one)));
    return {
      members: members.map((lease) => this.#member(lease, now)),
      leases: new Map(
        shards.filter((one) => one.shards === this.#set.shards).map(({ shard, lease }) => [shard, lease] as const),
      ),
      held,
      former: shards.filter((one) => one.shards !== this.#set.shards).map(({ lease }) => lease),
      leader: leads,
      isLedByMember: this.#known.has(memberLeaseName(this.#set, leads)),
      spent: ours.filter((lease) => this.#isSpent(lease, named, now)),
    };
  }

  #note(leases: readonly LeaseObject[], now: number): void {
    const names = new Set(leases.map(nameOf));
    for (const [name, { lease }] of this.#seen) {
      if (!names.has(name) && this.#shard(lease).length > 0) this.#deleted.set(name, { lease, since: now });
    }
    for (const name of names) this.#deleted.delete(name);
    this.#seen = new Map(
      leases.map((lease) => {
        const name = nameOf(lease);
        const before = this.#seen.get(name);
        const same = before?.lease.metadata.uid === lease.metadata.uid && deepEqual(before?.lease.spec, lease.spec);
        return [name, same && before ? before : { lease, since: now }];
      }),
    );
  }

  #noteMissing(holders: readonly string[], now: number): void {
    this.#missing = new Map(holders.map((holder) => [holder, this.#missing.get(holder) ?? now]));
  }

  #deletedSince(lease: LeaseObject): number | undefined {
    return this.#deleted.get(nameOf(lease))?.since;
  }

  #shard(lease: LeaseObject) {
    const place = shardIn(this.#set, lease);
    return place ? [{ ...place, lease, holder: holderOf(lease) }] : [];
  }

  /**
   * Whose Lease is somebody else's, or nobody's, has been put to an end, and cannot renew it. Whose Lease is not there
   * finds that out by itself within a duration, and makes none anew.
   */
  #isOrphaned(byName: ReadonlyMap<string, LeaseObject>, holder: string, now: number): boolean {
    const lease = byName.get(memberLeaseName(this.#set, holder));
    if (lease) return holderOf(lease) !== holder;
    return now - (this.#missing.get(holder) ?? now) > this.#duration;
  }

  #member(lease: LeaseObject, now: number): Member {
    return {
      identity: holderOf(lease),
      lease,
      shards: shardsOf(lease),
      leaving: lease.metadata.annotations?.[leavingAnnotation] === 'true',
      expired: this.#age(lease, now) > durationOf(lease, this.#duration),
    };
  }

  #isSpent(lease: LeaseObject, named: ReadonlySet<string>, now: number): boolean {
    if (holderOf(lease) !== '' || this.#age(lease, now) <= this.#duration) return false;
    if (isMember(this.#set, lease)) return !named.has(nameOf(lease));
    return this.#shard(lease).some(({ shards }) => shards !== this.#set.shards);
  }

  #age({ metadata }: LeaseObject, now: number): number {
    return now - (this.#seen.get(metadata.name ?? '')?.since ?? now);
  }
}

function nameOf({ metadata }: LeaseObject): string {
  return metadata.name ?? '';
}

export function holderOf({ spec }: LeaseObject): string {
  return typeof spec?.holderIdentity === 'string' ? spec.holderIdentity : '';
}

function durationOf({ spec }: LeaseObject, usual: number): number {
  const seconds = spec?.leaseDurationSeconds;
  return typeof seconds === 'number' && seconds > 0 ? Math.max(seconds * 1000, 1) : usual;
}
