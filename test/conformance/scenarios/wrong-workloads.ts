import { type Mistake, wrongObjects } from './wrong-objects.ts';

const pod = { containers: [{ name: 'c', image: 'i:v1' }] };
const template = { metadata: { labels: { a: 'b' } }, spec: pod };
const selector = { matchLabels: { a: 'b' } };

const templates = (at: string): readonly Mistake[] => [
  [`${at}.metadata.labels`, { 'bad key': 'bad value!', a: 'b' }],
  [`${at}.metadata.annotations`, { 'bad key': 'x' }],
  [`${at}.metadata.annotations`, { 'controller.kubernetes.io/pod-deletion-cost': '+1' }],
  [`${at}.metadata.annotations`, { 'kubernetes.io/config.mirror': 'x' }],
  [`${at}.metadata.annotations`, { 'seccomp.security.alpha.kubernetes.io/pod': 'odd' }],
  [`${at}.spec.ephemeralContainers`, [{ name: 'x', image: 'y' }]],
  [`${at}.spec.containers`, []],
  [`${at}.spec.restartPolicy`, 'Odd'],
];

const selectors: readonly Mistake[] = [
  ['spec.selector', undefined],
  ['spec.selector', {}],
  ['spec.selector.matchLabels', { a: 'c' }],
  ['spec.selector.matchLabels', { 'bad key': 'bad value!' }],
  ['spec.selector.matchExpressions', [{ key: 'a', operator: 'Odd' }]],
  ['spec.selector.matchExpressions', [{ key: 'a', operator: 'In' }]],
];

const counts: readonly Mistake[] = [
  ['spec.replicas', -1],
  ['spec.minReadySeconds', -1],
  ['spec.revisionHistoryLimit', -5],
];

const lasting: readonly Mistake[] = [
  ...templates('spec.template'),
  ['spec.template.spec.restartPolicy', 'Never'],
  ['spec.template.spec.activeDeadlineSeconds', 5],
  ['spec.template.metadata.labels', { other: 'x' }],
];

const deployments = wrongObjects({
  area: 'wrong Deployments',
  collection: '/apis/apps/v1/{}/deployments',
  good: {
    spec: {
      replicas: 0,
      selector,
      template,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    },
  },
  mistakes: [
    ...selectors,
    ...counts.slice(0, 2),
    ...lasting,
    ['spec.progressDeadlineSeconds', 0],
    ['spec.strategy.type', 'Recreate'],
    ['spec.strategy.type', 'Odd'],
    ['spec.strategy.rollingUpdate', { maxSurge: 0, maxUnavailable: 0 }],
    ['spec.strategy.rollingUpdate', { maxSurge: '', maxUnavailable: 'x' }],
    ['spec.strategy.rollingUpdate', { maxSurge: -1, maxUnavailable: '101%' }],
  ],
});

const statefulSets = wrongObjects({
  area: 'wrong StatefulSets',
  collection: '/apis/apps/v1/{}/statefulsets',
  good: {
    spec: {
      replicas: 0,
      serviceName: 's',
      selector,
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'd' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  },
  mistakes: [
    ...selectors,
    ...counts.slice(0, 2),
    ...lasting,
    ['metadata.name', 'dotted.name'],
    ['spec.serviceName', 'Bad_'],
    ['spec.podManagementPolicy', 'Odd'],
    ['spec.ordinals', { start: -1 }],
    ['spec.updateStrategy', { type: 'Odd' }],
    ['spec.updateStrategy', { type: 'OnDelete', rollingUpdate: { partition: 1 } }],
    ['spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: -1 } }],
    ['spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Odd', whenScaled: 'Retain' }],
    ['spec.volumeClaimTemplates.0.spec.accessModes', []],
    ['spec.volumeClaimTemplates.0.spec.resources', {}],
  ],
});

const daemonSets = wrongObjects({
  area: 'wrong DaemonSets',
  collection: '/apis/apps/v1/{}/daemonsets',
  good: { spec: { selector, template: { ...template, spec: { ...pod, nodeSelector: { no: 'node' } } } } },
  mistakes: [
    ...selectors,
    ...counts.slice(1),
    ...lasting,
    ['spec.updateStrategy.type', 'Odd'],
    ['spec.updateStrategy', { type: 'OnDelete', rollingUpdate: { maxUnavailable: 1 } }],
    ['spec.updateStrategy.rollingUpdate', { maxUnavailable: 0 }],
    ['spec.updateStrategy.rollingUpdate', { maxUnavailable: 1, maxSurge: 1 }],
    ['spec.updateStrategy.rollingUpdate', { maxUnavailable: '101%', maxSurge: '' }],
    ['spec.updateStrategy.rollingUpdate', { maxUnavailable: -1, maxSurge: 'x' }],
  ],
});

const replicaSets = wrongObjects({
  area: 'wrong ReplicaSets',
  collection: '/apis/apps/v1/{}/replicasets',
  good: { spec: { replicas: 0, selector, template } },
  mistakes: [...selectors, ...counts.slice(0, 2), ...lasting],
});

const replicationControllers = wrongObjects({
  area: 'wrong ReplicationControllers',
  collection: '/api/v1/{}/replicationcontrollers',
  good: { spec: { replicas: 0, selector: { a: 'b' }, template } },
  mistakes: [
    ['spec.selector', { a: 'c' }],
    ['spec.minReadySeconds', -1],
    ['spec.replicas', -1],
    ['spec.template.metadata.annotations', { 'bad key': 'x' }],
    ['spec.template.spec.ephemeralContainers', [{ name: 'x', image: 'y' }]],
  ],
});

const podTemplates = wrongObjects({
  area: 'wrong PodTemplates',
  collection: '/api/v1/{}/podtemplates',
  good: { template },
  mistakes: templates('template'),
});

/** Workloads with a mistake each. */
export const wrongWorkloads = [
  ...deployments,
  ...statefulSets,
  ...daemonSets,
  ...replicaSets,
  ...replicationControllers,
  ...podTemplates,
];
