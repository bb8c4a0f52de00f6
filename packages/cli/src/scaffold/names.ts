import { builtinKind, moduleOf } from '@setpoint/apimachinery/kinds';

/** The names of a kind, whole. */
export interface KindNames {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Served, and without a door in the library. */
const withoutDoor: ReadonlySet<string> = new Set(['autoscaling/v1']);

/** From where a kind of Kubernetes is imported, such as `setpoint/apps/v1`; undefined if there is no such kind. */
export function builtinModule({ group, version, kind }: KindNames): string | undefined {
  const module = moduleOf(group, version);
  return builtinKind(group, version, kind) && !withoutDoor.has(module) ? `setpoint/${module}` : undefined;
}
