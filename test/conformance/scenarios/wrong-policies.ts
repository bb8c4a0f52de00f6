import { type Mistake, wrongObjects } from './wrong-objects.ts';

const budgets = wrongObjects({
  area: 'wrong PodDisruptionBudgets',
  collection: '/apis/policy/v1/{}/poddisruptionbudgets',
  good: { spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } } },
  mistakes: [
    ['metadata.name', 'Odd_Name'],
    ['metadata.name', 'a/b'],
    ['spec.minAvailable', -1],
    ['spec.minAvailable', '150%'],
    ['spec.minAvailable', 'x'],
    ['spec.maxUnavailable', 1],
    ['spec', { maxUnavailable: '101%' }],
    ['spec.selector', { matchLabels: { 'bad key': 'bad value!' } }],
    ['spec.unhealthyPodEvictionPolicy', 'Odd'],
  ],
  updates: [
    ['spec.minAvailable', -1],
    ['spec.maxUnavailable', 1],
  ],
});

const subject = (given: object): Mistake => ['subjects', [given]];

const bindings = wrongObjects({
  area: 'wrong RoleBindings',
  collection: '/apis/rbac.authorization.k8s.io/v1/{}/rolebindings',
  good: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', name: 'a', apiGroup: 'rbac.authorization.k8s.io' }],
  },
  mistakes: [
    ['roleRef.apiGroup', 'odd'],
    ['roleRef.kind', 'Odd'],
    ['roleRef.name', ''],
    ['roleRef.name', 'a/b'],
    subject({}),
    subject({ kind: 'Odd', name: 'a' }),
    subject({ kind: 'ServiceAccount', name: 'Bad_', namespace: 'x' }),
    subject({ kind: 'ServiceAccount', name: 'a', apiGroup: 'odd' }),
    subject({ kind: 'User', name: 'a', apiGroup: 'odd' }),
    subject({ kind: 'Group', name: '' }),
  ],
});

const resources = { requests: { storage: '1Gi' } };
const source = (given: object): Mistake => ['spec.dataSourceRef', given];

const wrongClaims: readonly Mistake[] = [
  ['spec.accessModes', []],
  ['spec.accessModes', ['Odd']],
  ['spec.accessModes', ['ReadWriteOncePod', 'ReadWriteOnce']],
  ['spec.resources', {}],
  ['spec.resources', { requests: { storage: '0' } }],
  ['spec.resources', { requests: { storage: '-1' } }],
  ['spec.storageClassName', 'Bad_'],
  ['spec.volumeAttributesClassName', 'Bad_'],
  ['spec.volumeMode', 'Odd'],
  ['spec.selector', { matchLabels: { 'bad key': 'bad value!' } }],
  ['spec.dataSource', { kind: 'Odd', name: 'x' }],
  ['spec.dataSource', { kind: 'PersistentVolumeClaim', name: '' }],
  source({}),
  source({ kind: 'Odd', name: 'x' }),
  source({ apiGroup: 'Bad_', kind: 'Odd', name: 'x' }),
  source({ apiGroup: 'a.example.com', kind: 'Odd', name: 'x', namespace: 'other' }),
];

const claims = wrongObjects({
  area: 'wrong PersistentVolumeClaims',
  collection: '/api/v1/{}/persistentvolumeclaims',
  good: { spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'none' } },
  mistakes: wrongClaims,
  // Errors behind the difference of two structs are not compared.
  updates: wrongClaims.filter(([path]) => path !== 'spec.volumeMode'),
});

const classes = wrongObjects({
  area: 'wrong StorageClasses',
  collection: '/apis/storage.k8s.io/v1/storageclasses',
  good: { metadata: { name: 'class-u' }, provisioner: 'example.com/x', parameters: { a: 'b' } },
  mistakes: [
    ['reclaimPolicy', 'Recycle'],
    ['reclaimPolicy', 'Odd'],
    ['volumeBindingMode', 'Odd'],
    ['provisioner', 'bad provisioner!'],
    ['parameters', { '': 'x' }],
    ['allowedTopologies', [{ matchLabelExpressions: [{ key: 'bad key', values: ['a', 'a'] }] }]],
  ],
  updates: [
    ['reclaimPolicy', 'Retain'],
    ['provisioner', 'example.com/y'],
    ['parameters', { a: 'c' }],
    ['volumeBindingMode', 'WaitForFirstConsumer'],
  ],
});

/** Budgets, bindings, claims and classes with a mistake each. */
export const wrongPolicies = [...budgets, ...bindings, ...claims, ...classes];
