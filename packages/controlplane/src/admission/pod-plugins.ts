import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AdmissionPlugin, AdmissionSubject } from './plugin.ts';
import { refused } from './refusal.ts';

export const isPod = ({ group, resource, subresource }: AdmissionSubject): boolean =>
  group === '' && resource === 'pods' && subresource === '';

const isWritten = ({ operation }: AdmissionSubject): boolean => operation === 'CREATE' || operation === 'UPDATE';

/** The spec of the pod of a request; a pod without one is for validation to refuse. */
export function podSpec({ object }: AdmissionAttributes): MutableObject['spec'] | undefined {
  return object?.spec;
}

const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** Knows the two classes that are always there; others cannot be made, their kind is not served. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: (subject) => isPod(subject) && isWritten(subject),
  admit(attributes) {
    const spec = podSpec(attributes);
    if (!spec) return undefined;
    if (attributes.operation === 'CREATE') establishPriority(attributes, spec);
    else keepPriority(spec, (attributes.oldObject as MutableObject | undefined)?.spec);
    return undefined;
  },
};

function keepPriority(spec: MutableObject['spec'], old: MutableObject['spec'] | undefined): void {
  if (old?.priority !== undefined) spec.priority ??= old.priority;
  if (old?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.preemptionPolicy;
}

function establishPriority(attributes: AdmissionAttributes, spec: MutableObject['spec']): void {
  const { priorityClassName, priority: given, preemptionPolicy } = spec;
  const computed = priorityClassName ? systemPriorities[priorityClassName] : 0;
  if (computed === undefined) throw refused(attributes, `no PriorityClass with name ${priorityClassName} was found`);
  const from = 'from the given PriorityClass name';
  if (given !== undefined && given !== computed) {
    const rest = `priority admission controller computed ${computed} ${from}`;
    throw refused(attributes, `the integer value of priority (${given}) must not be provided in pod spec; ${rest}`);
  }
  if (preemptionPolicy !== undefined && preemptionPolicy !== 'PreemptLowerPriority') {
    const rest = `priority admission controller computed PreemptLowerPriority ${from}`;
    const why = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; ${rest}`;
    throw refused(attributes, why);
  }
  spec.priority = computed;
  spec.preemptionPolicy = 'PreemptLowerPriority';
}

/** A pod stays five minutes on a node that is not ready or not reachable, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: (subject) => isPod(subject) && isWritten(subject),
  admit(attributes) {
    const spec = podSpec(attributes);
    if (!spec) return undefined;
    for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
      const tolerations: readonly Toleration[] = spec.tolerations ?? [];
      if (tolerations.some((one) => (!one.key || one.key === key) && (!one.effect || one.effect === 'NoExecute')))
        continue;
      const added = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
      spec.tolerations = [...tolerations, added];
    }
    return undefined;
  },
};

interface Toleration {
  readonly key?: string;
  readonly effect?: string;
}

/** There are no runtime classes: their kind is not served. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: (subject) => isPod(subject) && subject.operation === 'CREATE',
  admit(attributes) {
    const name = podSpec(attributes)?.runtimeClassName;
    if (name === undefined) return undefined;
    throw refused(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  },
};

/** Whoever shares a node with others never runs what they have pulled without asking the registry. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: (subject) => isPod(subject) && isWritten(subject),
  admit(attributes) {
    for (const container of containersOf(podSpec(attributes))) container.imagePullPolicy = 'Always';
    return undefined;
  },
};

export function containersOf(spec: MutableObject['spec'] | undefined): MutableObject['spec'][] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
}
