import { expect, test } from 'vitest';
import { autoscalerToV1, autoscalerToV2 } from './autoscaling.ts';

const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const metadata = { name: 'a', annotations: { own: 'kept' } };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };

test('what v1 does not know comes back as it was', () => {
  const policies = [{ type: 'Pods', value: 1, periodSeconds: 15 }];
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  };
  const spec = {
    scaleTargetRef: reference,
    maxReplicas: 5,
    metrics: [memory, cpu],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies } },
  };
  const old = autoscalerToV1({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec });
  expect(old.spec).toEqual({ scaleTargetRef: reference, maxReplicas: 5, targetCPUUtilizationPercentage: 50 });
  expect(autoscalerToV2(old)).toMatchObject({ metadata, spec });
});

test('annotations that nobody can read are not heard, and what measures nothing measures processors', () => {
  const annotations = {
    'autoscaling.alpha.kubernetes.io/metrics': '{',
    'autoscaling.alpha.kubernetes.io/behavior': '1',
  };
  const made = autoscalerToV2({ metadata: { name: 'a', annotations }, spec: { maxReplicas: 1 } });
  expect(made.metadata.annotations).toBeUndefined();
  expect(made.spec.behavior).toBeUndefined();
  expect(made.spec.metrics).toMatchObject([{ resource: { name: 'cpu', target: { averageUtilization: 80 } } }]);
});
