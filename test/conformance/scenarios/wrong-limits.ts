import { type Mistake, wrongObjects } from './wrong-objects.ts';

const limit = (given: object): Mistake => ['spec.limits', [{ type: 'Container', ...given }]];

const ranges = wrongObjects({
  area: 'wrong LimitRanges',
  collection: '/api/v1/{}/limitranges',
  good: { spec: { limits: [{ type: 'Pod', max: { cpu: '2' } }] } },
  mistakes: [
    ['spec.limits.0.type', ''],
    ['spec.limits.0.type', 'Odd'],
    ['spec.limits.0.type', 'bad type!'],
    ['spec.limits', [{ type: 'Pod' }, { type: 'Pod' }]],
    ['spec.limits', [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }]],
    ['spec.limits', [{ type: 'PersistentVolumeClaim' }]],
    ['spec.limits', [{ type: 'PersistentVolumeClaim', max: { odd: '1' } }]],
    limit({ max: { odd: '1' } }),
    limit({ max: { storage: '1' } }),
    limit({ max: { 'bad name!': '1' } }),
    limit({ max: { 'example.com/x': '1', 'requests.x/y': '1' } }),
    limit({ max: { cpu: '1' }, min: { cpu: '2' } }),
    limit({ min: { cpu: '2' }, default: { cpu: '1' } }),
    limit({ min: { cpu: '2' }, defaultRequest: { cpu: '1' } }),
    limit({ max: { cpu: '1' }, default: { cpu: '2' } }),
    limit({ default: { cpu: '1' }, defaultRequest: { cpu: '2' } }),
    limit({ default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '2Mi' } }),
    limit({ maxLimitRequestRatio: { cpu: '500m' } }),
    limit({ max: { cpu: '2' }, min: { cpu: '1' }, maxLimitRequestRatio: { cpu: '3' } }),
    limit({ max: { memory: '2Gi' }, min: { memory: '1500Mi' }, maxLimitRequestRatio: { memory: '1.5' } }),
  ],
});

const scoped = (...matchExpressions: readonly object[]): Mistake => ['spec.scopeSelector', { matchExpressions }];

const quotas = wrongObjects({
  area: 'wrong ResourceQuotas',
  collection: '/api/v1/{}/resourcequotas',
  good: { spec: { hard: { pods: '5' }, scopes: ['NotTerminating'] } },
  mistakes: [
    ['spec.hard', { odd: '1', 'bad name!': '1', storage: '1' }],
    ['spec.hard', { pods: '-1', cpu: '-1' }],
    ['spec.hard', { pods: '1.5', 'example.com/x': '1.5' }],
    ['spec.hard', { pods: '1', services: '1' }],
    ['spec.hard', { 'count/x': '1', 'requests.storage': '1' }],
    ['spec.scopes', ['Odd']],
    ['spec.scopes', ['Terminating', 'NotTerminating']],
    ['spec.scopes', ['BestEffort', 'NotBestEffort']],
    ['spec.scopes', []],
    ['spec.scopes', ['VolumeAttributesClass']],
    scoped({}),
    scoped({ scopeName: 'Odd', operator: 'Odd' }),
    scoped({ scopeName: 'PriorityClass', operator: 'In' }),
    scoped({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
    scoped({ scopeName: 'BestEffort', operator: 'In', values: ['a'] }),
    scoped({ scopeName: 'BestEffort', operator: 'Exists' }, { scopeName: 'NotBestEffort', operator: 'Exists' }),
    scoped({ scopeName: 'VolumeAttributesClass', operator: 'Exists' }),
  ],
});

/** What limits a namespace, with a mistake each. */
export const wrongLimits = [...ranges, ...quotas];
