import { test } from 'vitest';
import { type ForeignModule, importsAll } from './foreign-modules.ts';

/** cert-manager and Routes are in import.real.ts. */
const modules: readonly ForeignModule[] = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.4.1',
    files: 'config/crd/standard/gateway.networking.k8s.io_*s.yaml',
    objects: [
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        spec: {
          parentRefs: [{ name: 'outside' }],
          rules: [
            {
              matches: [{ path: { value: '/api' }, headers: [{ name: 'x-version', value: '2' }] }],
              backendRefs: [{ name: 'web', port: 80 }],
            },
          ],
        },
      },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        spec: { gatewayClassName: 'a', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      },
    ],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: 'example/prometheus-operator-crd/*.yaml',
    objects: [
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        spec: {
          groups: [{ name: 'a', rules: [{ alert: 'Down', expr: 'up == 0', for: '5m', labels: { severity: 'page' } }] }],
        },
      },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        spec: {
          selector: { matchLabels: { app: 'web' } },
          endpoints: [{ port: 'metrics', targetPort: 8080, interval: '30s' }],
        },
      },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'Prometheus',
        spec: { replicas: 2, serviceMonitorSelector: {}, resources: { requests: { memory: '400Mi', cpu: 1 } } },
      },
    ],
  },
  {
    module: 'github.com/argoproj/argo-cd/v2@v2.14.2',
    files: 'manifests/crds/*-crd.yaml',
    objects: [
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        spec: {
          project: 'default',
          source: { repoURL: 'https://example.com/a.git', path: 'b', helm: { valuesObject: { replicas: 2 } } },
          destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
          syncPolicy: { automated: { prune: true } },
        },
      },
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        spec: { sourceRepos: ['*'], destinations: [{ namespace: '*', server: '*' }] },
      },
    ],
  },
];

test.each(modules)('kinds of $module are imported, type-checked, linted, applied and read', importsAll, 300_000);
