import type { Step } from './frame.ts';

/** Variables of comprehensions by name, innermost first. Others are the activation's. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: ReadonlyMap<string, LocalVariable>;
}

export interface LocalVariable {
  readonly slot: number;
  /** An accumulator comes to be where it is first read. */
  readonly begin: (() => Step) | undefined;
}

export function findLocal(scope: Scope | undefined, name: string): LocalVariable | undefined {
  for (let at = scope; at !== undefined; at = at.parent) {
    const found = at.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
