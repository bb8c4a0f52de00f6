import { dns1123Label, labelValue } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { autoscalerToV2, specAnnotations, statusAnnotations } from '../autoscaling.ts';
import { canonicalStruct } from '../canonical.ts';
import { isEmpty } from '../defaults/core.ts';
import { validateAutoscaler, validateAutoscalerStatus } from '../validation/autoscaling.ts';
import { validateCronJob, validateNewCronJob } from '../validation/cron-jobs.ts';
import { validateJobStatus } from '../validation/job-status.ts';
import { validateJob, validateJobUpdate } from '../validation/jobs.ts';
import { validateNewStatefulSet, validateStatefulSet, validateStatefulSetUpdate } from '../validation/stateful-sets.ts';
import {
  validateDeploymentStatus,
  validateReplicaSetStatus,
  validateStatefulSetStatus,
} from '../validation/workload-status.ts';
import {
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateSelectorUpdate,
} from '../validation/workloads.ts';
import type { Loose } from '../walk.ts';
import { convertPodSpec, restoreMember } from './pods.ts';
import type { RuleTable } from './types.ts';

/** apps/v1, batch/v1 and autoscaling. */
export const workloadRules: RuleTable = {
  'apps/v1.Deployment': {
    convert: convertTemplate,
    generation: ['spec'],
    generationOfMetadata: 'annotations',
    prepareForStatusUpdate: (deployment, old) => restoreMember(deployment.metadata, old.metadata, 'labels'),
    validate: validateDeployment,
    validateUpdate: validateSelectorUpdate,
    validateStatusUpdate: validateDeploymentStatus,
  },
  'apps/v1.ReplicaSet': {
    convert: convertTemplate,
    generation: ['spec'],
    prepareForCreate: (set) => {
      set.status = { replicas: 0 };
    },
    validate: validateReplicaSet,
    validateUpdate: validateSelectorUpdate,
    validateStatusUpdate: validateReplicaSetStatus,
  },
  'apps/v1.StatefulSet': {
    name: dns1123Label,
    convert: (set) => {
      convertTemplate(set);
      // Behind a gate that is closed by default.
      delete set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
    },
    generation: ['spec'],
    prepareForCreate: (set) => {
      for (const claim of set.spec?.volumeClaimTemplates ?? []) {
        claim.status = { ...claim.status, phase: claim.status?.phase || 'Pending' };
      }
    },
    validate: validateStatefulSet,
    validateCreate: validateNewStatefulSet,
    validateUpdate: validateStatefulSetUpdate,
    validateStatusUpdate: validateStatefulSetStatus,
  },
  'apps/v1.DaemonSet': {
    convert: convertTemplate,
    generation: ['spec'],
    asWritten: withTemplateGeneration,
    prepareForCreate: (set) => setTemplateGeneration(set, 1),
    prepareForUpdate(set, old) {
      const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1);
      const same = deepEqual(canonicalStruct('apps/v1.DaemonSetSpec', set.spec).template, old.spec?.template);
      setTemplateGeneration(set, same ? before : before + 1);
    },
    validate: validateDaemonSet,
    validateUpdate: validateSelectorUpdate,
  },
  'batch/v1.Job': {
    convert: convertTemplate,
    generation: ['spec'],
    prepareForCreate: labelJob,
    orphansByDefault:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    validateCreate: validateJob,
    validateUpdate: validateJobUpdate,
    validateStatusUpdate: validateJobStatus,
    selectable: (job) => ({ 'status.successful': String(job.status?.succeeded ?? 0) }),
  },
  'batch/v1.CronJob': {
    convert: (job) => convertPodSpec(job.spec?.jobTemplate?.spec?.template?.spec),
    generation: ['spec'],
    validateCreate: (job) => [...validateCronJob(job), ...validateNewCronJob(job)],
    validateUpdate: validateCronJob,
  },
  'autoscaling/v1.HorizontalPodAutoscaler': {
    convert: fillTarget,
    prepareForUpdate: (next, old) => keepAnnotations(next, old, statusAnnotations),
    prepareForStatusUpdate: (next, old) => keepAnnotations(next, old, specAnnotations),
    validateCreate: (one) => validateAutoscaler(autoscalerToV2(one)),
    validateUpdate: (next, old) => validateAutoscaler(autoscalerToV2(next), autoscalerToV2(old)),
    validateStatusUpdate: validateAutoscalerStatus,
  },
  'autoscaling/v2.HorizontalPodAutoscaler': {
    validateCreate: (one) => validateAutoscaler(one),
    validateUpdate: validateAutoscaler,
    validateStatusUpdate: validateAutoscalerStatus,
  },
};

/** What has no metric at all is measured by its processors. */
function fillTarget(autoscaler: Loose): void {
  if (autoscaler.spec?.targetCPUUtilizationPercentage !== undefined || !autoscaler.spec) return;
  const [first] = autoscalerToV2(autoscaler).spec.metrics;
  if (first.resource?.name === 'cpu')
    autoscaler.spec.targetCPUUtilizationPercentage = first.resource.target.averageUtilization;
}

/** In v1, some of what is no business of a write stands in annotations. */
function keepAnnotations(next: Loose, old: Loose, names: readonly string[]): void {
  const annotations = { ...next.metadata.annotations };
  for (const name of names) restoreMember(annotations, old.metadata.annotations ?? {}, name);
  if (Object.keys(annotations).length > 0) next.metadata.annotations = annotations;
  else delete next.metadata.annotations;
}

function convertTemplate(object: Loose): void {
  convertPodSpec(object.spec?.template?.spec);
}

const templateGeneration = 'deprecated.daemonset.template.generation';

function setTemplateGeneration(set: Loose, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: String(generation) };
}

/** Whose template nobody has counted yet. */
function withTemplateGeneration(set: Loose): Loose {
  const { annotations } = set.metadata;
  if (!set.spec || annotations?.[templateGeneration] !== undefined) return set;
  return { ...set, metadata: { ...set.metadata, annotations: { ...annotations, [templateGeneration]: '0' } } };
}

/** Without a manual selector a Job selects by its own uid, and its pods carry name and uid, in old and new spelling. */
function labelJob(job: Loose): void {
  const { spec } = job;
  if (!spec || spec.manualSelector) return;
  spec.template ??= {};
  spec.template.metadata ??= {};
  const { name = '', uid = '' } = job.metadata;
  spec.template.metadata.labels = {
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'batch.kubernetes.io/controller-uid': uid,
    ...spec.template.metadata.labels,
  };
  // A name that is no label is refused as a name.
  const labels = isEmpty(job.metadata.labels) && labelValue(name).length === 0;
  if (labels) job.metadata.labels = { ...spec.template.metadata.labels };
  spec.selector ??= {};
  spec.selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...spec.selector.matchLabels };
}
