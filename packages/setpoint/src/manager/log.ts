import type { Clock } from '@setpoint/apimachinery/clock';
import type { Log } from '../reconcile/index.ts';

/** Says nothing. */
export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};

/** Options of `createLog`. */
export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
  readonly clock: Clock;
  /** @default standard output */
  readonly destination?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * A pino logger: one JSON object a line, or lines for people where the output is a terminal. Written synchronously
 * and in this process, so that no line is lost when it ends.
 */
export async function createLog(options: LogOptions): Promise<Log> {
  const { default: pino } = await import('pino');
  const destination = options.destination ?? process.stdout;
  const pretty = options.format === 'pretty' || (options.format === 'auto' && destination.isTTY === true);
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date(options.clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const sink = options.destination ?? pino.destination({ fd: 1, sync: true });
  if (!pretty) return pino(settings, sink as never) as unknown as Log;
  const { prettyLine } = await import('./pretty.ts');
  const colours = destination.isTTY === true && !process.env.NO_COLOR;
  const stream = { write: (line: string) => void sink.write(prettyLine(line, colours)) };
  return pino(settings, stream) as unknown as Log;
}
