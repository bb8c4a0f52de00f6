import type { Log } from '../../src/reconcile/index.ts';

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
