import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
// What a manager loads when it starts: here beforehand, since the fake clock does not wait for files.
import '../../src/cache/index.ts';
import '../../src/client/index.ts';
import '../../src/controller/runner.ts';
import '../../src/manager/http.ts';
import '../../src/manager/metrics/metrics.ts';
import type { Controller } from '../../src/controller/index.ts';
import { type Manager, operator } from '../../src/manager/index.ts';
import type { Log } from '../../src/reconcile/index.ts';
import { FakeApi } from './fake-api.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export function recordingLog(lines: LogLine[], bindings: object = {}): Log {
  const write = (level: string) => (first: unknown, second?: string) =>
    void lines.push(
      typeof first === 'string'
        ? { ...bindings, level, message: first }
        : { ...bindings, ...(first as object), level, message: second ?? '' },
    );
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLog(lines, { ...bindings, ...fields }),
  };
}

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
