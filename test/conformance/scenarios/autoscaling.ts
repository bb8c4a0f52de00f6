import { type ScenarioServer, scenario } from '../scenario.ts';

const path = (server: ScenarioServer, version: string) =>
  `/apis/autoscaling/${version}/namespaces/${server.namespace}/horizontalpodautoscalers`;

const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const autoscaler = (version: string, spec: object, name = 'a') => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: { scaleTargetRef: reference, maxReplicas: 5, ...spec },
});

const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization });
const average = (averageValue: string) => ({ type: 'AverageValue', averageValue });
const metrics = [
  { type: 'Resource', resource: { name: 'cpu', target: utilization(70) } },
  { type: 'Resource', resource: { name: 'memory', target: average('100Mi') } },
  { type: 'Pods', pods: { metric: { name: 'p', selector: { matchLabels: { a: 'b' } } }, target: average('5') } },
  {
    type: 'Object',
    object: {
      describedObject: { apiVersion: 'v1', kind: 'Service', name: 's' },
      metric: { name: 'o' },
      target: { type: 'Value', value: '10k' },
    },
  },
  { type: 'External', external: { metric: { name: 'e' }, target: average('1') } },
  { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: utilization(50) } },
];
const behavior = { scaleDown: { stabilizationWindowSeconds: 60 }, scaleUp: { selectPolicy: 'Disabled' } };

const table = { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } };

const status = {
  currentReplicas: 2,
  desiredReplicas: 3,
  currentMetrics: [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 44, averageValue: '12m' } } },
    { type: 'Pods', pods: { metric: { name: 'p' }, current: { averageValue: '3' } } },
  ],
  conditions: [{ type: 'AbleToScale', status: 'True', reason: 'R', message: 'm', lastTransitionTime: null }],
};

const wrongSpecs: readonly object[] = [
  { maxReplicas: 0, minReplicas: 0 },
  { maxReplicas: -1, minReplicas: -2 },
  { minReplicas: 9 },
  { scaleTargetRef: {} },
  { scaleTargetRef: { kind: 'a/b', name: '..', apiVersion: 'a/b/c' } },
  { scaleTargetRef: { kind: 'Pod', name: 'x', apiVersion: 'v1' } },
  { scaleTargetRef: { kind: 'ReplicationController', name: 'x', apiVersion: 'v1' } },
];

const wrongMetrics: readonly object[] = [
  {},
  { type: 'Odd' },
  { type: 'Resource' },
  { type: 'Resource', resource: { name: '', target: {} } },
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Odd', averageUtilization: 0 } } },
  { type: 'Resource', resource: { name: 'cpu', target: { ...utilization(5), averageValue: '-1' } } },
  { type: 'Pods', resource: { name: 'cpu', target: utilization(5) } },
  { type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '0' } } },
  { type: 'Object', object: { describedObject: {}, metric: { name: 'a/b' }, target: { type: 'Value' } } },
  { type: 'External', external: { metric: { name: 'e' }, target: { type: 'Value', value: '1', averageValue: '1' } } },
  { type: 'External', external: { metric: { name: 'e' }, target: { type: 'Value' } } },
  { type: 'ContainerResource', containerResource: { name: 'gpu', container: 'Bad_', target: utilization(5) } },
  { type: 'ContainerResource', containerResource: { target: { type: 'Utilization' } } },
];

const policy = { type: 'Pods', value: 1, periodSeconds: 1 };
const wrongRules: readonly object[] = [
  { stabilizationWindowSeconds: -1, selectPolicy: 'Odd' },
  { stabilizationWindowSeconds: 3601, policies: [] },
  {
    policies: [
      { type: 'Odd', value: 0, periodSeconds: 0 },
      { ...policy, periodSeconds: 1801 },
    ],
  },
  { tolerance: '-0.1' },
];

/** Autoscalers in both versions: what one does not know travels in annotations. */
export const autoscaling = [
  scenario('autoscaling', 'what one version does not know is not lost', async (server) => {
    const [v1, v2] = [path(server, 'v1'), path(server, 'v2')];
    await server.post(v1, autoscaler('v1', { targetCPUUtilizationPercentage: 60 }, 'first'));
    await server.get(`${v2}/first`);
    await server.post(v1, autoscaler('v1', {}, 'second'));
    await server.get(`${v2}/second`);
    await server.post(v2, autoscaler('v2', { metrics, behavior }));
    await server.get(`${v1}/a`);
    await server.get(`${v1}/first`, table);
    await server.patch(`${v2}/a/status`, 'merge', { status });
    await server.get(`${v1}/a`);
    await server.patch(`${v1}/a`, 'merge', { spec: { targetCPUUtilizationPercentage: 90, maxReplicas: 7 } });
    await server.get(`${v2}/a`);
    await server.put(`${v1}/a`, autoscaler('v1', {}));
    await server.get(`${v2}/a`);
    await server.patch(`${v1}/a/status`, 'merge', {
      status: { currentReplicas: -1, currentCPUUtilizationPercentage: 1 },
    });
    await server.delete(`${v1}/a`);
  }),
  scenario('autoscaling', 'specs, metrics and rules that are refused', async (server) => {
    for (const spec of wrongSpecs) await server.post(`${path(server, 'v1')}?dryRun=All`, autoscaler('v1', spec));
    const tried = [
      ...wrongSpecs,
      ...wrongMetrics.map((one) => ({ metrics: [one] })),
      ...wrongRules.map((scaleUp) => ({ behavior: { scaleUp } })),
      ...wrongRules.map((scaleDown) => ({ behavior: { scaleDown } })),
    ];
    for (const spec of tried) await server.post(`${path(server, 'v2')}?dryRun=All`, autoscaler('v2', spec));
  }),
];
