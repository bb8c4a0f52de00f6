import { run, script } from '../script.ts';
import { configMap, deployment, gizmo, pod } from './fixtures.ts';

const held = { finalizers: ['things.example.com/held'] };

export const deleting = [
  script('delete', () => [
    run(
      'create -f -',
      ...['a', 'b', 'c', 'd', 'e'].map((name) =>
        gizmo(name, { size: 1 }, { labels: { of: name < 'c' ? 'first' : 'rest' } }),
      ),
      gizmo('held', { size: 1 }, held),
      configMap('x'),
      configMap('y'),
      deployment('web'),
      pod('web-1'),
      pod('web-2'),
    ),
    'delete gizmo a',
    'delete gizmo a',
    'delete gizmo nobody b',
    'delete gizmos -l of=first',
    'delete gizmos -l of=rest -o name',
    'delete gizmo held --wait=false',
    'get gizmo held -o yaml',
    'get gizmos',
    'describe gizmo held',
    'delete gizmo held --timeout=1s',
    `patch gizmo held --type=merge -p '{"metadata":{"finalizers":["other/one"]}}'`,
    `patch gizmo held --type=merge -p '{"metadata":{"finalizers":null}}'`,
    'get gizmo held',
    'delete cm y --dry-run=server',
    'delete cm y --now',
    'delete deploy web --cascade=orphan',
    'delete pod web-1 --grace-period=0',
    'delete pod web-2 --grace-period=0 --force',
    'delete gizmos --all',
    'delete gizmos --all --field-selector spec.colour=blue',
    'delete cm --all --wait=false',
    'get gizmos,cm,deploy,pods',
    run('delete -f -', configMap('y')),
    run('delete -f - --ignore-not-found', configMap('y')),
  ]),
  script('delete with propagation', () => [
    run('create -f -', gizmo('one'), deployment('web')),
    'delete gizmo one --cascade=foreground --wait=false',
    'get gizmo one -o yaml --ignore-not-found',
    `patch gizmo one --type=merge -p '{"metadata":{"finalizers":null}}'`,
    'delete deploy web --cascade=foreground --wait=false',
    'get deploy web -o jsonpath={.metadata.finalizers}',
    'delete deploy web --cascade=sideways',
  ]),
  script('delete of a namespace', (namespace) => [
    run('create -f -', gizmo('one', { size: 1 }, held), configMap('x')),
    `delete ns ${namespace} --wait=false`,
    run('create -f -', configMap('late')),
    'delete ns default',
    'delete ns nowhere-at-all',
  ]),
];
