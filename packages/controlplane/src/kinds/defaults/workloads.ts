import type { Loose, Visitors } from '../walk.ts';
import { fill, fillAbsent, isEmpty } from './core.ts';

/** Defaults of apps/v1, batch/v1 and autoscaling. */
export const workloadDefaults: Visitors = {
  'apps/v1.Deployment': ({ spec }) => {
    fill(spec, 'replicas', 1);
    spec.strategy ??= {};
    fill(spec.strategy, 'type', 'RollingUpdate');
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      fillAbsent(spec.strategy.rollingUpdate, 'maxUnavailable', '25%');
      fillAbsent(spec.strategy.rollingUpdate, 'maxSurge', '25%');
    }
    fill(spec, 'revisionHistoryLimit', 10);
    fill(spec, 'progressDeadlineSeconds', 600);
  },
  'apps/v1.DaemonSet': ({ spec }) => {
    spec.updateStrategy ??= {};
    fill(spec.updateStrategy, 'type', 'RollingUpdate');
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      fillAbsent(spec.updateStrategy.rollingUpdate, 'maxUnavailable', 1);
      fillAbsent(spec.updateStrategy.rollingUpdate, 'maxSurge', 0);
    } else if (spec.updateStrategy.rollingUpdate) {
      // Inside the server these are no pointers.
      fillAbsent(spec.updateStrategy.rollingUpdate, 'maxUnavailable', 0);
      fillAbsent(spec.updateStrategy.rollingUpdate, 'maxSurge', 0);
    }
    fill(spec, 'revisionHistoryLimit', 10);
  },
  'apps/v1.StatefulSet': defaultStatefulSet,
  'apps/v1.ReplicaSet': ({ spec }) => fill(spec, 'replicas', 1),
  'batch/v1.Job': defaultJob,
  'batch/v1.CronJob': ({ spec }) => {
    fill(spec, 'concurrencyPolicy', 'Allow');
    fill(spec, 'suspend', false);
    fill(spec, 'successfulJobsHistoryLimit', 3);
    fill(spec, 'failedJobsHistoryLimit', 1);
  },
  'batch/v1.PodFailurePolicyOnPodConditionsPattern': (pattern) => fill(pattern, 'status', 'True'),
  'autoscaling/v1.HorizontalPodAutoscaler': ({ spec }) => fill(spec, 'minReplicas', 1),
  'autoscaling/v2.HorizontalPodAutoscaler': defaultAutoscaler,
};

function defaultStatefulSet({ spec }: Loose): void {
  fill(spec, 'podManagementPolicy', 'OrderedReady');
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    fill(strategy.rollingUpdate, 'partition', 0);
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  fill(spec.persistentVolumeClaimRetentionPolicy, 'whenDeleted', 'Retain');
  fill(spec.persistentVolumeClaimRetentionPolicy, 'whenScaled', 'Retain');
  fill(spec, 'replicas', 1);
  fill(spec, 'revisionHistoryLimit', 10);
  // Claims made from a template are read by the defaults of claims, apiVersion and kind included.
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
  }
}

function defaultJob(job: Loose): void {
  const { spec } = job;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  fill(spec, 'parallelism', 1);
  fill(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1);
  const labels = spec.template?.metadata?.labels;
  if (labels && isEmpty(job.metadata.labels)) job.metadata.labels = { ...labels };
  fillAbsent(spec, 'completionMode', 'NonIndexed');
  fill(spec, 'suspend', false);
  fillAbsent(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed');
  fill(spec, 'manualSelector', false);
}

function defaultAutoscaler({ spec }: Loose): void {
  fill(spec, 'minReplicas', 1);
  if (isEmpty(spec.metrics)) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (!spec.behavior) return;
  spec.behavior.scaleUp = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
    ...spec.behavior.scaleUp,
  };
  spec.behavior.scaleDown = {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    ...spec.behavior.scaleDown,
  };
}
