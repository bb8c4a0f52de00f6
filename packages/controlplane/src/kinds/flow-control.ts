import type { Loose } from './walk.ts';

// The objects of API Priority and Fairness (KEP-1040) that a new cluster has. Nothing here acts upon them.

const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};
const leases = (verbs: readonly string[]) => ({
  verbs,
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  namespaces: ['*'],
});

const groups = (...names: readonly string[]) => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: readonly string[]) => names.map((name) => ({ kind: 'User', user: { name } }));
const systemAccounts = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } };
const everybody = groups('system:unauthenticated', 'system:authenticated');

function schema(level: string, matchingPrecedence: number, method: string, rule: Loose): Loose {
  return {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(method === '' ? {} : { distinguisherMethod: { type: method } }),
    rules: [rule],
  };
}

/** These cannot be changed. */
export const mandatoryFlowSchemas: Readonly<Record<string, Loose>> = {
  exempt: schema('exempt', 1, '', { subjects: groups('system:masters'), ...everything }),
  'catch-all': schema('catch-all', 10_000, 'ByUser', { subjects: everybody, ...everything }),
};

/** Specs by name, in the order in which they are made. */
export const flowSchemas: Readonly<Record<string, Loose>> = {
  ...mandatoryFlowSchemas,
  'system-nodes': schema('system', 500, 'ByUser', { subjects: groups('system:nodes'), ...everything }),
  'system-node-high': schema('node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [
      { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: ['*'] },
      leases(['*']),
    ],
  }),
  probes: schema('exempt', 2, '', {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  'system-leader-election': schema('leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), systemAccounts],
    resourceRules: [leases(['get', 'create', 'update'])],
  }),
  'kube-controller-manager': schema('workload-high', 800, 'ByNamespace', {
    subjects: users('system:kube-controller-manager'),
    ...everything,
  }),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', {
    subjects: users('system:kube-scheduler'),
    ...everything,
  }),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', {
    subjects: [systemAccounts],
    ...everything,
  }),
  'service-accounts': schema('workload-low', 9000, 'ByUser', {
    subjects: groups('system:serviceaccounts'),
    ...everything,
  }),
  'global-default': schema('global-default', 9900, 'ByUser', { subjects: everybody, ...everything }),
};

function limited(shares: number, lendablePercent: number, queues: number, handSize: number): Loose {
  const queuing = { queues, handSize, queueLengthLimit: 50 };
  const limitResponse = { type: 'Queue', queuing };
  return { type: 'Limited', limited: { nominalConcurrencyShares: shares, limitResponse, lendablePercent } };
}

export const mandatoryPriorityLevels: Readonly<Record<string, Loose>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
  },
};

export const priorityLevels: Readonly<Record<string, Loose>> = {
  ...mandatoryPriorityLevels,
  system: limited(30, 33, 64, 6),
  'node-high': limited(40, 25, 64, 6),
  'leader-election': limited(10, 0, 16, 4),
  'workload-high': limited(40, 50, 128, 6),
  'workload-low': limited(100, 90, 128, 6),
  'global-default': limited(20, 50, 128, 6),
};
