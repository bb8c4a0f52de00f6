import { humanDuration, timestampAge } from '@setpoint/apimachinery/duration';
import type { Loose } from '../walk.ts';
import { type Cells, containerCells, hasCondition, labels, selector } from './format.ts';
import { podCells } from './pods.ts';

function created(object: Loose, now: number): string {
  return timestampAge(object.metadata.creationTimestamp, now);
}

const replicaCells: Cells = (object, now) => [
  object.metadata.name,
  object.spec?.replicas ?? 0,
  object.status?.replicas ?? 0,
  object.status?.readyReplicas ?? 0,
  created(object, now),
  ...containerCells(object.spec?.template?.spec?.containers),
];

function jobStatus(job: Loose): string {
  if (hasCondition(job, 'Complete')) return 'Complete';
  if (hasCondition(job, 'Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  const shown = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => hasCondition(job, type));
  return shown ?? 'Running';
}

function jobCompletions({ spec = {}, status = {} }: Loose): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return (spec.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status = {} }: Loose, now: number): string {
  if (!status.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}

/** Cells of the kinds that run pods. */
export const workloadPrinters: Readonly<Record<string, Cells>> = {
  'core/v1.Pod': podCells,
  'core/v1.ReplicationController': (controller, now) => [
    ...replicaCells(controller, now),
    labels(controller.spec?.selector),
  ],
  'core/v1.PodTemplate': (template) => [
    template.metadata.name,
    ...containerCells(template.template?.spec?.containers),
    labels(template.template?.metadata?.labels),
  ],
  'apps/v1.Deployment': (deployment, now) => [
    deployment.metadata.name,
    `${deployment.status?.readyReplicas ?? 0}/${deployment.spec?.replicas ?? 0}`,
    deployment.status?.updatedReplicas ?? 0,
    deployment.status?.availableReplicas ?? 0,
    created(deployment, now),
    ...containerCells(deployment.spec?.template?.spec?.containers),
    selector(deployment.spec?.selector),
  ],
  'apps/v1.ReplicaSet': (set, now) => [...replicaCells(set, now), selector(set.spec?.selector)],
  'apps/v1.StatefulSet': (set, now) => [
    set.metadata.name,
    `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`,
    created(set, now),
    ...containerCells(set.spec?.template?.spec?.containers),
  ],
  'apps/v1.DaemonSet': (set, now) => [
    set.metadata.name,
    set.status?.desiredNumberScheduled ?? 0,
    set.status?.currentNumberScheduled ?? 0,
    set.status?.numberReady ?? 0,
    set.status?.updatedNumberScheduled ?? 0,
    set.status?.numberAvailable ?? 0,
    labels(set.spec?.template?.spec?.nodeSelector),
    created(set, now),
    ...containerCells(set.spec?.template?.spec?.containers),
    selector(set.spec?.selector),
  ],
  'apps/v1.ControllerRevision': (revision, now) => [
    revision.metadata.name,
    controllerOf(revision),
    revision.revision ?? 0,
    created(revision, now),
  ],
  'batch/v1.Job': (job, now) => [
    job.metadata.name,
    jobStatus(job),
    jobCompletions(job),
    jobDuration(job, now),
    created(job, now),
    ...containerCells(job.spec?.template?.spec?.containers),
    selector(job.spec?.selector),
  ],
  'batch/v1.CronJob': (job, now) => [
    job.metadata.name,
    job.spec?.schedule ?? '',
    job.spec?.timeZone ?? '<none>',
    job.spec?.suspend === undefined ? '<unset>' : titled(job.spec.suspend),
    job.status?.active?.length ?? 0,
    job.status?.lastScheduleTime ? timestampAge(job.status.lastScheduleTime, now) : '<none>',
    created(job, now),
    ...containerCells(job.spec?.jobTemplate?.spec?.template?.spec?.containers),
    selector(job.spec?.jobTemplate?.spec?.selector),
  ],
  'autoscaling/v2.HorizontalPodAutoscaler': (autoscaler, now) => [
    autoscaler.metadata.name,
    `${autoscaler.spec?.scaleTargetRef?.kind}/${autoscaler.spec?.scaleTargetRef?.name}`,
    metrics(autoscaler),
    autoscaler.spec?.minReplicas === undefined ? '<unset>' : String(autoscaler.spec.minReplicas),
    autoscaler.spec?.maxReplicas ?? 0,
    autoscaler.status?.currentReplicas ?? 0,
    created(autoscaler, now),
  ],
  'policy/v1.PodDisruptionBudget': (budget, now) => [
    budget.metadata.name,
    String(budget.spec?.minAvailable ?? 'N/A'),
    String(budget.spec?.maxUnavailable ?? 'N/A'),
    budget.status?.disruptionsAllowed ?? 0,
    created(budget, now),
  ],
};

function titled(value: boolean): string {
  return value ? 'True' : 'False';
}

function controllerOf(object: Loose): string {
  const owner = object.metadata.ownerReferences?.find((one: Loose) => one.controller);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  const kind = owner.kind.toLowerCase();
  return group === '' ? `${kind}/${owner.name}` : `${kind}.${group}/${owner.name}`;
}

/** At most two metrics, as current and target. */
function metrics(autoscaler: Loose): string {
  const specs: readonly Loose[] = autoscaler.spec?.metrics ?? [];
  if (specs.length === 0) return '<none>';
  const list = specs.map((spec, index) => metric(spec, autoscaler.status?.currentMetrics?.[index]));
  const shown = list.slice(0, 2).join(', ');
  return list.length > 2 ? `${shown} + ${list.length - 2} more...` : shown;
}

const metricMembers: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

function metric(spec: Loose, status: Loose): string {
  const member = metricMembers[spec.type];
  if (!member) return '<unknown type>';
  const { target = {}, name } = spec[member] ?? {};
  const current = status?.[member]?.current ?? {};
  const resource = member === 'resource' || member === 'containerResource';
  const prefix = resource ? `${name}: ` : '';
  if (target.averageValue !== undefined) {
    const suffix = member === 'external' || member === 'object' ? ' (avg)' : '';
    return `${prefix}${current.averageValue ?? '<unknown>'}/${target.averageValue}${suffix}`;
  }
  if (!resource) return `${current.value ?? '<unknown>'}/${target.value}`;
  const percent = (value: Loose, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${prefix}${percent(current.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`;
}
