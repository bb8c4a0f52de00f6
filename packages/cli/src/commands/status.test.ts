import { Lease } from 'setpoint/coordination.k8s.io/v1';
import { Event } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Cluster, cluster, command, kubeconfigOf, project } from '../../test/command.ts';
import { Widget } from '../../test/projects/widgets/src/operator.ts';

const on = ({ kubeconfig }: Pick<Cluster, 'kubeconfig'>, name = 'widgets') =>
  ['--project', project(name), '--kubeconfig', kubeconfig] as const;
const namespace = 'widgets-system';

async function deployed(name = 'widgets'): Promise<Cluster> {
  const at = await cluster();
  at.controlPlane.pods.add({ readyAfter: '10ms', pullsFor: '1ms' });
  await command('deploy', ...on(at, name), '--image', 'registry.example.com/widgets:1');
  return at;
}

async function lead(at: Cluster, renewTime: string): Promise<void> {
  const spec = { holderIdentity: 'pod-1', acquireTime: renewTime, renewTime, leaseDurationSeconds: 15 };
  await at.client.create(Lease, { metadata: { namespace, name: 'widgets-leader' }, spec } as never);
}

test('of an operator that works: pods, leader, CRDs, objects; nothing is changed', async () => {
  const at = await deployed();
  await lead(at, new Date().toISOString().replace('Z', '000Z'));
  await at.client.create(Widget, { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } });
  const { revision } = at.controlPlane;
  const { code, out, err } = await command('status', ...on(at));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.trimEnd().split('\n')).toEqual([
    'ok       deployment widgets-controller-manager: 1 of 1 ready, registry.example.com/widgets:1',
    expect.stringMatching(/^ok {7}leader: pod-1 since \d{4}-/),
    'ok       crd widgets.cli.example.com: is established, stored in v1',
    'ok       objects widgets.cli.example.com: 1',
  ]);
  expect(at.controlPlane.revision).toBe(revision);
});

test('as JSON and as YAML it says the same, with the facts', async () => {
  const at = await deployed();
  const json = JSON.parse((await command('status', ...on(at), '--output', 'json')).out);
  expect(json).toMatchObject({ operator: 'widgets', namespace });
  expect(json.lines[0].facts).toMatchObject({ replicas: 1, readyReplicas: 1, image: 'registry.example.com/widgets:1' });
  expect(parse((await command('status', ...on(at), '--output', 'yaml')).out)).toEqual(json);
});

test('of one that is not there: exit code 1, and what to do', async () => {
  const { code, out, err } = await command('status', ...on(await cluster()));
  expect(code).toBe(1);
  expect(out).toContain(
    'failure  deployment widgets-controller-manager: is not in widgets-system: run `setpoint deploy`\n',
  );
  expect(out).toContain('failure  crd widgets.cli.example.com: is not in the cluster: run `setpoint install`\n');
  expect(err).toBe(
    'setpoint: widgets is not as it should be: deployment widgets-controller-manager: is not in widgets-system: run `setpoint deploy` (and 1 more)\n',
  );
});

test('pods that do not get ready, a leader that does not answer, another CRD, objects that wait, warnings', async () => {
  const at = await cluster();
  at.controlPlane.pods.add({ pullError: 'ErrImagePull' });
  await command('deploy', ...on(at), '--timeout', '500ms');
  await lead(at, '2026-01-01T00:00:00.000000Z');
  await at.client.create(Widget, {
    metadata: { name: 'a', namespace: 'default', finalizers: ['x.io/y'] },
    spec: { size: 1 },
  });
  await at.client.delete(Widget, { name: 'a', namespace: 'default' });
  await at.client.create(Event, {
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { apiVersion: 'cli.example.com/v1', kind: 'Widget', namespace: 'default', name: 'a' },
    type: 'Warning',
    reason: 'ReconcileFailed',
    message: 'no luck',
    count: 3,
  } as never);
  const { code, out } = await command('status', ...on(at, 'widgets-changed'));
  expect(code).toBe(1);
  expect(out).toMatch(
    /^failure {2}deployment widgets-controller-manager: 0 of 1 ready, .*\n {9}pod .*(ErrImagePull|ImagePullBackOff)/m,
  );
  expect(out).toMatch(/^warning {2}leader: pod-1 since 2026-.*, which has not renewed its lease since/m);
  expect(out).toMatch(/^warning {2}crd .*\n {9}is not what the project declares → run `setpoint install`/m);
  expect(out).toMatch(/^warning {2}objects .*: 1, 1 of them not ready\n {9}default\/a: it is being deleted$/m);
  expect(out).toMatch(/^warning {2}event of Widget default\/a: ReconcileFailed: no luck \(3 times\), last /m);
});

test('webhooks: their certificate, and whether a pod serves them', async () => {
  const at = await cluster();
  at.controlPlane.pods.add({ pullError: 'ErrImagePull' });
  await command('deploy', ...on(at, 'disks'), '--timeout', '300ms');
  const waiting = await command('status', ...on(at, 'disks'));
  expect(waiting.out).toContain('ok       certificate: there are none yet in disks-system');
  expect(waiting.out).toContain('failure  webhooks: no pod serves them behind the Service disks-system/');
});

test('who may not read something is told so, and sees the rest', async () => {
  const at = await cluster({ tokens: { abc: { name: 'jane', groups: ['system:authenticated'] } } });
  const { code, err } = await command('status', ...on({ kubeconfig: kubeconfigOf('jane', 'abc', at.url) }));
  expect(code).toBe(1);
  expect(err).toContain('it takes the rule { apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }');
  const there = [...on({ kubeconfig: kubeconfigOf('jane', 'abc', at.url) }), '--namespace', namespace];
  const { code: partly, out } = await command('status', ...there);
  expect(partly).toBe(1);
  expect(out).toMatch(/^failure {2}deployment: cannot be read: .*resources: \["deployments"\]/m);
  expect(out).toMatch(/^warning {2}leader: cannot be read: /m);
});

test('a format that there is not', async () => {
  expect((await command('status', '--output', 'xml')).code).toBe(2);
});
