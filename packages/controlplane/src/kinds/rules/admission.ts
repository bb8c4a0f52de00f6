import { forbidden } from '../../status/index.ts';
import type { Loose } from '../walk.ts';
import type { RuleContext } from './types.ts';

// What the admission plugins do that kube-apiserver runs unless told otherwise, as far as they only fill in.

const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** The Priority plugin knows the two classes that are always there; RuntimeClass knows none: neither kind is served. */
function refuse(pod: Loose): void {
  const { name = '' } = pod.metadata;
  const { priorityClassName, priority, preemptionPolicy, runtimeClassName } = pod.spec;
  const no = (why: string) => forbidden({ group: '', resource: 'pods' }, name, why);
  const computed = systemPriorities[priorityClassName ?? ''] ?? 0;
  if (priorityClassName && systemPriorities[priorityClassName] === undefined) {
    throw no(`no PriorityClass with name ${priorityClassName} was found`);
  }
  if (priority !== undefined && priority !== computed) {
    const rest = `priority admission controller computed ${computed} from the given PriorityClass name`;
    throw no(`the integer value of priority (${priority}) must not be provided in pod spec; ${rest}`);
  }
  if (preemptionPolicy !== undefined && preemptionPolicy !== 'PreemptLowerPriority') {
    const rest = 'priority admission controller computed PreemptLowerPriority from the given PriorityClass name';
    throw no(`the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; ${rest}`);
  }
  if (runtimeClassName !== undefined) throw no(`pod rejected: RuntimeClass "${runtimeClassName}" not found`);
}

/** Priority and DefaultTolerationSeconds. */
export function admitPod(pod: Loose, old?: Loose): void {
  const spec = pod.spec;
  if (!spec) return;
  if (old) {
    spec.priority ??= old.spec?.priority;
    spec.preemptionPolicy ??= old.spec?.preemptionPolicy;
  } else {
    refuse(pod);
    spec.priority ??= systemPriorities[spec.priorityClassName ?? ''] ?? 0;
    spec.preemptionPolicy ??= 'PreemptLowerPriority';
  }
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = (spec.tolerations ?? []).some(
      (one: Loose) => (!one.key || one.key === key) && (!one.effect || one.effect === 'NoExecute'),
    );
    if (tolerated) continue;
    const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
    spec.tolerations = [...(spec.tolerations ?? []), toleration];
  }
}

/** TaintNodesByCondition: a new node takes no pods before it says that it is ready. */
export function admitNode(node: Loose): void {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  node.spec ??= {};
  const present = (node.spec.taints ?? []).some((one: Loose) => one.key === taint.key && one.effect === taint.effect);
  if (!present) node.spec.taints = [...(node.spec.taints ?? []), taint];
}

/** StorageObjectInUseProtection. */
export function protect(object: Loose, finalizer: string): void {
  const present: readonly string[] = object.metadata.finalizers ?? [];
  if (!present.includes(finalizer)) object.metadata.finalizers = [...present, finalizer];
}

/** DefaultStorageClass and DefaultIngressClass: the newest class that is marked; of equal age the first by name. */
export function defaultClass(storageKey: string, annotation: string, context: RuleContext): string | undefined {
  const marked = [...(context.objects(storageKey) as Iterable<Loose>)].filter(
    (one) => one.metadata.annotations?.[annotation] === 'true',
  );
  const order = (a: Loose, b: Loose) =>
    a.metadata.creationTimestamp === b.metadata.creationTimestamp
      ? a.metadata.name < b.metadata.name
        ? -1
        : 1
      : a.metadata.creationTimestamp > b.metadata.creationTimestamp
        ? -1
        : 1;
  return marked.sort(order)[0]?.metadata.name;
}
