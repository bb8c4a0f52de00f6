import { run, script } from '../script.ts';
import { configMap } from './fixtures.ts';

const owners = 'get cm settings -o yaml --show-managed-fields';
const annotations = 'get cm settings -o jsonpath={.metadata.annotations}';

const deployment = (replicas: number | undefined, image = 'nginx:1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
  },
});

/** `kubectl apply --server-side`, by itself and mixed with the other kind of apply. */
export const serverSide = [
  script('apply on the server', () => [
    run('apply --server-side -f -', configMap('settings', { a: '1', b: '2' })),
    run('apply --server-side -f -', configMap('settings', { a: '1', b: '2' })),
    owners,
    run('apply --server-side -f -', configMap('settings', { a: '2' })),
    run('apply --server-side --field-manager=other -f -', configMap('settings', { a: '3' })),
    run('apply --server-side --field-manager=other --force-conflicts -f -', configMap('settings', { a: '3' })),
    run('apply --server-side --dry-run=server -f -', configMap('settings', { a: '4' })),
    'get cm settings -o jsonpath={.data}',
    run('apply --server-side --dry-run=client -f -', configMap('settings', { a: '4' })),
    run('diff --server-side -f -', configMap('settings', { a: '3', c: '5' })),
    run('apply --server-side -f -', { ...configMap('settings', {}), data: { a: 1 } }),
    run('apply --server-side --validate=false -f -', { ...configMap('settings', {}), data: { a: 1 } }),
    run('apply --server-side --validate=false -f -', { ...configMap('settings', {}), dada: {} }),
  ]),
  script('apply on the server what kubectl applied before', () => [
    run('apply -f -', configMap('settings', { a: '1', b: '2' })),
    'apply view-last-applied cm settings',
    run('apply --server-side -f -', configMap('settings', { a: '2', c: '3' })),
    owners,
    annotations,
    'apply view-last-applied cm settings -o json',
    run('apply -f -', configMap('settings', { a: '3' })),
    owners,
    annotations,
  ]),
  script('replicas that are applied and scaled', () => [
    run('apply --server-side -f -', deployment(2)),
    'scale deployment web --replicas=5',
    run('apply --server-side -f -', deployment(2)),
    run('apply --server-side -f -', deployment(undefined, 'nginx:2')),
    'get deployment web -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].image}',
    'set image deployment/web web=nginx:3',
    run('apply --server-side -f -', deployment(undefined, 'nginx:2')),
    run('apply --server-side --force-conflicts -f -', deployment(undefined, 'nginx:2')),
  ]),
];
