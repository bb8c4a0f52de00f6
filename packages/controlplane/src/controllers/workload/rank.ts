import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';
import { compareText, createdAt, isActive, isReady, phaseOf, readySince } from './pods.ts';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Which pods go first when there are too many: those without a node, that have not begun, that are not ready, that are
 * cheap to delete, that share a node with others of theirs, that have been ready for the shorter time (in powers of
 * two), that have restarted more often, that are younger.
 *
 * @param related pods of all sets of the same owner
 * @param now wall time in milliseconds
 */
export function inOrderOfDeletion(
  pods: readonly KubeObject[],
  related: readonly KubeObject[],
  now: number,
): KubeObject[] {
  const onNode = new Map<string, number>();
  for (const pod of related) if (isActive(pod)) onNode.set(nodeOf(pod), (onNode.get(nodeOf(pod)) ?? 0) + 1);
  const rank = (pod: KubeObject) => onNode.get(nodeOf(pod)) ?? 0;
  return pods.toSorted(
    (a, b) =>
      Number(nodeOf(a) !== '') - Number(nodeOf(b) !== '') ||
      (phaseOrder[phaseOf(a)] ?? 0) - (phaseOrder[phaseOf(b)] ?? 0) ||
      Number(isReady(a)) - Number(isReady(b)) ||
      costOf(a) - costOf(b) ||
      rank(b) - rank(a) ||
      (isReady(a) && isReady(b) ? bySpan(a, b, readySince(a), readySince(b), now) : 0) ||
      compareRestarts(a, b) ||
      bySpan(a, b, createdAt(a), createdAt(b), now),
  );
}

function nodeOf(pod: KubeObject): string {
  return (pod as MutableObject).spec.nodeName ?? '';
}

function costOf({ metadata }: KubeObject): number {
  const cost = metadata.annotations?.[deletionCost];
  return cost !== undefined && /^-?(0|[1-9]\d*)$/.test(cost) ? Number(cost) : 0;
}

/** Shorter times first, by their logarithm; within one power of two the uid decides, which is as good as chance. */
function bySpan(a: KubeObject, b: KubeObject, since: number, other: number, now: number): number {
  if (since === other) return 0;
  if (since === 0 || other === 0) return since === 0 ? -1 : 1;
  // As nanoseconds, which the powers of two are of.
  const power = (from: number) => (now > from ? Math.trunc(Math.log2((now - from) * 1e6)) : -1);
  return power(since) - power(other) || compareText(a.metadata.uid ?? '', b.metadata.uid ?? '');
}

function compareRestarts(a: KubeObject, b: KubeObject): number {
  const [regular, sidecars] = mostRestarts(a as MutableObject);
  const [otherRegular, otherSidecars] = mostRestarts(b as MutableObject);
  return otherRegular - regular || otherSidecars - sidecars;
}

function mostRestarts({ spec, status }: MutableObject): [number, number] {
  const sidecars = new Set(
    (spec.initContainers ?? [])
      .filter((one: { restartPolicy?: string }) => one.restartPolicy === 'Always')
      .map((one: { name: string }) => one.name),
  );
  const most = (statuses: readonly { name: string; restartCount: number }[]) =>
    statuses.reduce((highest, one) => Math.max(highest, one.restartCount), 0);
  const init = (status?.initContainerStatuses ?? []).filter((one: { name: string }) => sidecars.has(one.name));
  return [most(status?.containerStatuses ?? []), most(init)];
}
