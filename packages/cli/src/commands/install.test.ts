import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Cluster, cluster, command, kubeconfigOf, project, temporaryFolder } from '../../test/command.ts';
import { Widget } from '../../test/projects/widgets/src/operator.ts';

const crd = 'customresourcedefinition.apiextensions.k8s.io/widgets.cli.example.com';
const on = ({ kubeconfig }: Pick<Cluster, 'kubeconfig'>, name = 'widgets') =>
  ['--project', project(name), '--kubeconfig', kubeconfig] as const;
const widget = (name: string, finalizers: readonly string[] = []) => ({
  metadata: { name, namespace: 'default', finalizers },
  spec: { size: 1 },
});

test('creates the CRDs, which are served when it ends', async () => {
  const at = await cluster();
  expect(await command('install', ...on(at))).toEqual({ code: 0, out: `${crd} created\n`, err: '' });
  await at.client.create(Widget, widget('a'));
});

test('done twice changes nothing', async () => {
  const at = await cluster();
  await command('install', ...on(at));
  const before = at.controlPlane.revision;
  expect(await command('install', ...on(at))).toEqual({ code: 0, out: `${crd} unchanged\n`, err: '' });
  expect(at.controlPlane.revision).toBe(before);
});

test('brings a CRD that says something else up to date, and keeps what others noted on it', async () => {
  const at = await cluster();
  await command('install', ...on(at));
  const key = { name: 'widgets.cli.example.com' };
  await at.client.patch(CustomResourceDefinition, key, { type: 'merge', body: { metadata: { labels: { by: 'me' } } } });
  await at.client.create(Widget, widget('a'));
  const { code, out } = await command('install', ...on(at, 'widgets-changed'));
  expect({ code, out }).toEqual({ code: 0, out: `${crd} configured\n` });
  const { metadata, spec } = await at.client.get(CustomResourceDefinition, key);
  expect(metadata.labels).toEqual({ by: 'me' });
  expect(JSON.stringify(spec.versions[0]?.schema)).toContain('colour');
  expect((await at.client.get(Widget, { name: 'a', namespace: 'default' })).spec).toEqual({ size: 1 });
});

test('says why the cluster does not take the names of a CRD', async () => {
  const at = await cluster();
  const names = { plural: 'gadgets', singular: 'gadget', kind: 'Widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  await at.client.create(CustomResourceDefinition, {
    metadata: { name: 'gadgets.cli.example.com' },
    spec: {
      group: 'cli.example.com',
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  } as never);
  const { code, out, err } = await command('install', ...on(at));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('setpoint: the cluster does not accept the CRD widgets.cli.example.com: ');
  expect(err).toContain('"WidgetList" is already in use (ListKindConflict)');
});

test('names each field that the cluster refuses, and the property that it is about', async () => {
  const at = await cluster();
  const { code, out, err } = await command('install', ...on(at, 'refused'));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(
    'setpoint: the cluster refuses the CRD widgets.cli.example.com:\n  spec.validation.openAPIV3Schema.',
  );
  expect(err).toContain("undefined field 'high'");
  expect(err).toContain("(spec.sizes[] of the kind's schema)");
});

test('does not take away a version in which objects are stored, and says how it can go', async () => {
  const at = await cluster();
  await at.client.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.cli.example.com' },
    spec: {
      group: 'cli.example.com',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      scope: 'Namespaced',
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  } as never);
  await expect.poll(() => stored(at)).toEqual(['v1alpha1']);
  const { code, out, err } = await command('install', ...on(at));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('setpoint: the CRD widgets.cli.example.com cannot lose v1alpha1: objects may be stored in it');
  expect(err).toContain('`setpoint migrate-storage`: it writes every object once, so that all are stored in v1');
});

async function stored({ client }: Cluster) {
  const { status } = await client.get(CustomResourceDefinition, { name: 'widgets.cli.example.com' });
  return status?.storedVersions;
}

test('of an operator that defines no kinds', async () => {
  const { code, err } = await command('install', '--project', project('no-kinds'));
  expect(code).toBe(1);
  expect(err).toBe('setpoint: the operator bare defines no kinds, so there is no CRD\n');
});

test('uninstall deletes the CRDs and all objects, and finds nothing the second time', async () => {
  const at = await cluster();
  await command('install', ...on(at));
  for (const name of ['a', 'b']) await at.client.create(Widget, widget(name));
  expect(await command('uninstall', ...on(at))).toEqual({ code: 0, out: `${crd} deleted\n`, err: '' });
  await expect(at.client.list(Widget)).rejects.toThrow('404');
  expect(await command('uninstall', ...on(at))).toEqual({ code: 0, out: `${crd} not found\n`, err: '' });
});

test('uninstall says what holds a CRD that does not go', async () => {
  const at = await cluster();
  await command('install', ...on(at));
  await at.client.create(Widget, widget('a', ['cli.example.com/hold']));
  const { code, out, err } = await command('uninstall', ...on(at), '--timeout', '300ms');
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^setpoint: the CRD widgets\.cli\.example\.com is still there after 0\.3 s.*finalizers.*\n$/);
});

async function failure(kubeconfig: string, ...more: readonly string[]): Promise<string> {
  const { code, out, err } = await command('install', ...on({ kubeconfig }), ...more);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(err).toMatch(/^setpoint: /);
  return err;
}

function fileWith(text: string): string {
  const file = join(temporaryFolder(), 'kubeconfig');
  writeFileSync(file, text);
  return file;
}

test('a kubeconfig that is not there', async () => {
  expect(await failure('/does/not/exist')).toBe('setpoint: the kubeconfig /does/not/exist does not exist\n');
});

test('no kubeconfig at all', async () => {
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('HOME', temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['install', 'deploy', 'undeploy', 'status', 'uninstall', 'migrate-storage']) {
    const { code, err } = await command(name, '--project', project('widgets'));
    expect({ name, code }).toEqual({ name, code: 1 });
    expect(err).toMatch(
      /^setpoint: no cluster is configured: KUBECONFIG is not set, this is not a Pod, and .* does not exist\n$/,
    );
  }
});

test('somebody who may do nothing is told the rule that it takes', async () => {
  const at = await cluster({ tokens: { abc: { name: 'jane', groups: ['system:authenticated'] } } });
  expect(await failure(kubeconfigOf('jane', 'abc', at.url))).toMatch(
    /it takes the rule \{ apiGroups: \["apiextensions\.k8s\.io"\], resources: \["customresourcedefinitions"\], verbs: \["get"\] \} in a ClusterRole: have an administrator bind it to jane\n$/,
  );
});

test('a kubeconfig that is no YAML, or something else', async () => {
  expect(await failure(fileWith('a: [b'))).toContain('kubeconfig');
  expect(await failure(fileWith('kind: Pod'))).toContain('its kind is Pod, not Config');
});

test('a context that is not in the kubeconfig', async () => {
  const { kubeconfig } = await cluster();
  expect(await failure(kubeconfig, '--context', 'production')).toBe(
    `setpoint: ${kubeconfig} has no context production (it has setpoint)\n`,
  );
});

test('nobody listens where the cluster should be', async () => {
  const { kubeconfig, url } = await cluster();
  const text = readFileSync(kubeconfig, 'utf8').replace(url, 'https://127.0.0.1:1');
  const err = await failure(fileWith(text));
  expect(err).toContain('cannot connect to 127.0.0.1:1: nothing listens there (connection refused)');
});

test('a server whose certificate is not signed by what the kubeconfig trusts', async () => {
  const [one, other] = [await cluster(), await cluster()];
  const text = readFileSync(one.kubeconfig, 'utf8').replace(one.url, other.url);
  const err = await failure(fileWith(text));
  expect(err).toContain(other.url.slice('https://'.length));
  expect(err).toContain('certificate');
});
