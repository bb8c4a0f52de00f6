import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Loose } from './walk.ts';

/** Members of an Event of events.k8s.io/v1 that core/v1 calls differently. */
const renamed: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
};
const original = Object.fromEntries(Object.entries(renamed).map(([to, from]) => [from, to]));

/** An Event of events.k8s.io/v1 as one of core/v1, which is how both are kept. */
export function eventToStorage(event: KubeObject): Loose {
  return { ...rename(event, renamed), apiVersion: 'v1' };
}

/** The opposite. */
export function eventFromStorage(event: KubeObject): Loose {
  return { ...rename(event, original), apiVersion: 'events.k8s.io/v1' };
}

function rename(event: KubeObject, names: Readonly<Record<string, string>>): Loose {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [names[name] ?? name, value]));
}
