import type { Caches } from '../cache/index.ts';
import type { ControllerRunner } from '../controller/index.ts';
import type { ManagerState, SettledState } from './types.ts';

/** How busy these are. */
export function settledState(
  status: ManagerState['status'],
  runners: readonly ControllerRunner[],
  caches: readonly Caches[],
): SettledState {
  const entries = runners.map((runner) => [runner.controller.name, runner.activity()] as const);
  const activities = entries.map(([, activity]) => activity);
  const due = activities.flatMap(({ nextDue }) => (nextDue === undefined ? [] : [nextDue]));
  const stats = caches.flatMap((each) => each.stats());
  const undelivered = stats.reduce((sum, store) => sum + store.undelivered, 0);
  return {
    status,
    undelivered,
    idle:
      status !== 'starting' &&
      status !== 'stopping' &&
      undelivered === 0 &&
      activities.every(({ ready, running, events }) => ready + running + events === 0),
    controllers: Object.fromEntries(entries),
    nextDue: due.length === 0 ? undefined : Math.min(...due),
    unconfirmed: stats.reduce((sum, { overlayEntries, tombstones }) => sum + overlayEntries + tombstones, 0),
    unsynced: stats.filter(({ hasSynced }) => !hasSynced).length,
  };
}
