import type { MutableObject } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { readySince } from './pods.ts';

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  readonly service: number;
  readonly pods: ReadonlyMap<string, number>;
}

/** Since when there is reason for the endpoints to be as they will be: the oldest change since the last look. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** As a timestamp; undefined: nothing that counts has changed. */
  of(key: string, service: MutableObject, pods: readonly MutableObject[]): string | undefined {
    const before = this.#seen.get(key);
    const changed: number[] = [];
    const times = new Map<string, number>();
    for (const pod of pods) {
      const time = readySince(pod);
      const { name = '' } = pod.metadata;
      if (time === undefined) continue;
      times.set(name, time);
      if (time > (before?.pods.get(name) ?? 0)) changed.push(time);
    }
    const created = Date.parse(service.metadata.creationTimestamp ?? '');
    if (created > (before?.service ?? 0)) changed.push(created);
    this.#seen.set(key, { service: created, pods: times });
    if (!before) return timestamp(created);
    return changed.length === 0 ? undefined : timestamp(Math.min(...changed));
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** Annotations with the time, or without one. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> | undefined {
  const { [triggerTimeAnnotation]: _, ...others } = annotations ?? {};
  const next = time === undefined ? others : { ...others, [triggerTimeAnnotation]: time };
  return Object.keys(next).length > 0 ? next : undefined;
}
