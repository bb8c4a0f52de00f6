import { FieldPath } from '@setpoint/apimachinery/errors';
import { expect, test } from 'vitest';
import type { Errors } from './common.ts';
import { validatePodSpec } from './pods.ts';

function problems(spec: object): string[] {
  const errors: Errors = [];
  const containers = [{ name: 'c', image: 'i', terminationMessagePolicy: 'File' }];
  validatePodSpec({ containers, restartPolicy: 'Always', ...spec }, FieldPath.of('spec'), errors);
  return errors.map((error) => error.field);
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

test('a plain pod has nothing wrong with it', () => {
  expect(problems({})).toEqual([]);
});

test('affinity and spreading are judged term by term', () => {
  const terms = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] };
  expect(problems({ affinity: { nodeAffinity: { [required]: terms } } })).toEqual([
    `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms[0].matchExpressions[0].values`,
  ]);
  const spread = { maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' };
  expect(problems({ topologySpreadConstraints: [spread, spread] })).toEqual([
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}',
  ]);
});

test('a volume whose files would leave it is none that can be mounted', () => {
  const volumes = [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: '../out' }] } }];
  const container = { name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  expect(problems({ volumes, containers: [container] })).toEqual([
    'spec.volumes[0].secret.items[0].path',
    'spec.containers[0].volumeMounts[0].name',
  ]);
});

test('one port of a node goes to one container', () => {
  const port = { containerPort: 80, hostPort: 8080, protocol: 'TCP' };
  const of = (name: string) => ({ name, image: 'i', ports: [port] });
  expect(problems({ containers: [of('a'), of('b')] })).toEqual(['spec.containers[1].ports[0].hostPort']);
});

test('huge pages are taken whole', () => {
  const amounts = { cpu: '1', 'hugepages-2Mi': '3Mi' };
  const container = { name: 'c', image: 'i', resources: { limits: amounts, requests: amounts } };
  expect(new Set(problems({ containers: [container] }))).toEqual(
    new Set([
      'spec.containers[0].resources.limits[hugepages-2Mi]',
      'spec.containers[0].resources.requests[hugepages-2Mi]',
    ]),
  );
});
