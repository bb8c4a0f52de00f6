import { edit, run, script } from '../script.ts';
import { configMap, service } from './fixtures.ts';

/** A Deployment as a person keeps it in a file; `container` is merged into its only one. */
function web(container: object, rest: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' }, ...(rest as { metadata?: object }).metadata },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1', ...container }, ...sidecars(rest)] },
      },
      ...(rest as { spec?: object }).spec,
    },
  };
}

function sidecars(rest: { sidecars?: readonly object[] }): readonly object[] {
  return rest.sidecars ?? [];
}

const env = (...pairs: readonly string[]) => pairs.map((pair) => ({ name: pair[0], value: pair.slice(2) }));
const ports = (...numbers: readonly number[]) => numbers.map((containerPort) => ({ containerPort }));
const shown = 'get deploy web -o jsonpath={.spec}{"\\n"}{.metadata.generation}{"\\n"}{.metadata.annotations}';

/** Commands that send strategic merge patches: all that change a built-in object that is there. */
export const applying = [
  script('apply again', () => [
    run('apply -f -', web({ env: env('A=1', 'B=2', 'C=3'), ports: ports(80, 443) })),
    run('apply -f -', web({ env: env('A=1', 'B=2', 'C=3'), ports: ports(80, 443) })),
    shown,
    run('apply -f -', web({ env: env('A=1', 'B=two', 'C=3'), ports: ports(80, 443) })),
    shown,
    run('apply -f -', web({ env: env('C=3', 'A=1', 'D=4'), ports: ports(80, 443), image: 'nginx:2' })),
    shown,
    run('apply -f -', web({ env: env('C=3', 'A=1'), ports: ports(443) })),
    shown,
    'scale deploy web --replicas=5',
    run('apply -f -', web({ ports: ports(443) }, { sidecars: [{ name: 'side', image: 'side:1' }] })),
    shown,
    run('apply -f -', web({ ports: ports(443), args: ['-x'] }, { spec: { strategy: { type: 'Recreate' } } })),
    shown,
    run('apply -f - --dry-run=server', web({ image: 'nginx:3' })),
    run('diff -f -', web({ ports: ports(443), args: ['-x'] }, { spec: { strategy: { type: 'Recreate' } } })),
    run('apply -f -', web({ image: '' })),
    run('apply -f -', web({}, { spec: { replicas: 'two' } })),
    run('apply -f -', web({ imaje: 'nginx:4' })),
    'apply view-last-applied deploy web -o json',
  ]),
  script('apply other kinds again', () => [
    run('apply -f -', configMap('settings', { a: '1', b: '2' }), service('web')),
    run('apply -f -', configMap('settings', { b: '3', c: '4' }), service('web')),
    'get cm settings -o jsonpath={.data}',
    run('apply -f - --force', configMap('settings', { c: '5' })),
    run('apply -f - --prune -l app=web', service('web')),
    'get cm settings -o jsonpath={.data}',
  ]),
  script('change in place', () => [
    run('create -f -', web({ env: env('A=1'), ports: ports(80) })),
    'set image deploy/web web=nginx:2',
    'set image deploy/web none=nginx:2',
    'set env deploy/web B=2 A-',
    'set resources deploy web --limits=cpu=1,memory=1Gi',
    'set serviceaccount deploy web robot',
    shown,
    'label deploy web tier=front',
    'label deploy web tier=back',
    'label deploy web tier=back --overwrite',
    'label deploy web tier-',
    'annotate deploy web note="two words"',
    'get deploy web -o jsonpath={.metadata.labels}{.metadata.annotations}{.metadata.generation}',
    'rollout pause deploy/web',
    'rollout pause deploy/web',
    'rollout resume deploy/web',
    'rollout restart deploy/web',
    'get deploy web -o jsonpath={.spec.paused}{.metadata.generation}',
    edit('deploy web', 's/replicas: 2/replicas: 3/'),
    'get deploy web -o jsonpath={.spec.replicas}',
  ]),
  script('patch built-in kinds', () => [
    run('create -f -', web({ env: env('A=1', 'B=2') })),
    `patch deploy web -p '{"metadata":{"labels":{"a":"b"}}}'`,
    `patch deploy web -p '{"metadata":{"labels":{"a":"b"}}}'`,
    `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","$patch":"delete"}]}]}}}}'`,
    'get deploy web -o jsonpath={.spec.template.spec.containers[0].env}',
    `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}'`,
    `patch deploy web -p '{"spec":{"replicas":"two"}}'`,
    `patch deploy web -p '{"spec":{"nope":1}}'`,
    `patch deploy web --subresource=status -p '{"status":{"replicas":1}}'`,
    `patch deploy web --subresource=scale -p '{"spec":{"replicas":4}}'`,
    'get deploy web -o jsonpath={.spec.replicas}{.status.replicas}',
  ]),
];
