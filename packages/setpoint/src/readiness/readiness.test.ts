import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { failed, progressing, type Readiness, readinessOf, ready, readyByCondition } from './index.ts';

const object = (
  apiVersion: string,
  kind: string,
  spec: object | undefined,
  status: object | undefined,
  metadata = {},
) =>
  ({
    apiVersion,
    kind,
    metadata: { name: 'x', ...metadata },
    ...(spec ? { spec } : {}),
    ...(status ? { status } : {}),
  }) as KubeObject;
const apps = (kind: string) => (spec: object, status: object) =>
  object('apps/v1', kind, spec, { observedGeneration: 1, ...status }, { generation: 1 });
const condition = (type: string, status: string, reason = '', message = '', more = {}) => ({
  type,
  status,
  reason,
  message,
  ...more,
});
const text = (readiness: Readiness) =>
  readiness.state === 'ready' ? 'ready' : `${readiness.state} ${readiness.reason}: ${readiness.message}`;
const said = (given: KubeObject) => text(readinessOf(given));

const deployment = apps('Deployment');
const rolledOut = condition('Progressing', 'True', 'NewReplicaSetAvailable');
const available = condition('Available', 'True');
const all = (n: number) => ({ replicas: n, updatedReplicas: n, availableReplicas: n, readyReplicas: n });
const statefulSet = apps('StatefulSet');
const daemonSet = apps('DaemonSet');
const replicaSet = apps('ReplicaSet');
const job = (...conditions: object[]) => object('batch/v1', 'Job', {}, { startTime: 'now', active: 1, conditions });
const pod = (phase: string, status: object = {}) => object('v1', 'Pod', {}, { phase, ...status });

describe.each<[string, KubeObject, string]>([
  [
    'a Deployment that nobody has looked at',
    object('apps/v1', 'Deployment', { replicas: 0 }, undefined, { generation: 1 }),
    'progressing NotObserved: no controller has looked at the Deployment yet',
  ],
  [
    'a Deployment of an older generation',
    object(
      'apps/v1',
      'Deployment',
      {},
      { observedGeneration: 1, ...all(1), conditions: [rolledOut, available] },
      { generation: 2 },
    ),
    'progressing GenerationNotObserved: generation 2 is not observed yet, 1 is',
  ],
  [
    'a Deployment with too few replicas',
    deployment({ replicas: 3 }, all(2)),
    'progressing LessReplicas: replicas: 2/3',
  ],
  [
    'a Deployment that is rolled out',
    deployment({ replicas: 2 }, { ...all(2), updatedReplicas: 1 }),
    'progressing LessUpdated: updated: 1/2',
  ],
  [
    'a Deployment with old Pods left',
    deployment({ replicas: 2 }, { ...all(2), replicas: 3 }),
    'progressing ExtraPods: to be ended: 1',
  ],
  [
    'a Deployment whose Pods are not available',
    deployment({}, { ...all(1), availableReplicas: 0 }),
    'progressing LessAvailable: available: 0/1',
  ],
  [
    'a Deployment whose Pods are not ready',
    deployment({}, { ...all(1), readyReplicas: 0 }),
    'progressing LessReady: ready: 0/1',
  ],
  [
    'a Deployment whose new ReplicaSet is not available',
    deployment({ progressDeadlineSeconds: 600 }, { ...all(1), conditions: [available] }),
    'progressing ReplicaSetNotAvailable: the new ReplicaSet is not available yet',
  ],
  [
    'a Deployment that is not available',
    deployment({}, { ...all(1), conditions: [rolledOut] }),
    'progressing DeploymentNotAvailable: it is not available yet',
  ],
  [
    'a Deployment past its deadline',
    deployment({}, { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'too late')] }),
    'failed ProgressDeadlineExceeded: too late',
  ],
  [
    'a Deployment that is there',
    deployment({ progressDeadlineSeconds: 600 }, { ...all(1), conditions: [rolledOut, available] }),
    'ready',
  ],
  ['a Deployment without a deadline', deployment({}, { ...all(1), conditions: [available] }), 'ready'],
  [
    'a StatefulSet that nobody has looked at',
    object('apps/v1', 'StatefulSet', {}, {}),
    'progressing NotObserved: no controller has looked at the StatefulSet yet',
  ],
  [
    'a StatefulSet with too few replicas',
    statefulSet({ replicas: 3 }, { replicas: 1, readyReplicas: 1 }),
    'progressing LessReplicas: replicas: 1/3',
  ],
  [
    'a StatefulSet whose Pods are not ready',
    statefulSet({ replicas: 2 }, { replicas: 2, readyReplicas: 1 }),
    'progressing LessReady: ready: 1/2',
  ],
  [
    'a StatefulSet that is made smaller',
    statefulSet({ replicas: 1 }, { replicas: 2, readyReplicas: 2 }),
    'progressing ExtraPods: to be ended: 1',
  ],
  [
    'a StatefulSet that is rolled out',
    statefulSet({}, { replicas: 1, readyReplicas: 1, currentRevision: 'a', updateRevision: 'b' }),
    'progressing RevisionMismatch: updated: 0/1',
  ],
  [
    'a StatefulSet before its partition',
    statefulSet(
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    ),
    'progressing PartitionRollout: updated: 1/2',
  ],
  [
    'a StatefulSet at its partition',
    statefulSet(
      { replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
    ),
    'ready',
  ],
  ['a StatefulSet that people update', statefulSet({ replicas: 3, updateStrategy: { type: 'OnDelete' } }, {}), 'ready'],
  [
    'a StatefulSet that is there',
    statefulSet({}, { replicas: 1, readyReplicas: 1, currentRevision: 'a', updateRevision: 'a' }),
    'ready',
  ],
  [
    'a DaemonSet of unknown size',
    daemonSet({}, {}),
    'progressing NoDesiredNumber: it is not known yet how many Pods it needs',
  ],
  [
    'a DaemonSet with Pods to come',
    daemonSet({}, { desiredNumberScheduled: 2, currentNumberScheduled: 1 }),
    'progressing LessCurrent: current: 1/2',
  ],
  [
    'a DaemonSet that is rolled out',
    daemonSet({}, { desiredNumberScheduled: 1, currentNumberScheduled: 1 }),
    'progressing LessUpdated: updated: 0/1',
  ],
  ['a DaemonSet without nodes', daemonSet({}, { desiredNumberScheduled: 0 }), 'ready'],
  [
    'a ReplicaSet that cannot make Pods',
    replicaSet({}, { conditions: [condition('ReplicaFailure', 'True', 'X', 'quota')] }),
    'progressing ReplicaFailure: quota',
  ],
  [
    'a ReplicaSet with Pods to come',
    replicaSet({}, { fullyLabeledReplicas: 1 }),
    'progressing LessAvailable: available: 0/1',
  ],
  [
    'a ReplicaSet that is there',
    replicaSet({}, { fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1, replicas: 1 }),
    'ready',
  ],
  ['a Job that has not begun', object('batch/v1', 'Job', {}, {}), 'progressing JobNotStarted: it has not begun'],
  ['a Job that runs', job(), 'progressing JobInProgress: succeeded: 0, active: 1, failed: 0'],
  ['a Job that is suspended', job(condition('Suspended', 'True')), 'progressing JobSuspended: it is suspended'],
  ['a Job that was suspended', job(condition('Suspended', 'False'), condition('Complete', 'True')), 'ready'],
  [
    'a Job that has failed',
    job(condition('Failed', 'True', 'BackoffLimitExceeded', 'six times')),
    'failed JobFailed: six times',
  ],
  [
    'a Pod that nobody has looked at',
    object('v1', 'Pod', {}, {}),
    'progressing PodNotObserved: no kubelet or scheduler has looked at it yet',
  ],
  [
    'a Pod without a node',
    pod('Pending', { conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes')] }),
    'progressing PodNotScheduled: 0/3 nodes',
  ],
  ['a Pod that begins', pod('Pending'), 'progressing PodPending: it has not begun'],
  ['a Pod that runs', pod('Running'), 'progressing PodRunningNotReady: it runs and is not ready'],
  [
    'a Pod in a crash loop',
    pod('Running', { containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
    'failed ContainerCrashLooping: containers in a crash loop: a',
  ],
  ['a Pod that is ready', pod('Running', { conditions: [condition('Ready', 'True')] }), 'ready'],
  ['a Pod that succeeded', pod('Succeeded'), 'ready'],
  ['a Pod that failed', pod('Failed', { message: 'evicted' }), 'failed PodFailed: evicted'],
  [
    'a claim that waits',
    object('v1', 'PersistentVolumeClaim', {}, { phase: 'Pending' }),
    'progressing NotBound: it is not bound (Pending)',
  ],
  ['a claim that is bound', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Bound' }), 'ready'],
  [
    'a claim without its volume',
    object('v1', 'PersistentVolumeClaim', {}, { phase: 'Lost' }),
    'failed VolumeLost: it has lost its volume',
  ],
  ['a Service', object('v1', 'Service', {}, { loadBalancer: {} }), 'ready'],
  [
    'a load balancer without an address',
    object('v1', 'Service', { type: 'LoadBalancer' }, { loadBalancer: {} }),
    'progressing NoAddress: the load balancer has no address yet',
  ],
  [
    'a load balancer',
    object('v1', 'Service', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } }),
    'ready',
  ],
  [
    'an Ingress without an address',
    object('networking.k8s.io/v1', 'Ingress', {}, {}),
    'progressing NoAddress: no controller has given it an address yet',
  ],
  [
    'a Namespace that goes',
    object('v1', 'Namespace', {}, { phase: 'Terminating' }),
    'progressing Terminating: it is being deleted',
  ],
  [
    'a definition that is installed',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      { conditions: [condition('Established', 'False', 'Installing')] },
    ),
    'progressing Installing: it is being installed',
  ],
  [
    'a definition',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      { conditions: [condition('NamesAccepted', 'True'), condition('Established', 'True')] },
    ),
    'ready',
  ],
  [
    'a definition whose names are taken',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      {
        conditions: [
          condition('NamesAccepted', 'False', 'KindConflict', 'taken'),
          condition('Established', 'False', 'NotAccepted'),
        ],
      },
    ),
    'failed KindConflict: taken',
  ],
  [
    'an APIService that does not answer',
    object(
      'apiregistration.k8s.io/v1',
      'APIService',
      {},
      { conditions: [condition('Available', 'False', 'MissingEndpoints', 'none')] },
    ),
    'progressing MissingEndpoints: none',
  ],
  [
    'an APIService that is new',
    object('apiregistration.k8s.io/v1', 'APIService', {}, {}),
    'progressing AvailableMissing: it has no condition Available yet',
  ],
  ['a ConfigMap', object('v1', 'ConfigMap', undefined, undefined), 'ready'],
  [
    'anything that is being deleted',
    object('v1', 'ConfigMap', undefined, undefined, { deletionTimestamp: 'now' }),
    'progressing Terminating: it is being deleted',
  ],
  ['a custom resource without conditions', object('a.b/v1', 'Foo', {}, undefined), 'ready'],
  [
    'a custom resource that is not ready',
    object('a.b/v1', 'Foo', {}, { conditions: [condition('Ready', 'False', 'Waiting', 'for it')] }),
    'progressing Waiting: for it',
  ],
  [
    'a custom resource whose condition is old',
    object(
      'a.b/v1',
      'Foo',
      {},
      { conditions: [condition('Ready', 'True', '', '', { observedGeneration: 1 })] },
      { generation: 2 },
    ),
    'progressing ReadyOutdated: Ready is about generation 1',
  ],
  [
    'a custom resource that is ready',
    object(
      'a.b/v1',
      'Foo',
      {},
      { conditions: [condition('Ready', 'True', '', '', { observedGeneration: 2 })] },
      { generation: 2 },
    ),
    'ready',
  ],
  [
    'what is stalled',
    object('a.b/v1', 'Foo', {}, { conditions: [condition('Stalled', 'True', 'Stuck', 'no way')] }),
    'failed Stuck: no way',
  ],
  [
    'what is reconciled',
    object(
      'a.b/v1',
      'Foo',
      {},
      { conditions: [condition('Ready', 'True'), condition('Reconciling', 'True', 'Moving', 'on')] },
    ),
    'progressing Moving: on',
  ],
  ['a status that is none', object('a.b/v1', 'Foo', {}, 'x' as never), 'ready'],
])('%s', (_, given, expected) => {
  test(`is ${expected}`, () => expect(said(given)).toBe(expected));
});

test('readyByCondition asks for the condition', () => {
  const check = readyByCondition('Synced');
  expect(text(check(object('a.b/v1', 'Foo', {}, {})))).toBe(
    'progressing SyncedMissing: it has no condition Synced yet',
  );
  expect(text(check(object('a.b/v1', 'Foo', {}, { conditions: [condition('Synced', 'Unknown')] })))).toBe(
    'progressing NotSynced: Synced is Unknown',
  );
  expect(check(object('a.b/v1', 'Foo', {}, { conditions: [condition('Synced', 'True')] }))).toBe(ready);
});

test('states are values', () => {
  expect(progressing('A', 'b', { requeueAfter: '5s' })).toEqual({
    state: 'progressing',
    reason: 'A',
    message: 'b',
    requeueAfter: '5s',
  });
  expect(failed('A', 'b')).toEqual({ state: 'failed', reason: 'A', message: 'b' });
});
