import type { Action, Read } from '../registry/index.ts';
import type { Backend } from '../verbs/index.ts';
import { podBinding } from './binding.ts';
import { podEviction } from './eviction.ts';
import { podStream } from './kubelet.ts';
import { type PodLogs, podLog } from './log.ts';

export type { PodLogs } from './log.ts';

/** What can be done to pods beside writing them, by the types of their bodies. */
export function podActions(backend: () => Backend): Readonly<Record<string, Action>> {
  return {
    'core/v1.Binding': podBinding(backend),
    'core/v1.Pod/binding': podBinding(backend),
    'core/v1.Pod/eviction': podEviction(backend),
  };
}

/** What a kubelet would answer; there is none, so nothing opens a stream. */
export function podReads(backend: () => Backend, logs: PodLogs): Readonly<Record<string, Read>> {
  return {
    'core/v1.Pod/log': podLog(backend, logs),
    'core/v1.Pod/exec': podStream(backend, 'exec'),
    'core/v1.Pod/attach': podStream(backend, 'attach'),
    'core/v1.Pod/portforward': podStream(backend, 'portforward'),
  };
}
