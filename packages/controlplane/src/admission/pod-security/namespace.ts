import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Store } from '../../store/index.ts';
import type { PodLike } from './pod.ts';
import { formatStandard, type Standard } from './policy.ts';
import { reasonsOf, violationsOf } from './standards.ts';

const podsToCheck = 3000;

/** What is to be said of the pods that are there when a namespace gets a stricter standard. */
export function warningsOfNamespace(store: Store, namespace: string, standard: Standard): string[] {
  const entries = store.collection('/pods').present().entries(`${namespace}/`);
  const pods = oneOfEachOwnerFirst(Array.from(entries, ({ object }) => object));
  const byReasons = new Map<string, string[]>();
  for (const pod of pods.slice(0, podsToCheck)) {
    const violations = violationsOf(standard, pod as KubeObject & PodLike);
    if (violations.length === 0) continue;
    const reasons = reasonsOf(violations);
    byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name ?? '']);
  }
  const warnings: string[] = [];
  if (pods.length > podsToCheck) {
    const counts = `${podsToCheck} of ${pods.length}`;
    warnings.push(`new PodSecurity enforce level only checked against the first ${counts} existing pods`);
  }
  if (byReasons.size === 0) return warnings;
  const of = `namespace ${goQuote(namespace)}`;
  const level = goQuote(formatStandard(standard));
  warnings.push(`existing pods in ${of} violate the new PodSecurity enforce level ${level}`);
  return [...warnings, ...[...byReasons].map(([reasons, names]) => `${whoOf(names)}: ${reasons}`).sort()];
}

/** The first by name, and how many others there are. */
function whoOf(names: string[]): string {
  const [first = ''] = names.sort();
  if (names.length === 1) return first;
  const others = names.length - 1;
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}

/** Pods of one owner are alike: the others come last, and perhaps never. */
function oneOfEachOwnerFirst(pods: readonly KubeObject[]): readonly KubeObject[] {
  const seen = new Set<string>();
  const repeated: KubeObject[] = [];
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner === undefined) return true;
    if (!seen.has(owner)) return Boolean(seen.add(owner));
    repeated.push(pod);
    return false;
  });
  return [...first, ...repeated];
}
