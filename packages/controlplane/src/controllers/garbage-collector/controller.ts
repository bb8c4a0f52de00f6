import type { Controller } from '../host/index.ts';
import { GarbageCollector } from './collector.ts';

/** How many objects are worked on at once, as in kube-controller-manager. */
const workers = 20;

/**
 * Deletes what all owners have left behind, and does what a deletion in the foreground or one that orphans has asked for
 * by its finalizer. An owner counts only where the reference says: of that kind, under that name, in the namespace of the
 * dependent (or of the cluster), with that uid.
 */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  start(context) {
    const collector = new GarbageCollector(context);
    const queues = {
      toDelete: context.queue((item) => collector.attemptToDelete(item), { workers }),
      toOrphan: context.queue((item) => collector.orphanDependents(item), { workers }),
    };
    collector.start(queues);
    context.onClose(context.registry.onChange(() => collector.kindsChanged()));
  },
};
