import { compareBytes } from '@setpoint/apimachinery/json';
import type { Change, Entry } from './entry.ts';
import type { SortedKeys } from './sorted-keys.ts';

/** A sorted look at a collection at one moment. */
export interface View {
  /** Entries whose key starts with `prefix` and does not sort before `start`, in key order. */
  entries(prefix: string, start?: string): Iterable<Entry>;
  /** How many keys that is. */
  count(prefix: string, start?: string): number;
}

export function presentView(keys: SortedKeys, entries: ReadonlyMap<string, Entry>): View {
  const bounds = (prefix: string, start: string | undefined) => {
    const { from, to } = keys.range(prefix);
    return { from: start === undefined ? from : Math.max(from, keys.indexOf(start)), to };
  };
  return {
    *entries(prefix, start) {
      const { from, to } = bounds(prefix, start);
      for (let i = from; i < to; i++) yield entries.get(keys.at(i) as string) as Entry;
    },
    count(prefix, start) {
      const { from, to } = bounds(prefix, start);
      return Math.max(0, to - from);
    },
  };
}

/** The state before `undo`, which are the latest changes of the collection: each key as the first of them found it. */
export function viewAt(keys: SortedKeys, entries: ReadonlyMap<string, Entry>, undo: readonly Change[]): View {
  const present = presentView(keys, entries);
  if (undo.length === 0) return present;
  const before = new Map<string, Entry | undefined>();
  for (const change of undo) if (!before.has(change.key)) before.set(change.key, change.previous);
  const gone = [...before]
    .flatMap(([key, entry]) => (entry && !entries.has(key) ? [entry] : []))
    .sort((a, b) => compareBytes(a.key, b.key));

  function* merged(prefix: string, start: string | undefined): Generator<Entry> {
    const missing = gone.filter(
      (entry) => entry.key.startsWith(prefix) && (start === undefined || compareBytes(entry.key, start) >= 0),
    );
    let next = 0;
    for (const entry of present.entries(prefix, start)) {
      while (next < missing.length && compareBytes((missing[next] as Entry).key, entry.key) < 0) {
        yield missing[next++] as Entry;
      }
      if (!before.has(entry.key)) yield entry;
      else {
        const old = before.get(entry.key);
        if (old) yield old;
      }
    }
    yield* missing.slice(next);
  }
  return {
    entries: merged,
    count(prefix, start) {
      let count = 0;
      for (const _ of merged(prefix, start)) count++;
      return count;
    },
  };
}
