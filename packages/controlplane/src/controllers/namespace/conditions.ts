import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ServedResource } from '../../registry/index.ts';

/** What is left of one resource after all was deleted that could be. */
export interface Remaining {
  readonly resource: ServedResource;
  readonly objects: readonly KubeObject[];
}

/** What one attempt to empty a namespace has come to. */
export interface Outcome {
  readonly remaining: readonly Remaining[];
  /** Messages of what refused to be deleted. */
  readonly errors: readonly string[];
}

export interface NamespaceCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

/** The conditions that kube-controller-manager keeps of a namespace being deleted, in its order. */
export function conditionsOf({ remaining, errors }: Outcome): NamespaceCondition[] {
  const resources = remaining
    .map(({ resource, objects }) => `${resource.resource}.${resource.group} has ${objects.length} resource instances`)
    .sort();
  const finalizers = new Map<string, number>();
  for (const { objects } of remaining) {
    for (const object of objects) {
      for (const one of object.metadata.finalizers ?? []) finalizers.set(one, (finalizers.get(one) ?? 0) + 1);
    }
  }
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const failed = [...errors].sort();
  return [
    good('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    good(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failed.length === 0
      ? good(
          'NamespaceDeletionContentFailure',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        )
      : bad(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failed.length} remaining: ${failed.join(', ')}`,
        ),
    resources.length === 0
      ? good('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : bad(
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.join(', ')}`,
        ),
    held.length === 0
      ? good('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : bad(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        ),
  ];
}

/** Those that were there and are not of this controller stay; the time of one changes with its status only. */
export function mergedConditions(
  before: readonly NamespaceCondition[],
  next: readonly NamespaceCondition[],
  now: string,
): NamespaceCondition[] {
  const updated = before.map((old) => {
    const one = next.find((condition) => condition.type === old.type);
    if (!one) return old;
    const lastTransitionTime = one.status === old.status ? (old.lastTransitionTime ?? now) : now;
    return { ...one, lastTransitionTime };
  });
  const added = next.filter((one) => !before.some((old) => old.type === one.type));
  return [...updated, ...added.map((one) => ({ ...one, lastTransitionTime: now }))];
}

function good(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'False', reason, message };
}

function bad(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'True', reason, message };
}
