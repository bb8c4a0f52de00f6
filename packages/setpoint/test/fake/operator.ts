import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
// What a manager loads when it starts: here beforehand, since the fake clock does not wait for files.
import '../../src/cache/index.ts';
import '../../src/client/index.ts';
import '../../src/controller/runner.ts';
import '../../src/manager/http.ts';
import '../../src/manager/metrics/metrics.ts';
import type { Controller } from '../../src/controller/index.ts';
import { type Manager, type ManagerOptions, operator } from '../../src/manager/index.ts';
import { FakeApi } from './fake-api.ts';
import { type LogLine, recordingLog } from './log.ts';

export { type LogLine, recordingLog } from './log.ts';

/** An operator over a fake API and a fake clock. */
export class TestOperator implements AsyncDisposable {
  readonly api: FakeApi;
  readonly clock = new FakeClock();
  readonly lines: LogLine[] = [];
  readonly manager: Manager;
  readonly finished: Promise<void>;
  readonly stop = new AbortController();

  constructor(
    controllers: readonly Controller[],
    options: {
      readonly api?: FakeApi;
      readonly gracefulShutdownTimeout?: number;
      readonly namespaces?: readonly string[];
      readonly clusters?: ManagerOptions['clusters'];
    } = {},
  ) {
    this.api = options.api ?? new FakeApi();
    this.manager = operator({ name: 'test', controllers }).manager({
      client: this.api.client,
      clock: this.clock,
      random: seededRandom('test'),
      log: recordingLog(this.lines),
      instance: 'here',
      gracefulShutdownTimeout: options.gracefulShutdownTimeout,
      namespaces: options.namespaces,
      clusters: options.clusters,
    });
    this.finished = this.manager.run(this.stop.signal);
    this.finished.catch(() => undefined);
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5; ) {
      await this.clock.advance(0);
      quiet = this.manager.settledState().idle ? quiet + 1 : 0;
      if (this.manager.state.status === 'stopped' || this.busyPasses()) return;
    }
  }

  /** Passes that wait for time or for the test. */
  busyPasses(): boolean {
    this.#turns = this.manager.settledState().idle ? 0 : this.#turns + 1;
    return this.#turns > 30;
  }
  #turns = 0;

  messages(level?: string): string[] {
    return this.lines.filter((line) => !level || line.level === level).map(({ message }) => message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    for (let i = 0; i < 50 && this.manager.state.status !== 'stopped'; i++) await this.clock.advance(1000);
    await this.finished.catch(() => undefined);
  }
}
