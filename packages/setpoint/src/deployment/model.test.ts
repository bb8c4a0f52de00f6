// biome-ignore-all lint/suspicious/noExplicitAny: manifests are looked into as JSON.
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { defineKind } from '../kinds/index.ts';
import { crdManifest, type RbacNeeds } from '../manifests/index.ts';
import {
  chartFiles,
  type DeployedOperator,
  type DeploymentSettings,
  deploymentModel,
  kustomizeFiles,
  plainManifests,
  resolveSettings,
} from './index.ts';

const Thing = defineKind({ group: 'a.b', version: 'v1', kind: 'Thing', spec: z.object({}), status: z.object({}) });
const Cluster = { group: 'c.d', plural: 'clusters', scope: 'Cluster' } as const;

function operator(more: Partial<DeployedOperator> = {}): DeployedOperator {
  const needs = (namespace: string): RbacNeeds => [
    { kind: Thing, verbs: ['list', 'watch'] },
    { kind: Cluster, verbs: ['get'] },
    { kind: { group: '', plural: 'secrets', scope: 'Namespaced' }, verbs: ['get'], names: ['s'], namespace },
  ];
  return {
    name: 'op',
    version: '1.2.3',
    needs,
    crds: () => [crdManifest(Thing)],
    registrations: [],
    servesWebhooks: false,
    ...more,
  };
}

const webhooks: Partial<DeployedOperator> = {
  servesWebhooks: true,
  registrations: [
    {
      type: 'validating',
      kind: Thing,
      path: '/validate',
      operations: ['CREATE'],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      timeoutSeconds: 10,
    },
  ],
};

function model(of: DeployedOperator, given: DeploymentSettings = {}) {
  const settings = resolveSettings(of.name, of.version, given);
  return { settings, parts: deploymentModel(of, settings) };
}

function plain(of: DeployedOperator, given: DeploymentSettings = {}): any[] {
  return [...plainManifests(model(of, given).parts)];
}

const names = (objects: any[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

test('each object is there once, each before those that need it', () => {
  expect(names(plain(operator(webhooks)))).toEqual([
    'Namespace op-system',
    'CustomResourceDefinition things.a.b',
    'ServiceAccount op',
    'ClusterRole op-role',
    'ClusterRoleBinding op-rolebinding',
    'Role op-own-role',
    'RoleBinding op-own-rolebinding',
    'ClusterRole op-metrics-reader',
    'ClusterRole op-thing-admin-role',
    'ClusterRole op-thing-editor-role',
    'ClusterRole op-thing-viewer-role',
    'Service op-metrics-service',
    'Service op-webhook-service',
    'Deployment op-controller-manager',
    'PodDisruptionBudget op-controller-manager',
    'ValidatingWebhookConfiguration op-validating-webhook-configuration',
  ]);
});

test('an operator that watches some namespaces has a Role in each, and a ClusterRole only for kinds of no namespace', () => {
  const objects = plain(operator(), { watchNamespaces: ['x', 'y'] });
  const rules = (kind: string, namespace?: string) =>
    objects
      .filter((object) => object.kind === kind && object.metadata.namespace === namespace)
      .map(({ rules }) => rules.map(({ resources = [] }: any) => resources.join()).join());
  expect(rules('ClusterRole')[0]).toBe('clusters');
  expect(rules('Role', 'x')).toEqual(['things']);
  expect(rules('Role', 'y')).toEqual(['things']);
  expect(rules('Role', 'op-system')).toEqual(['secrets']);
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  expect(deployment.spec.template.spec.containers[0].args).toContain('--namespace=x,y');
});

test('what is off by default comes with its setting', () => {
  const kinds = plain(operator(webhooks), { networkPolicy: true, serviceMonitor: true, podDisruptionBudget: false });
  expect(names(kinds).filter((name) => /Policy|Monitor|Budget/.test(name))).toEqual([
    'ServiceMonitor op-metrics-monitor',
    'NetworkPolicy op-allow-metrics-traffic',
    'NetworkPolicy op-allow-webhook-traffic',
  ]);
});

test('the folders for kustomize name each of their files, and the default one those in use', async () => {
  const { parts, settings } = model(operator(webhooks), { image: 'registry:5000/a/b:c' });
  const files = new Map((await kustomizeFiles(parts, settings, '# mine\n')).map(({ path, text }) => [path, text]));
  const read = (path: string): any => parseAllDocuments(files.get(`config/${path}`) ?? '').map((doc) => doc.toJS());
  expect(read('default/kustomization.yaml')[0].resources).toEqual([
    '../manager',
    '../crd',
    '../rbac',
    'metrics_service.yaml',
    '../webhook',
  ]);
  for (const [path, text] of files) {
    expect(text.startsWith('# mine\n---\n'), path).toBe(true);
    if (!path.endsWith('kustomization.yaml')) continue;
    const folder = path.slice('config/'.length).split('/')[0] as string;
    for (const resource of read(`${folder}/kustomization.yaml`)[0].resources) {
      const target = resource.startsWith('../') ? `${resource.slice(3)}/kustomization.yaml` : `${folder}/${resource}`;
      expect(files.has(`config/${target}`), target).toBe(true);
    }
  }
  expect(read('manager/kustomization.yaml')[0].images).toEqual([
    { name: 'controller', newName: 'registry:5000/a/b', newTag: 'c' },
  ]);
  expect(read('manager/manager.yaml')[0].spec.template.spec.containers[0].image).toBe('controller:latest');
});

test('an image can be named by its digest', async () => {
  const digest = `sha256:${'0a'.repeat(32)}`;
  const { parts, settings } = model(operator(webhooks), { image: `localhost:5000/a/b:c@${digest}` });
  const deployment = plainManifests(parts).find(({ kind }) => kind === 'Deployment') as any;
  expect(deployment.spec.template.spec.containers[0].image).toBe(`localhost:5000/a/b@${digest}`);
  const files = await kustomizeFiles(parts, settings, '');
  const manager = files.find(({ path }) => path === 'config/manager/kustomization.yaml')?.text ?? '';
  expect(parseAllDocuments(manager)[0]?.toJS().images).toEqual([
    { name: 'controller', newName: 'localhost:5000/a/b', digest },
  ]);
});

test('a chart leaves the namespace to the release, and has a value for each expression', async () => {
  const of = operator(webhooks);
  const { parts, settings } = model(of);
  const files = await chartFiles(of, parts, settings, '# mine\n');
  const text = files.map((file) => file.text).join('');
  expect(text).not.toContain('op-system');
  const values = parseAllDocuments(files.find(({ path }) => path.endsWith('values.yaml'))?.text ?? '')[0]?.toJS();
  const paths = [...text.matchAll(/\$\.Values\.([A-Za-z.]+)/g)].map((match) => match[1] as string);
  expect(paths.length).toBeGreaterThan(20);
  for (const path of paths) {
    const value = path.split('.').reduce((at: any, member) => at?.[member], values);
    expect(value, path).not.toBe(undefined);
  }
});

test.each([
  [{ namespace: 'A_b' }, 'namespace "A_b": use at most 63 lower-case letters, digits and dashes'],
  [{ image: 'a b' }, 'image "a b": use registry/repository:tag'],
  [{ replicas: 1.5 }, 'replicas 1.5: use a whole number that is not negative'],
])('wrong settings are refused: %j', (settings, message) => {
  expect(() => resolveSettings('op', '1', settings)).toThrow(message);
});
