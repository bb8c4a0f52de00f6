import type { CodeSplittingGroup } from 'rolldown';
import { awaitsAtTop } from './syntax.ts';

interface ModuleGraph {
  getModuleInfo(
    id: string,
  ): { readonly importedIds: readonly string[]; readonly code: string | null; readonly inputFormat: string } | null;
}

/**
 * Modules that are loaded at the start are joined into two files, those of packages and the project's own. A module that
 * waits while it is evaluated, and each that needs such a one, keeps a file of its own: joined with others it would make
 * those wait for it that it waits for.
 */
export function groupsOf(isOwn: (id: string) => boolean): CodeSplittingGroup[] {
  const waiting = waitingModules();
  return [
    {
      name: (id, graph) => (waiting(id, graph) ? nameOf(id) : null),
      priority: 3,
      includeDependenciesRecursively: false,
    },
    {
      name: (id) => (isOwn(id) ? 'operator' : null),
      tags: ['$initial'],
      priority: 2,
      includeDependenciesRecursively: false,
    },
    { name: 'packages', tags: ['$initial'], priority: 1, includeDependenciesRecursively: false },
  ];
}

function nameOf(id: string): string {
  return id.replace(/^.*[\\/]/, '').replace(/\.[a-z]+$/, '');
}

function waitingModules(): (id: string, graph: ModuleGraph) => boolean {
  const known = new Map<string, boolean>();
  return function waits(id, graph): boolean {
    const before = known.get(id);
    if (before !== undefined) return before;
    // A circle of modules does not wait because of itself.
    known.set(id, false);
    const info = graph.getModuleInfo(id);
    const found =
      info !== null &&
      ((info.inputFormat !== 'cjs' && awaitsAtTop(info.code ?? '')) ||
        info.importedIds.some((other) => waits(other, graph)));
    known.set(id, found);
    return found;
  };
}
