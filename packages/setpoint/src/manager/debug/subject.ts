import { systemClock } from '@setpoint/apimachinery/clock';
import type { Crew } from '../crew.ts';
import type { Declaration } from '../declaration.ts';
import type { Manager } from '../manager.ts';
import type { DebugSubject } from './debug.ts';

/** What /debug shows of a manager. Profiles take wall time, whatever the manager's clock says. */
export function debugSubject({ controllers }: Declaration, manager: Manager, crew: () => Crew): DebugSubject {
  return {
    clock: systemClock,
    controllers: controllers.map(({ name }) => name),
    queued: (controller, limit) => manager.queued(controller, limit),
    caches: () => crew().caches.map((caches) => ({ stores: caches.stats(), troubles: caches.troubles() })),
    shards: () => manager.shards,
    state: () => ({
      ...manager.state,
      isLeader: manager.isLeader,
      running: crew().running(),
      ...manager.settledState(),
    }),
  };
}
