import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Quantity } from '@setpoint/apimachinery/quantity';
import { type Amounts, one, readAmounts } from './amounts.ts';
import type { Evaluator, ScopeRequirement } from './evaluator.ts';
import { type Container, hasPodLevelResources, type PodSpec, podAmountsWithOverhead } from './pod-resources.ts';
import { matchesValues } from './scope.ts';

interface Pod extends KubeObject {
  readonly spec?: PodSpec & {
    readonly activeDeadlineSeconds?: number;
    readonly priorityClassName?: string;
    readonly affinity?: { readonly podAffinity?: Affinity; readonly podAntiAffinity?: Affinity };
  };
  readonly status?: { readonly phase?: string; readonly qosClass?: string };
}

interface Term {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: object;
}

interface Affinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly Term[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly podAffinityTerm?: Term }[];
}

const native: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const names: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...native.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where one of these is limited, every container has to say it: an old mistake that stays. */
const required: readonly string[] = ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);
const deviceClass = 'deviceclass.resource.kubernetes.io/';

export const podEvaluator: Evaluator = {
  counts: (name) =>
    names.has(name) ||
    name.startsWith('hugepages-') ||
    name.startsWith('requests.hugepages-') ||
    (name.startsWith('requests.') && (!isNative(name) || name.startsWith(`requests.${deviceClass}`))),
  usage(object, now) {
    const pod = object as Pod;
    const used = new Map([['count/pods', one]]);
    if (!isRunning(pod, now)) return used;
    const spec = pod.spec ?? {};
    const own = computed(podAmountsWithOverhead(spec, 'requests'), podAmountsWithOverhead(spec, 'limits'));
    return new Map([...used, ...own]);
  },
  matchesScope: (object, scope) => matchesScope(object as Pod, scope),
  handlesUpdate: (object, old, subresource) =>
    subresource === '' && isTerminating(object as Pod) !== isTerminating(old as Pod),
  missing(object, limited) {
    const { spec = {} } = object as Pod;
    if (hasPodLevelResources(spec)) return undefined;
    const asked = required.filter((name) => limited.includes(name)).sort();
    if (asked.length === 0) return undefined;
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const told = asked.flatMap((name) => {
      const without = containers.filter((container) => !computedOf(container).has(name)).map((one) => one.name);
      return without.length > 0 ? [`${name} for: ${[...new Set(without)].sort().join(',')}`] : [];
    });
    return told.length > 0 ? `must specify ${told.join('; ')}` : undefined;
  },
  givesBack: (object, old, now) =>
    isTerminating(object as Pod) !== isTerminating(old as Pod) ||
    (isRunning(old as Pod, now) && !isRunning(object as Pod, now)),
};

/** Without a domain, or of one of Kubernetes' own. */
function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function computedOf({ resources }: Container): Amounts {
  return computed(readAmounts(resources?.requests), readAmounts(resources?.limits));
}

/** Amounts under the names that quotas have for them. */
function computed(requests: Amounts, limits: Amounts): Map<string, Quantity> {
  const result = new Map([['pods', one]]);
  for (const [name, amount] of requests) {
    if (native.includes(name) || name.startsWith('hugepages-')) result.set(name, amount);
    const extended = !isNative(name) && !name.startsWith('requests.');
    if (result.has(name) || extended || name.startsWith(deviceClass)) result.set(`requests.${name}`, amount);
  }
  for (const name of native) {
    const limit = limits.get(name);
    if (limit) result.set(`limits.${name}`, limit);
  }
  return result;
}

/** Pods that have ended, and those that should have been gone by now, use nothing. */
function isRunning({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function isTerminating({ spec }: Pod): boolean {
  return (spec?.activeDeadlineSeconds ?? -1) >= 0;
}

function matchesScope(pod: Pod, scope: ScopeRequirement): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return pod.status?.qosClass === 'BestEffort';
    case 'NotBestEffort':
      return pod.status?.qosClass !== 'BestEffort';
    case 'PriorityClass':
      return matchesValues(pod.spec?.priorityClassName || undefined, scope);
    case 'CrossNamespacePodAffinity':
      return [pod.spec?.affinity?.podAffinity, pod.spec?.affinity?.podAntiAffinity].some(crossesNamespaces);
    default:
      return false;
  }
}

function crossesNamespaces(affinity: Affinity | undefined): boolean {
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const terms = [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...preferred.map(({ podAffinityTerm }) => podAffinityTerm ?? {}),
  ];
  return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector !== undefined);
}
