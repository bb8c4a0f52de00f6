import { isIndex } from '../cache/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { Controller, PolicyRule } from './types.ts';

/** Every kind that a controller reads from the cache, in the order of its declaration, each once. */
export function readKinds(controller: Controller): AnyKind[] {
  const kinds: AnyKind[] = [];
  const add = (kind: AnyKind) => {
    if (!kinds.includes(kind)) kinds.push(kind);
  };
  if (controller.kind) add(controller.kind);
  const reads = [
    ...controller.reads,
    ...controller.watches.flatMap((watch) => watch.reads),
    ...controller.sources.flatMap((source) => source.reads),
  ];
  for (const read of reads) add(isIndex(read) ? read.kind : read);
  for (const { kind } of [...controller.watches, ...controller.owns]) add(kind);
  return kinds;
}

/** The kinds that `apply` may write. */
export function writableKinds(controller: Controller): AnyKind[] {
  return [...controller.owns.map(({ kind }) => kind), ...controller.writes].filter(
    (kind) => kind.projection === 'full',
  );
}

/**
 * The permissions that a controller needs, computed from its declaration: what it reads is listed and watched, its
 * status patched, children created, patched and deleted, events written. What it does with `client` beyond that stands
 * in `permissions`.
 */
export function needs(controller: Controller): PolicyRule[] {
  const verbs = new Map<string, { group: string; resource: string; verbs: Set<string> }>();
  const allow = (group: string, resource: string, ...more: readonly string[]) => {
    const key = `${resource}.${group}`;
    const entry = verbs.get(key) ?? { group, resource, verbs: new Set<string>() };
    for (const verb of more) entry.verbs.add(verb);
    verbs.set(key, entry);
  };
  for (const kind of readKinds(controller)) allow(kind.group, kind.plural, 'list', 'watch');
  const { kind } = controller;
  if (kind) {
    if (controller.default || controller.finalizer || controller.retiredFinalizers.length > 0) {
      allow(kind.group, kind.plural, 'patch');
    }
    if (kind.subresources.status) allow(kind.group, `${kind.plural}/status`, 'patch');
    // Clusters that check owner references ask for this before an owner may block a deletion.
    if (controller.owns.length > 0) allow(kind.group, `${kind.plural}/finalizers`, 'update');
    allow('events.k8s.io', 'events', 'create', 'patch');
  }
  for (const child of writableKinds(controller)) allow(child.group, child.plural, 'create', 'patch', 'delete');
  const rules = [...verbs.values()].map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [...verbs],
  }));
  return [...rules, ...controller.permissions];
}
