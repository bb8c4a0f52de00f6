import { type Clock, FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import { type Controller, controller } from '../../src/controller/index.ts';
import { type Manager, operator } from '../../src/manager/index.ts';
import type { LeaderElectionOptions } from '../../src/manager/leader-election/index.ts';
import '../../src/manager/leader-election/leadership.ts';
import { Lease } from '../../src/manager/leader-election/parts.ts';
import { FakeApi } from './fake-api.ts';
import { Plain } from './kinds.ts';
import { type LogLine, recordingLog } from './operator.ts';

/** The Lease that they compete for. */
export const where = { namespace: 'system', name: 'test-leader' };

/** Several replicas of one operator on one API server, and the clock they share. */
export class Candidates implements AsyncDisposable {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly running: { readonly name: string; readonly manager: Manager; readonly ended: Promise<unknown> }[] = [];
  readonly lines: LogLine[] = [];

  start(
    name: string,
    controllers: readonly Controller[],
    options: LeaderElectionOptions & { readonly clock?: Clock; readonly gracefulShutdownTimeout?: number } = {},
  ) {
    const { clock = this.clock, gracefulShutdownTimeout, ...leaderElection } = options;
    const manager = operator({ name: 'test', controllers }).manager({
      client: this.api.client,
      clock,
      random: seededRandom('same for all'),
      log: recordingLog(this.lines, { replica: name }),
      instance: name,
      gracefulShutdownTimeout,
      leaderElection: { namespace: where.namespace, identity: name, ...leaderElection },
    });
    const ended = manager.run().then(
      () => 'stopped',
      (error) => error,
    );
    this.running.push({ name, manager, ended });
    return { manager, ended };
  }

  get lease() {
    return this.api.object(Lease, where);
  }

  get holder(): string | undefined {
    return this.lease?.spec.holderIdentity;
  }

  get leaders(): string[] {
    return this.running.filter(({ manager }) => manager.isLeader).map(({ name }) => name);
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

/** Notes which replica reconciled what, and writes a status. */
export function worker(name: string, seen: string[]): Controller {
  return controller(Plain, {
    async reconcile(object, { status }) {
      seen.push(`${name} ${object.metadata.name}`);
      await status.patch({ size: object.spec.size });
    },
  });
}
