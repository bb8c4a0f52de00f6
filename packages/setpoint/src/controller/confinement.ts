import { type AnyKind, type CacheScope, kindName, scopeOf } from '../kinds/index.ts';
import { readKinds, writableKinds } from './needs.ts';
import type { Controller } from './types.ts';

/**
 * An operator that is confined to namespaces has Roles there and nothing else, unless its controllers say otherwise.
 *
 * @throws Error for a controller that uses cluster-scoped kinds and does not say so, or another namespace
 */
export function checkConfinement(
  controller: Controller,
  scope: CacheScope,
  subject = `controller ${controller.name}`,
): void {
  const { namespaces = [] } = scope;
  if (namespaces.length === 0) return;
  const where = `the operator is confined to ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')}`;
  const wide = [...readKinds(controller), ...writableKinds(controller)].filter(
    ({ scope, cluster }) => scope === 'Cluster' && cluster === undefined,
  );
  if (wide.length > 0 && !controller.clusterScoped) {
    const names = [...new Set(wide.map(kindName))].join(', ');
    throw new Error(
      `${subject} uses ${names}, which ${wide.length === 1 ? 'is' : 'are'} cluster-scoped, but ${where}: say \`clusterScoped: true\` in its declaration if it may have a ClusterRole for that, or run the operator for all namespaces`,
    );
  }
  const named: readonly (readonly [AnyKind, string | undefined])[] = [
    ...(controller.kind ? [[controller.kind, controller.namespace] as const] : []),
    ...controller.watches.map(({ kind, namespace }) => [kind, namespace] as const),
  ];
  for (const [kind, namespace] of named) {
    const allowed = scopeOf(kind, scope).namespaces;
    if (!namespace || allowed.length === 0 || allowed.includes(namespace)) continue;
    throw new Error(
      `${subject} watches ${kindName(kind)} in namespace ${namespace}, but ${where}: add it there, or give the kind a cache rule with \`namespaces\``,
    );
  }
}
