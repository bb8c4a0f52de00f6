import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { StatusError } from '../status/index.ts';
import { describeManager } from './identity.ts';
import { type ConflictError, pathText } from './merge/index.ts';

/** An apply that would take fields from other managers, all of them named. */
export function applyConflict({ conflicts }: ConflictError): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: pathText(path),
  }));
  return new StatusError(409, 'Conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: ConflictError['conflicts']): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.manager)}: ${pathText(first.path)}`;
  }
  const lines: string[] = [];
  let manager: string | undefined;
  for (const conflict of conflicts) {
    if (conflict.manager !== manager) {
      manager = conflict.manager;
      lines.push(`conflicts with ${describeManager(manager)}:`);
    }
    lines.push(`- ${pathText(conflict.path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** What an object says that it is, as Go prints a GroupVersionKind; objects of clients may say anything. */
export function kindText(object: KubeObject): string {
  const { apiVersion, kind } = object as { readonly apiVersion?: unknown; readonly kind?: unknown };
  const said = typeof apiVersion === 'string' ? apiVersion : '';
  if (said.split('/').length > 2) return '/, Kind=';
  const { group, version } = parseApiVersion(said);
  return `${group}/${version}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** Which object an error is about. */
export function objectText(object: KubeObject): string {
  const { namespace, name } = (object.metadata ?? {}) as { readonly namespace?: unknown; readonly name?: unknown };
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return `${text(namespace)}/${text(name)}; ${kindText(object)}`;
}
