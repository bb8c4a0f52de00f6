import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Index } from '../kinds/index.ts';
import type { CacheLog } from './types.ts';

/** Computes the values of one index, whatever its function does. */
export interface Indexer {
  /** None where the function throws, which is logged and counted. */
  values(object: KubeObject): readonly string[];
  /** The same for an object that was filed before: a throw is old news. */
  valuesAgain(object: KubeObject): readonly string[];
}

/** Files objects by namespace. */
export const byNamespace: Indexer = {
  values: ({ metadata }) => [metadata.namespace ?? ''],
  valuesAgain: ({ metadata }) => [metadata.namespace ?? ''],
};

/** Guards an index function; `onError` is told of each object that it fails for. */
export function indexerOf(index: Index, onError: (object: KubeObject, error: unknown) => void): Indexer {
  const compute = (object: KubeObject): readonly string[] => {
    const keys = index.keys(object as never);
    if (typeof keys === 'string') return [keys];
    if (keys === undefined || keys === null) return [];
    const values = [...keys].filter((value) => value !== undefined && value !== null);
    const odd = values.find((value) => typeof value !== 'string');
    if (odd !== undefined) throw new TypeError(`it gave a ${typeof odd}; index values are strings`);
    return values as string[];
  };
  return {
    values(object) {
      try {
        return compute(object);
      } catch (error) {
        onError(object, error);
        return [];
      }
    },
    valuesAgain(object) {
      try {
        return compute(object);
      } catch {
        return [];
      }
    },
  };
}

/** Logs the 1st, 2nd, 4th, 8th … time, so that ten thousand odd objects do not make ten thousand lines. */
export class RareLog {
  readonly #log: CacheLog;
  readonly #message: string;
  count = 0;

  constructor(log: CacheLog, message: string) {
    this.#log = log;
    this.#message = message;
  }

  say(details: object): void {
    this.count++;
    if ((this.count & (this.count - 1)) === 0) this.#log.error({ ...details, times: this.count }, this.#message);
  }
}
