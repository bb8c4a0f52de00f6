import { type Clock, FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeApi } from '../../../test/fake/fake-api.ts';
import { Plain, plain } from '../../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../../test/fake/operator.ts';
import { type Controller, controller } from '../../controller/index.ts';
import { type Manager, operator } from '../index.ts';
import { Lease } from '../leader-election/parts.ts';
import { shardOf } from './assignment.ts';
import './sharding.ts';

const namespace = 'system';
const shards = 8;
const names = Array.from({ length: 24 }, (_, i) => `o${i}`);

interface Replica {
  readonly name: string;
  readonly manager: Manager;
  readonly ended: Promise<unknown>;
}

/** Several replicas of one operator on one API server, and what each of them does when. */
class Replicas implements AsyncDisposable {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly running: Replica[] = [];
  readonly lines: LogLine[] = [];
  /** `replica object`, in order. */
  readonly seen: string[] = [];

  constructor() {
    for (const name of names) this.api.create(Plain, plain(name));
  }

  start(
    name: string,
    options: { readonly clock?: Clock; readonly shared?: Controller; readonly patience?: number } = {},
  ) {
    const { clock = this.clock, shared = this.worker(name), patience } = options;
    const manager = operator({ name: 'test', controllers: [shared] }).manager({
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

  /** Notes which replica reconciled what, and writes a status. */
  worker(name: string, number = shards): Controller {
    return controller(Plain, {
      shards: number,
      reconcile: async (object, { status }) => {
        this.seen.push(`${name} ${object.metadata.name}`);
        await status.patch({ size: object.spec.size });
      },
    });
  }

  lease(shard: number, number = shards) {
    return this.api.object(Lease, { namespace, name: `test-shard-${shard}-of-${number}` });
  }

  /** Who has each shard, by the Leases; an empty text: nobody. */
  get holders(): string[] {
    return Array.from({ length: shards }, (_, shard) => this.lease(shard)?.spec.holderIdentity ?? '');
  }

  /** How many shards each replica works on. */
  get shares(): Record<string, number> {
    const working = ({ manager }: Replica) =>
      Object.values(manager.shards?.mine ?? {}).filter((state) => state === 'working').length;
    return Object.fromEntries(this.running.map((replica) => [replica.name, working(replica)]));
  }

  /** Who saw the object last. */
  last(object: string): string | undefined {
    return this.seen.findLast((line) => line.endsWith(` ${object}`))?.split(' ')[0];
  }

  messages(replica: string): string[] {
    return this.lines.filter((line) => line.replica === replica).map(({ message }) => message);
  }

  async [Symbol.asyncDispose]() {
    this.api.fault = () => undefined;
    for (const { manager } of this.running) manager.stop();
    for (let i = 0; i < 60; i++) await this.clock.advance(1000);
    await Promise.all(this.running.map(({ ended }) => ended));
  }
}

let replicas = new Replicas();
afterEach(async () => {
  await replicas[Symbol.asyncDispose]();
  replicas = new Replicas();
});

describe('replicas that share a controller', () => {
  test('a single one works on everything, each object once', async () => {
    const { clock } = replicas;
    replicas.start('a');
    await clock.advance(2000);
    expect(replicas.shares).toEqual({ a: shards });
    expect(replicas.seen.toSorted()).toEqual(names.map((name) => `a ${name}`).toSorted());
  });

  test('three have equal shares, and each works on the objects of its own shards alone', async () => {
    const { clock, api } = replicas;
    for (const name of ['a', 'b', 'c']) replicas.start(name);
    await clock.advance(10_000);
    expect(Object.values(replicas.shares).toSorted()).toEqual([2, 3, 3]);
    const { holders } = replicas;
    replicas.seen.length = 0;
    for (const name of names) {
      api.edit(Plain, { namespace: 'default', name }, (object) => {
        object.spec.size = 2;
      });
    }
    await clock.advance(100);
    const expected = names.map((name) => `${holders[shardOf(`default/${name}`, shards)]} ${name}`);
    expect(replicas.seen.toSorted()).toEqual(expected.toSorted());
  });
});
