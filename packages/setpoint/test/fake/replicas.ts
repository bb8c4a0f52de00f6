import { type Clock, FakeClock, seededRandom, sleep } from '@setpoint/apimachinery/clock';
import { test as base, expect } from 'vitest';
import { type Controller, controller } from '../../src/controller/index.ts';
import { type Manager, operator } from '../../src/manager/index.ts';
import { Lease } from '../../src/manager/leader-election/parts.ts';
import '../../src/manager/leader-election/leadership.ts';
import '../../src/manager/sharding/sharding.ts';
import { FakeApi } from './fake-api.ts';
import { Plain, plain } from './kinds.ts';
import { type LogLine, recordingLog } from './operator.ts';

export const namespace = 'system';
export const shards = 8;
/** The objects that there are, three to a shard. */
export const names = Array.from({ length: 24 }, (_, i) => `o${i}`);

export interface Replica {
  readonly name: string;
  readonly manager: Manager;
  readonly ended: Promise<unknown>;
}

interface StartOptions {
  readonly clock?: Clock;
  readonly controllers?: readonly Controller[];
  /** For passes at a stop, in milliseconds. */
  readonly patience?: number;
}

/** Several replicas of one operator on one API server and one clock, and which of them did what. */
export class Replicas implements AsyncDisposable {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly running: Replica[] = [];
  readonly lines: LogLine[] = [];
  /** `replica object`, in order. */
  readonly seen: string[] = [];
  /** Passes that ran while another replica had one of the same object. */
  readonly overlaps: string[] = [];
  readonly #now = new Map<string, string>();

  constructor() {
    for (const name of names) this.api.create(Plain, plain(name));
  }

  start(name: string, options: StartOptions = {}): Replica {
    const { clock = this.clock, controllers = [this.worker(name)], patience } = options;
    const manager = operator({ name: 'test', controllers }).manager({
      client: this.api.client,
      clock,
      random: seededRandom(name),
      log: recordingLog(this.lines, { replica: name }),
      instance: name,
      gracefulShutdownTimeout: patience,
      leaderElection: { namespace, identity: name },
    });
    const ended = manager.run().then(
      () => 'stopped',
      (error) => error,
    );
    const replica = { name, manager, ended };
    this.running.push(replica);
    return replica;
  }

  /** Writes a status after some milliseconds; notes who did, and whether anybody else was at it. */
  worker(name: string, of: { readonly shards?: number | undefined; readonly takes?: number } = {}): Controller {
    const { takes = 5 } = of;
    const number = 'shards' in of ? of.shards : shards;
    return controller(Plain, {
      ...(number === undefined ? {} : { shards: number }),
      maxConcurrentReconciles: 4,
      reconcile: async (object, { status, clock }) => {
        const key = object.metadata.name;
        this.seen.push(`${name} ${key}`);
        const other = this.#now.get(key);
        if (other !== undefined && other !== name) this.overlaps.push(`${key}: ${other} and ${name}`);
        this.#now.set(key, name);
        await sleep(clock, takes).finally(() => {
          if (this.#now.get(key) === name) this.#now.delete(key);
        });
        await status.patch({ size: object.spec.size });
      },
    });
  }

  /** A new generation of every object. */
  edit(size: number): void {
    for (const name of names) {
      this.api.edit(Plain, { namespace: 'default', name }, (object) => {
        object.spec.size = size;
      });
    }
  }

  lease(shard: number, number = shards) {
    return this.api.object(Lease, { namespace, name: `test-shard-${shard}-of-${number}` });
  }

  /** Changes a shard's Lease behind everybody's back. */
  editLease(shard: number, change: (lease: { metadata: { labels?: object }; spec: object }) => void): void {
    this.api.edit(Lease, { namespace, name: `test-shard-${shard}-of-${shards}` }, change);
  }

  /** Who has each shard, by the Leases; an empty text: nobody. */
  get holders(): string[] {
    return Array.from({ length: shards }, (_, shard) => this.lease(shard)?.spec.holderIdentity ?? '');
  }

  /** How many shards each replica that runs works on. */
  get shares(): Record<string, number> {
    const working = ({ manager }: Replica) =>
      Object.values(manager.shards?.mine ?? {}).filter((state) => state === 'working').length;
    const live = this.running.filter(({ manager }) => manager.state.status === 'running');
    return Object.fromEntries(live.map((replica) => [replica.name, working(replica)]));
  }

  /** Objects whose status is not what their spec says. */
  get undone(): string[] {
    return this.api
      .list(Plain)
      .filter(({ spec, status }) => status?.size !== spec.size)
      .map(({ metadata }) => metadata.name);
  }

  messages(replica: string): string[] {
    return this.lines.filter((line) => line.replica === replica).map(({ message }) => message);
  }

  async [Symbol.asyncDispose]() {
    this.api.fault = () => undefined;
    this.api.resume();
    for (const { manager } of this.running) manager.stop();
    for (let i = 0; i < 80; i++) await this.clock.advance(1000);
    await Promise.all(this.running.map(({ ended }) => ended));
  }
}

/** A test with replicas of its own. Whatever happened in it: no object was worked on by two of them at once. */
export const test = base.extend<{ replicas: Replicas }>({
  // biome-ignore lint/correctness/noEmptyPattern: what is asked for is read from the pattern.
  replicas: async ({}, use) => {
    const replicas = new Replicas();
    await use(replicas);
    await replicas[Symbol.asyncDispose]();
    expect(replicas.overlaps).toEqual([]);
  },
});
