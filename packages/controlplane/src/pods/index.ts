import type { Action } from '../registry/index.ts';
import type { Backend } from '../verbs/index.ts';
import { podBinding } from './binding.ts';
import { podEviction } from './eviction.ts';

export { type PodLogs, podLog } from './log.ts';

/** What can be done to pods beside writing them, by the types of their bodies. */
export function podActions(backend: () => Backend): Readonly<Record<string, Action>> {
  return {
    'core/v1.Binding': podBinding(backend),
    'core/v1.Pod/binding': podBinding(backend),
    'core/v1.Pod/eviction': podEviction(backend),
  };
}
