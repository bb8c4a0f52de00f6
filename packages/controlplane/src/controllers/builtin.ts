import { garbageCollector } from './garbage-collector/index.ts';
import type { Controller } from './host/index.ts';
import { namespaceController } from './namespace/index.ts';

/** All controllers that there are, in the order in which they start. */
export function builtinControllers(): readonly Controller[] {
  return [garbageCollector, namespaceController];
}
