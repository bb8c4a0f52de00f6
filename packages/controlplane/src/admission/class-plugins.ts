import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../registry/index.ts';
import { type AdmissionAttributes, mutableCopy } from '../verbs/index.ts';
import type { AdmissionPlugin, AdmissionSubject } from './plugin.ts';
import { isPod, podSpec } from './pod-plugins.ts';
import { refused } from './refusal.ts';

const priorityClasses = 'scheduling.k8s.io/priorityclasses';

const isPriorityClass = ({ group, resource, subresource }: AdmissionSubject): boolean =>
  subresource === '' && `${group}/${resource}` === priorityClasses;

/** A pod has the priority of its class, or of the one that is marked as default; only one may be. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: (subject) =>
    (isPod(subject) || isPriorityClass(subject)) && (subject.operation === 'CREATE' || subject.operation === 'UPDATE'),
  admit(attributes) {
    const spec = attributes.resource.resource === 'pods' ? podSpec(attributes) : undefined;
    if (!spec) return undefined;
    if (attributes.operation === 'CREATE') establishPriority(attributes, spec);
    else keepPriority(spec, (attributes.oldObject as MutableObject | undefined)?.spec);
    return undefined;
  },
  validate(attributes) {
    const { object, operation, resource } = attributes;
    if (resource.resource === 'pods' || !object?.globalDefault) return undefined;
    const marked = defaultPriorityClass(attributes);
    if (!marked || (operation === 'UPDATE' && marked.metadata.name === object.metadata.name)) return undefined;
    const why = `PriorityClass ${marked.metadata.name} is already marked as default. Only one default can exist`;
    throw refused(attributes, why);
  },
};

/** Where there are several, the one that gives the least. */
function defaultPriorityClass({ backend }: AdmissionAttributes): MutableObject | undefined {
  let found: MutableObject | undefined;
  for (const { object } of backend.store.collection(priorityClasses).present().entries('')) {
    const one = object as MutableObject;
    if (one.globalDefault && (found === undefined || found.value > one.value)) found = one;
  }
  return found;
}

function keepPriority(spec: MutableObject['spec'], old: MutableObject['spec'] | undefined): void {
  if (old?.priority !== undefined) spec.priority ??= old.priority;
  if (old?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.preemptionPolicy;
}

function establishPriority(attributes: AdmissionAttributes, spec: MutableObject['spec']): void {
  const { priorityClassName: name, priority: given, preemptionPolicy } = spec;
  const named = name
    ? (attributes.backend.store.collection(priorityClasses).get(name)?.object as MutableObject | undefined)
    : defaultPriorityClass(attributes);
  if (name && !named) throw refused(attributes, `no PriorityClass with name ${name} was found`);
  const computed = named ? (named.value ?? 0) : 0;
  const policy = named ? named.preemptionPolicy : 'PreemptLowerPriority';
  const from = 'from the given PriorityClass name';
  if (given !== undefined && given !== computed) {
    const rest = `priority admission controller computed ${computed} ${from}`;
    throw refused(attributes, `the integer value of priority (${given}) must not be provided in pod spec; ${rest}`);
  }
  if (policy !== undefined && preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    const rest = `priority admission controller computed ${policy} ${from}`;
    const why = `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; ${rest}`;
    throw refused(attributes, why);
  }
  if (named) spec.priorityClassName = named.metadata.name;
  spec.priority = computed;
  if (policy !== undefined) spec.preemptionPolicy = policy;
}

/** What a runtime takes beside the containers, and where it is to be found, is the business of its class. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: (subject) => isPod(subject) && subject.operation === 'CREATE',
  admit(attributes) {
    const spec = podSpec(attributes);
    const found = runtimeClassOf(attributes, spec);
    if (!spec || !found) return undefined;
    const { overhead, scheduling } = mutableCopy(found);
    if (overhead) {
      if (Object.keys(spec.overhead ?? {}).length > 0) refuseOverhead(attributes, overhead.podFixed, spec.overhead);
      spec.overhead = overhead.podFixed;
    }
    if (scheduling) place(attributes, spec, scheduling);
    return undefined;
  },
  validate(attributes) {
    const spec = podSpec(attributes);
    const overhead = runtimeClassOf(attributes, spec)?.overhead;
    if (overhead) refuseOverhead(attributes, overhead.podFixed, spec?.overhead);
    else if (spec?.overhead) {
      const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
      throw refused(attributes, why);
    }
    return undefined;
  },
};

function runtimeClassOf(
  attributes: AdmissionAttributes,
  spec: MutableObject['spec'] | undefined,
): MutableObject | undefined {
  const name: string | undefined = spec?.runtimeClassName;
  if (name === undefined) return undefined;
  const found = attributes.backend.store.collection('node.k8s.io/runtimeclasses').get(name)?.object;
  if (found) return found as KubeObject as MutableObject;
  throw refused(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
}

function refuseOverhead(attributes: AdmissionAttributes, wanted: object | undefined, given: object | undefined): void {
  if (deepEqual(wanted ?? {}, given ?? {})) return;
  throw refused(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

function place(attributes: AdmissionAttributes, spec: MutableObject['spec'], scheduling: MutableObject['spec']): void {
  const wanted: Readonly<Record<string, string>> = scheduling.nodeSelector ?? {};
  const given: Readonly<Record<string, string>> = spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(wanted)) {
    const own = given[key];
    if (own === undefined || own === value) continue;
    const why = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
    throw refused(attributes, `conflict: ${why}`);
  }
  if (scheduling.nodeSelector) spec.nodeSelector = { ...given, ...wanted };
  const merged = mergeTolerations([...(spec.tolerations ?? []), ...(scheduling.tolerations ?? [])]);
  if (merged.length > 0) spec.tolerations = merged;
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** Leaves out what another one tolerates too; of equal ones the first stays. */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = [];
  all.forEach((one, index) => {
    const later = all.slice(index + 1).filter((other) => !deepEqual(one, other));
    if (![...merged, ...later].some((other) => covers(other, one))) merged.push(one);
  });
  return merged;
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true;
  const [key, effect] = [wide.key ?? '', wide.effect ?? ''];
  if ((narrow.key ?? '') !== key && (key !== '' || wide.operator !== 'Exists')) return false;
  if ((narrow.effect ?? '') !== effect && effect !== '') return false;
  if (effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  return narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '');
}
