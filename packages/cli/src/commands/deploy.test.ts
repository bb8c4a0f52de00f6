import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { Deployment } from 'setpoint/apps/v1';
import { ConfigMap, Namespace } from 'setpoint/core/v1';
import { expect, test } from 'vitest';
import { type Cluster, cluster, command, kubeconfigOf, project } from '../../test/command.ts';
import { Widget } from '../../test/projects/widgets/src/operator.ts';

const namespace = 'widgets-system';
const manager = { namespace, name: 'widgets-controller-manager' };
const crd = { name: 'widgets.cli.example.com' };
const on = ({ kubeconfig }: Pick<Cluster, 'kubeconfig'>, name = 'widgets') =>
  ['--project', project(name), '--kubeconfig', kubeconfig] as const;

/** One in which pods are ready at once, whatever their probes say. */
async function quickCluster(): Promise<Cluster> {
  const at = await cluster();
  at.controlPlane.pods.add({ readyAfter: '10ms', pullsFor: '1ms' });
  return at;
}

test('deploy installs all of it, waits until it is available, and changes nothing the second time', async () => {
  const at = await quickCluster();
  const { code, out, err } = await command('deploy', ...on(at), '--image', 'registry.example.com/widgets:1');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('customresourcedefinition.apiextensions.k8s.io/widgets.cli.example.com created\n');
  expect(out).toContain('deployment.apps/widgets-controller-manager is available\n');
  const { spec, metadata } = await at.client.get(Deployment, manager);
  expect(spec?.template?.spec?.containers[0]?.image).toBe('registry.example.com/widgets:1');
  expect(metadata.labels?.['app.kubernetes.io/managed-by']).toBe('setpoint');
  expect(metadata.managedFields?.map((entry) => entry.manager)).toContain('setpoint-deploy');
  const again = await command('deploy', ...on(at), '--image', 'registry.example.com/widgets:1');
  expect(again.code).toBe(0);
  expect(again.out).not.toMatch(/created|configured|pruned/);
});

test('deploy prunes what an earlier one installed, but what somebody took over, and CRDs only when asked', async () => {
  const at = await quickCluster();
  await command('deploy', ...on(at));
  const inventory = { namespace, name: 'widgets-setpoint-inventory' };
  const { data } = await at.client.get(ConfigMap, inventory);
  const extra = ['old', 'taken'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }));
  const gone = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'olds.example.com' };
  const objects = JSON.stringify([...JSON.parse(data?.objects ?? ''), ...extra, gone]);
  await at.client.patch(ConfigMap, inventory, { type: 'merge', body: { data: { objects } } });
  const labels = { 'app.kubernetes.io/managed-by': 'setpoint' };
  await at.client.create(ConfigMap, { metadata: { namespace, name: 'old', labels } });
  await at.client.create(ConfigMap, { metadata: { namespace, name: 'taken' } });
  const { code, out } = await command('deploy', ...on(at));
  expect(code).toBe(0);
  expect(out).toContain('configmap/old pruned: deleted\n');
  expect(out).toContain('configmap/taken pruned: left: it is not managed by setpoint any more\n');
  expect(out).toContain('olds.example.com is not declared any more and is kept; --prune-crds');
  expect((await command('deploy', ...on(at), '--prune-crds')).out).toContain('olds.example.com pruned: not found\n');
});

test('undeploy deletes all of it and keeps the CRDs with their objects, unless it is told otherwise', async () => {
  const at = await quickCluster();
  await command('deploy', ...on(at));
  await at.client.create(Widget, { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } });
  const { code, out, err } = await command('undeploy', ...on(at));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('namespace/widgets-system deleted\n');
  expect(out).toContain(`${crd.name} kept, with all objects of its kind`);
  await expect(at.client.get(Namespace, { name: namespace })).rejects.toThrow('404');
  await at.client.get(Widget, { name: 'a', namespace: 'default' });
  expect((await command('undeploy', ...on(at))).out).toContain('nothing of widgets is in this cluster');
  await command('deploy', ...on(at));
  expect((await command('undeploy', ...on(at), '--crds')).code).toBe(0);
  await expect(at.client.get(CustomResourceDefinition, crd)).rejects.toThrow('404');
});

test('a namespace that was there before stays as it was, and stays when the operator goes', async () => {
  const at = await quickCluster();
  expect((await command('deploy', ...on(at), '--namespace', 'default')).code).toBe(0);
  expect((await at.client.get(Namespace, { name: 'default' })).metadata.labels).not.toHaveProperty(
    'pod-security.kubernetes.io/enforce',
  );
  const moved = await command('deploy', ...on(at));
  expect(moved).toMatchObject({ code: 1, out: '' });
  expect(moved.err).toContain('is deployed in the namespace default: run `setpoint undeploy`');
  expect((await command('undeploy', ...on(at))).out).toContain('namespace/default kept: it was there before\n');
  await expect(at.client.get(Deployment, { ...manager, namespace: 'default' })).rejects.toThrow('404');
});

test('pods that never become ready: says which and why at the time-out', async () => {
  const at = await cluster();
  at.controlPlane.pods.add({ pullError: 'ErrImagePull' });
  const { code, err } = await command('deploy', ...on(at), '--timeout', '1s');
  expect(code).toBe(1);
  expect(err).toMatch(/pod widgets-controller-manager-\S+: container manager waits: (ErrImagePull|ImagePullBackOff)/);
  expect(err).toContain('Warning of Pod widgets-controller-manager-');
  expect(err).toMatch(
    /^setpoint: deployment\.apps\/widgets-controller-manager in widgets-system was not available within 1 s/m,
  );
});

test('a cluster that refuses the CRD, one that is not there, and one in which nothing is allowed', async () => {
  const at = await cluster({ tokens: { abc: { name: 'jane', groups: ['system:authenticated'] } } });
  const refused = await command('deploy', ...on(at, 'refused'));
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("undefined field 'high'");
  const nobody = await command('deploy', ...on({ kubeconfig: kubeconfigOf('jane', 'abc', at.url) }));
  expect(nobody).toMatchObject({ code: 1, out: '' });
  expect(nobody.err).toMatch(
    /cannot list resource "configmaps".*; it takes the rule \{ apiGroups: \[""\], resources: \["configmaps"\], verbs: \["list"\] \} in a ClusterRole: have an administrator bind it to jane\n$/,
  );
  const nowhere = await command('deploy', ...on({ kubeconfig: kubeconfigOf('jane', 'abc', 'https://127.0.0.1:1') }));
  expect(nowhere.code).toBe(1);
  expect(nowhere.err).toContain('nothing listens there');
});
