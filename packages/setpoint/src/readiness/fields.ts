import { isJsonObject } from '@setpoint/apimachinery/json';
import type { Condition, KubeObject } from '@setpoint/apimachinery/meta';

/** What stands at the path; undefined where a step leads nowhere. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let found = object;
  for (const name of path) found = isJsonObject(found) ? found[name] : undefined;
  return found;
}

export function numberAt(object: unknown, fallback: number, ...path: readonly string[]): number {
  const found = valueAt(object, ...path);
  return typeof found === 'number' ? found : fallback;
}

export function textAt(object: unknown, ...path: readonly string[]): string {
  const found = valueAt(object, ...path);
  return typeof found === 'string' ? found : '';
}

export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(object, ...path);
  return Array.isArray(found) ? found : [];
}

export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return (listAt(object, 'status', 'conditions') as readonly Condition[]).find((condition) => condition?.type === type);
}
