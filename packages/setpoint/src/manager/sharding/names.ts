import { compareRevisions } from '../../cache/index.ts';
import type { LeaseObject } from '../leader-election/parts.ts';

/** On every Lease of a sharded operator: whose it is. */
export const setLabel = 'setpoint.dev/sharding';
/** On every Lease of a sharded operator: into how many shards its release divides the keys. */
export const shardsLabel = 'setpoint.dev/shards';
/** On a member's Lease: it drains, and takes no shard. */
export const leavingAnnotation = 'setpoint.dev/leaving';
/** On a shard's Lease: what its last holder wrote, as revisions by kind; whoever comes next has to have seen it. */
export const writtenAnnotation = 'setpoint.dev/written';

/** The Leases of one operator's replicas. */
export interface LeaseSet {
  /** Before `-shard-…` and `-member-…`. */
  readonly base: string;
  /** Into how many shards this release divides the keys. */
  readonly shards: number;
}

/** @throws Error for a name that is too long to be a label */
export function leaseSet(base: string, shards: number): LeaseSet {
  if (base.length > 63) {
    throw new Error(`sharding: ${JSON.stringify(base)} has more than 63 letters; give a shorter --leader-election-id`);
  }
  return { base, shards };
}

export function labelsOf({ base, shards }: LeaseSet): Readonly<Record<string, string>> {
  return { [setLabel]: base, [shardsLabel]: String(shards) };
}

/** `foo-shard-03-of-16`: releases that divide the keys in another way have Leases of their own. */
export function shardLeaseName({ base, shards }: LeaseSet, shard: number): string {
  return `${base}-shard-${String(shard).padStart(String(shards - 1).length, '0')}-of-${shards}`;
}

export function memberLeaseName({ base }: LeaseSet, identity: string): string {
  const name = identity.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `${base}-member-${name.replaceAll(/^-+|-+$/g, '')}`.slice(0, 253);
}

/** The number in the name of a shard's Lease; undefined for one of a member, or of nobody. */
export function shardIn({ base }: LeaseSet, { metadata }: LeaseObject): { shard: number; shards: number } | undefined {
  const { name = '' } = metadata;
  if (!name.startsWith(`${base}-shard-`)) return undefined;
  const [, shard, shards] = /^(\d+)-of-(\d+)$/.exec(name.slice(`${base}-shard-`.length)) ?? [];
  return shard === undefined ? undefined : { shard: Number(shard), shards: Number(shards) };
}

export function isMember({ base }: LeaseSet, { metadata }: LeaseObject): boolean {
  return metadata.name?.startsWith(`${base}-member-`) ?? false;
}

export function isOf({ base }: LeaseSet, { metadata }: LeaseObject): boolean {
  return metadata.labels?.[setLabel] === base;
}

export function shardsOf({ metadata }: LeaseObject): number {
  return Number(metadata.labels?.[shardsLabel] ?? 0);
}

/** Revisions by kind. */
export type Written = Readonly<Record<string, string>>;

/** Of each kind the last one. */
export function mergeWritten(all: readonly Written[]): Written {
  const merged: Record<string, string> = {};
  for (const [kind, revision] of all.flatMap((written) => Object.entries(written))) {
    const other = merged[kind];
    if (other === undefined || compareRevisions(revision, other) > 0) merged[kind] = revision;
  }
  return merged;
}

/**
 * What has to be seen before the work of these Leases' last holders is gone on with; undefined where that is not known.
 */
export function writtenBefore(leases: readonly LeaseObject[]): Written | undefined {
  const all = leases.map((lease) => (lease.spec?.holderIdentity ? undefined : writtenIn(lease)));
  return all.every((written) => written !== undefined) ? mergeWritten(all) : undefined;
}

function writtenIn({ metadata }: LeaseObject): Written | undefined {
  try {
    const text = metadata.annotations?.[writtenAnnotation];
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Written) : undefined;
  } catch {
    return undefined;
  }
}
