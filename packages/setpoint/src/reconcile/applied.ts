import { isJsonObject } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';

/** Under which name a child is remembered. */
export function appliedId(kind: AnyKind, { namespace, name }: ObjectKey): string {
  return `${kindName(kind)} ${namespace ?? ''}/${name}`;
}

interface Record {
  readonly uid: string;
  readonly intent: string;
  /** The answer, seen through the fields of the intent. */
  readonly projection: unknown;
  /** A hash of what our manager owned after the answer. */
  readonly digest: string | undefined;
}

/**
 * What this process applied, so that the same is not sent again. Starts empty: after a restart each child is applied
 * once, since only the server knows who owns which field.
 */
export class AppliedRecords {
  readonly #records = new Map<string, Record>();

  /** Notes an answer to `intent`. */
  record(id: string, intent: object, answer: KubeObject, digest: string | undefined): void {
    this.#records.set(id, {
      uid: answer.metadata.uid ?? '',
      intent: stable(intent),
      projection: project(answer, intent),
      digest,
    });
  }

  /**
   * Whether `intent` was applied to this very object, none of its fields was changed since, and the fields that are
   * ours are the same (a field taken over by another manager changes no value).
   */
  holds(id: string, intent: object, cached: KubeObject, digest: string | undefined): boolean {
    const record = this.#records.get(id);
    if (!record || record.uid !== cached.metadata.uid || record.intent !== stable(intent)) return false;
    return record.digest === digest && deepEqual(project(cached, intent), record.projection);
  }

  forget(id: string): void {
    this.#records.delete(id);
  }
}

/** The members of `object` that `intent` names. Lists are taken whole: what stands in them is compared as the server sent it. */
function project(object: unknown, intent: unknown): unknown {
  if (!isJsonObject(object) || !isJsonObject(intent)) return object;
  const entries = Object.keys(intent).map((key) => [key, project(object[key], intent[key])] as const);
  return Object.fromEntries(entries);
}

/** JSON with sorted members: equal for equal values. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, member) => {
    if (typeof member === 'bigint') return `${member}n`;
    if (!isJsonObject(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
