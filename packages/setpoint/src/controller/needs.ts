import type { Read } from '../cache/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { RbacNeed, RbacVerb } from '../manifests/index.ts';
import type { Metric } from '../metrics/index.ts';
import { collectorOf } from './collector.ts';
import type { Controller } from './types.ts';

/** The kind that is read, by itself or through an index. */
export function kindOfRead(read: Read): AnyKind {
  return 'keys' in read ? read.kind : read;
}

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
  for (const read of reads) add(kindOfRead(read));
  for (const { kind } of [...controller.watches, ...controller.owns]) add(kind);
  return kinds;
}

/** The kinds that `apply` may write. */
export function writableKinds(controller: Controller): AnyKind[] {
  return [...controller.owns.map(({ kind }) => kind), ...controller.writes].filter(
    (kind) => kind.projection === 'full',
  );
}

const event = { group: 'events.k8s.io', plural: 'events', scope: 'Namespaced' } as const;

/**
 * What a controller does to the API server, computed from its declaration: what it reads is listed and watched, the
 * status of a kind of its own patched, children created, patched and deleted, Events written. What it does with `client` beyond that
 * stands in `permissions`. `rulesFor` makes rules of RBAC of it.
 */
export function needs(controller: Controller): RbacNeed[] {
  return needsIn(controller, undefined);
}

/** The same for a further cluster, by its name. */
export function needsIn(controller: Controller, cluster: string | undefined): RbacNeed[] {
  return allNeeds(controller).filter(({ kind }) => (kind as { readonly cluster?: string }).cluster === cluster);
}

/** What is listed and watched for metrics that are collected. */
export function metricNeeds(metrics: readonly Metric[]): RbacNeed[] {
  return metrics.flatMap((metric) => (metric.type === 'collected' ? allNeeds(collectorOf(metric)) : []));
}

function allNeeds(controller: Controller): RbacNeed[] {
  const found: RbacNeed[] = [];
  const { kind, namespace } = controller;
  const selected = new Map(controller.watches.map((watch) => [watch.kind, watch.namespace]));
  for (const read of readKinds(controller)) {
    const where = read === kind ? namespace : selected.get(read);
    found.push({ kind: read, verbs: ['list', 'watch'], namespace: where });
  }
  if (kind) {
    const own = (verbs: readonly RbacVerb[], subresource?: string) =>
      found.push({ kind, verbs, subresource, namespace });
    if (controller.default || controller.finalizer || controller.retiredFinalizers.length > 0) own(['patch']);
    if (controller.writesStatus && kind.subresources.status) own(['patch'], 'status');
    // Clusters that check owner references ask for this before an owner may block a deletion.
    if (controller.owns.length > 0) own(['update'], 'finalizers');
    found.push({
      kind: event,
      verbs: ['create', 'patch'],
      // Events about cluster-scoped objects lie in the namespace default.
      namespace: kind.scope === 'Cluster' ? 'default' : namespace,
    });
  }
  for (const child of writableKinds(controller)) {
    found.push({ kind: child, verbs: ['create', 'patch', 'delete'] });
  }
  return [...found, ...controller.permissions, ...metricNeeds(controller.metrics)];
}
