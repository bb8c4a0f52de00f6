import type { LeaseObject } from '../leader-election/parts.ts';

/** On every Lease of a sharded operator: whose it is. */
export const setLabel = 'setpoint.dev/sharding';
/** On every Lease of a sharded operator: into how many shards its release divides the keys. */
export const shardsLabel = 'setpoint.dev/shards';
/** On a member's Lease: it drains, and takes no shard. */
export const leavingAnnotation = 'setpoint.dev/leaving';

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
