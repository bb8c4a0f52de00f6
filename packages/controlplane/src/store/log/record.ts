import { parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';

/** One line of the life of a store, in the order in which things happened. */
export type LogRecord =
  /** What is stored at `key` from `revision` on. */
  | {
      readonly type: 'put';
      readonly storageKey: string;
      readonly key: string;
      readonly revision: number;
      readonly object: KubeObject;
    }
  | { readonly type: 'delete'; readonly storageKey: string; readonly key: string; readonly revision: number }
  /** Changes up to and with `revision` cannot be watched from any more. */
  | { readonly type: 'compact'; readonly revision: number }
  /** Everything before is forgotten; what follows has later revisions. */
  | { readonly type: 'reset'; readonly revision: number }
  /** The last record of a snapshot: so many came before it. */
  | { readonly type: 'end'; readonly revision: number; readonly count: number };

/** JSON without loss: integers beyond 2^53 and members named `__proto__` come back as they were. */
export function encodeRecord(record: LogRecord): Uint8Array {
  return Buffer.from(stringifyJson(record));
}

/** @throws Error for what is no record */
export function decodeRecord(payload: Uint8Array): LogRecord {
  const record = parseJson(payload) as unknown as LogRecord;
  switch (record?.type) {
    case 'put':
    case 'delete':
    case 'compact':
    case 'reset':
    case 'end':
      return record;
    default:
      record satisfies never;
      throw new Error(`a record of the unknown type ${JSON.stringify((record as LogRecord | null)?.type)}`);
  }
}
