import type { Caches, StoreStats } from '../../cache/index.ts';
import type { Makers } from './makers.ts';

type Figure = readonly [type: 'counter' | 'gauge', name: string, help: string, value: (stats: StoreStats) => number];

const figures: readonly Figure[] = [
  ['gauge', 'objects', 'Objects in a store of the cache', (stats) => stats.objects],
  ['gauge', 'bytes', 'Approximate bytes of heap of the objects in a store of the cache', (stats) => stats.bytes],
  [
    'gauge',
    'in_trouble',
    'Whether a store cannot follow its kind at this moment',
    (stats) => (stats.inTrouble ? 1 : 0),
  ],
  ['gauge', 'synced', 'Whether the first list of a store is complete', (stats) => (stats.hasSynced ? 1 : 0)],
  [
    'gauge',
    'overlay_entries',
    'Own writes that the watch has not brought back yet, by store',
    (stats) => stats.overlayEntries,
  ],
  ['gauge', 'tombstones', 'Own deletions that the watch has not confirmed yet, by store', (stats) => stats.tombstones],
  ['gauge', 'undelivered_events', 'Events on their way to handlers, by store', (stats) => stats.undelivered],
  ['counter', 'lists_total', 'Lists begun, the first included, by store', (stats) => stats.lists],
  ['counter', 'watches_total', 'Watches begun, the first included, by store', (stats) => stats.watches],
  ['counter', 'failures_total', 'Lists and watches that failed, by store', (stats) => stats.failures],
  [
    'counter',
    'epochs_total',
    'How often the server went back in time, or was another one, by store',
    (stats) => stats.epochs,
  ],
  [
    'counter',
    'unreadable_total',
    'Objects left out since they could not be read, by store',
    (stats) => stats.unreadable,
  ],
  ['counter', 'index_errors_total', 'Objects left out of an index that threw, by store', (stats) => stats.indexErrors],
  ['counter', 'transform_errors_total', 'Objects whose transform threw, by store', (stats) => stats.transformErrors],
  ['counter', 'handler_errors_total', 'Handlers that threw, by store', (stats) => stats.handlerErrors],
];

/** Of all caches that are in the list at a scrape. */
export function measureCaches({ asked }: Makers, caches: readonly Caches[]): void {
  for (const [type, name, help, value] of figures) {
    asked(type, `setpoint_cache_${name}`, help, ['store'], () =>
      caches.flatMap((each) => each.stats()).map((stats) => [{ store: stats.description }, value(stats)] as const),
    );
  }
}
