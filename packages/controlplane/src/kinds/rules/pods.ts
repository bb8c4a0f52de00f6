import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import { isEmpty } from '../defaults/core.ts';
import { validatePod, validatePodStatus, validatePodUpdate } from '../validation/pods.ts';
import type { Loose } from '../walk.ts';
import type { KindRules } from './types.ts';

export const podRules: KindRules = {
  convert: convertPod,
  generation: ['spec'],
  deleteReturnsObject: true,
  prepareForCreate(pod, { clock }) {
    pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec ?? {}) };
    if (!isEmpty(pod.spec?.schedulingGates)) {
      const lastTransitionTime = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
      const condition = { type: 'PodScheduled', status: 'False', lastTransitionTime, reason: 'SchedulingGated' };
      pod.status.conditions = [{ ...condition, message: 'Scheduling is blocked due to non-empty scheduling gates' }];
    }
  },
  prepareForStatusUpdate(pod, old) {
    restoreMember(pod.metadata, old.metadata, 'ownerReferences');
    // A status without class keeps the one computed at creation.
    if (!pod.status?.qosClass && old.status?.qosClass) pod.status = { ...pod.status, qosClass: old.status.qosClass };
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatus,
  gracePeriodSeconds(pod, requested) {
    const finished = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    if (!pod.spec?.nodeName || finished) return 0;
    const period = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
  selectable: (pod) => ({
    'spec.nodeName': pod.spec?.nodeName ?? '',
    'spec.restartPolicy': pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(pod.spec?.hostNetwork ?? false),
    'status.phase': pod.status?.phase ?? '',
    'status.podIP': pod.status?.podIPs?.[0]?.ip ?? '',
    'status.podIPs': pod.status?.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': pod.status?.nominatedNodeName ?? '',
  }),
};

/** The deprecated name of the service account follows the present one. */
function convertPod(pod: Loose): void {
  convertPodSpec(pod.spec);
  const { podIP, podIPs } = pod.status ?? {};
  // The one address is authoritative where both are said.
  if (podIP && podIPs?.[0]?.ip !== podIP) pod.status.podIPs = [{ ip: podIP }];
  else if (podIPs?.[0]?.ip) pod.status.podIP = podIPs[0].ip;
}

export function convertPodSpec(spec: Loose): void {
  if (!spec) return;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    // Behind a gate that is closed by default.
    delete container.lifecycle?.stopSignal;
  }
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

export function restoreMember(object: Loose, old: Loose, name: string): void {
  if (old[name] === undefined) delete object[name];
  else object[name] = old[name];
}

/** Guaranteed: every container has equal limits and requests of cpu and memory; BestEffort: none has any. */
export function qosClass(spec: Loose): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers: Loose[] = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const sources = spec.resources && !(isEmpty(spec.resources.limits) && isEmpty(spec.resources.requests));
  const resources: Loose[] = sources ? [spec.resources] : containers.map((container) => container.resources ?? {});
  const names = ['cpu', 'memory'];
  const positive = (list: Loose, name: string) =>
    list?.[name] !== undefined && compareQuantities(parseQuantity(list[name]), parseQuantity('0')) > 0;
  const any = resources.some(({ limits, requests }) =>
    names.some((name) => positive(limits, name) || positive(requests, name)),
  );
  if (!any) return 'BestEffort';
  const guaranteed = resources.every(({ limits, requests }) =>
    names.every(
      (name) =>
        positive(limits, name) &&
        (requests?.[name] === undefined ||
          compareQuantities(parseQuantity(limits[name]), parseQuantity(requests[name])) === 0),
    ),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
