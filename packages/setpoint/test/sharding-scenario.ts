/**
 * Three replicas as processes on an embedded control plane that share a controller, of which one after the other is
 * stopped (SIGSTOP) for longer than its Lease, killed, or ended; and what its audit log says of who wrote what when.
 */
import assert from 'node:assert/strict';
import { type Random, sleep, systemClock } from '@setpoint/apimachinery/clock';
import { Lease, type LeaseObject } from '../src/manager/leader-election/parts.ts';
import { shardOf } from '../src/manager/sharding/assignment.ts';
import { memberLeaseName } from '../src/manager/sharding/names.ts';
import { Arena, type LateWrites, namespace, type Ordered, type Replica, told } from './leader-election-scenario.ts';

const shards = 8;
const set = { base: 'turns', shards };
const objects = Array.from({ length: 12 }, (_, i) => `o${i}`);
const together = 3;
/** Long enough for three processes and a server that write all the time on a busy machine. */
const times = [
  '--leader-elect-lease-duration=6s',
  '--leader-elect-renew-deadline=4s',
  '--leader-elect-retry-period=500ms',
];
const stoppedFor = 8000;
const patience = 120_000;

/** Whose a shard was from that revision on; an empty text: nobody's. */
interface Term {
  readonly shard: number;
  readonly holder: string;
  readonly revision: number;
}

export interface SharingReport {
  readonly rounds: number;
  /** Writes accepted, in all. */
  readonly writes: number;
  /** Accepted while the shard of their object was another replica's. */
  readonly late: LateWrites;
  /** From what happened to a replica until others wrote all of its objects, in milliseconds. */
  readonly takeOvers: Readonly<Record<string, readonly number[]>>;
}

/** Follows the Leases of shards. */
async function follow(arena: Arena, terms: Term[], signal: AbortSignal): Promise<void> {
  for await (const message of arena.client.watch(Lease, { namespace, signal })) {
    if (message.type !== 'ADDED' && message.type !== 'MODIFIED') continue;
    const { metadata, spec } = message.object as LeaseObject;
    const shard = /^turns-shard-(\d+)-of-/.exec(metadata.name ?? '')?.[1];
    if (shard === undefined) continue;
    const term = {
      shard: Number(shard),
      holder: spec?.holderIdentity ?? '',
      revision: Number(metadata.resourceVersion),
    };
    if (terms.findLast((one) => one.shard === term.shard)?.holder !== term.holder) terms.push(term);
  }
}

/** The accepted writes about an object whose shard was somebody else's then. */
function lateWrites(writes: readonly Ordered[], terms: readonly Term[], nameOf: (holder: string) => string) {
  return writes.filter(({ replica, object, revision, what }) => {
    const name = /^(o\d+)(?:-child|-raw)?$/.exec(object)?.[1];
    if (name === undefined || what.includes(' leases')) return false;
    const shard = shardOf(`${namespace}/${name}`, shards);
    const term = terms.findLast((one) => one.shard === shard && one.revision <= revision);
    return term === undefined || nameOf(term.holder) !== replica;
  });
}

const faults = { stopped: 'SIGSTOP', killed: 'SIGKILL', ended: 'SIGTERM' } as const;
type Fault = keyof typeof faults;

/** One replica after the other is stopped for eight seconds, killed, or ended; another one comes in its place. */
export async function disturbSharers(rounds: number, random: Random): Promise<SharingReport> {
  const names = Array.from({ length: 3 * rounds + 6 }, (_, i) => `replica-${i}`);
  await using arena = await Arena.open(names, objects);
  const terms: Term[] = [];
  const following = new AbortController();
  const followed = follow(arena, terms, following.signal).catch(() => undefined);
  const live: Replica[] = [];
  const come = () => {
    const name = names.shift();
    assert.ok(name, `too many replicas have ended\n${arena.said}`);
    // The host's name is the same for all of them: they are told apart by who writes their Leases.
    live.push(arena.start(name, times, { SHARDS: String(shards) }));
  };
  const makers = new Map<string, string>();
  const holderOf = (holder: string) => {
    const lease = memberLeaseName(set, holder);
    const known = makers.get(lease) ?? arena.writes.find((write) => write.creation && write.object === lease)?.replica;
    if (known !== undefined) makers.set(lease, known);
    return known ?? holder;
  };
  const sharing = () => {
    const holders = new Set(
      Array.from({ length: shards }, (_, i) => terms.findLast(({ shard }) => shard === i)?.holder),
    );
    return live.filter(({ name }) => [...holders].some((holder) => holder && holderOf(holder) === name)).length;
  };
  /** A busy machine may let a short Lease expire: such a replica ends by itself, and another one comes. */
  const keep = (count: number) => {
    for (const replica of live.filter(({ hasEnded }) => hasEnded)) live.splice(live.indexOf(replica), 1);
    while (live.length < count) come();
  };
  const allShare = async () => {
    await arena.until(
      'all share',
      () => {
        keep(together);
        return sharing() === together;
      },
      patience,
    );
  };
  const takeOvers: Record<Fault, number[]> = { stopped: [], killed: [], ended: [] };
  const kinds = Object.keys(faults) as Fault[];
  for (let round = 0; round < rounds; round++) {
    await allShare();
    await sleep(systemClock, 300 + random.next() * 700);
    const fault = kinds[round % kinds.length] as Fault;
    const [victim] = live.splice(random.integer(live.length), 1) as [Replica];
    const theirs = objects.filter((name) => {
      const shard = shardOf(`${namespace}/${name}`, shards);
      return holderOf(terms.findLast((term) => term.shard === shard)?.holder ?? '') === victim.name;
    });
    const [count, began] = [arena.writes.length, systemClock.now()];
    victim.kill(faults[fault]);
    const since = (name: string) =>
      arena.writes.slice(count).find(({ replica, object }) => replica !== victim.name && object === name);
    await arena.until(
      `others write what ${victim.name} (${fault}) had`,
      () => {
        keep(together - 1);
        return theirs.every(since);
      },
      patience,
    );
    if (theirs.length > 0) takeOvers[fault].push(Math.max(...theirs.map((name) => since(name)?.at ?? began)) - began);
    if (fault === 'stopped') {
      await sleep(systemClock, Math.max(0, began + stoppedFor - systemClock.now()));
      victim.kill('SIGCONT');
      assert.equal(await victim.exited, 1, `${victim.name} ends with exit code 1: ${victim.output}`);
    }
    if (fault === 'ended') assert.equal(await victim.exited, 0, victim.output);
  }
  await allShare();
  following.abort();
  await followed;
  const ordered = await arena.ordered();
  const late = lateWrites(ordered, terms, holderOf);
  return {
    rounds,
    writes: arena.writes.length,
    late: told(late, ordered),
    takeOvers,
  };
}
