import { goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import { type FieldPath, type FieldSet, pathText } from '../fieldpath/index.ts';

/** A field that another manager owns with another value. */
export interface Conflict {
  readonly manager: string;
  readonly path: FieldPath;
}

/** An apply that would take fields from others: all of them, by manager in byte order and then by path. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(message(conflicts));
    this.conflicts = conflicts;
  }
}

export function conflictsOf(sets: ReadonlyMap<string, FieldSet>): Conflict[] {
  const conflicts: Conflict[] = [];
  const managers = [...sets.keys()].sort(compareBytes);
  for (const manager of managers) {
    for (const path of (sets.get(manager) as FieldSet).paths()) conflicts.push({ manager, path });
  }
  return conflicts;
}

function message(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1) return `conflict with ${goQuote(first.manager)}: ${pathText(first.path)}`;
  const lines: string[] = [];
  let manager: string | undefined;
  for (const conflict of conflicts) {
    if (conflict.manager !== manager) {
      manager = conflict.manager;
      lines.push(`conflicts with ${goQuote(manager)}:`);
    }
    lines.push(`- ${pathText(conflict.path)}`);
  }
  return lines.join('\n');
}
