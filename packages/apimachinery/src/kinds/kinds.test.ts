import { expect, test } from 'vitest';
import { builtinKind, builtinKinds, loadDocumentation, openApiSchemas, structType, structTypesOf } from './index.ts';

test('fields carry what JSON, patches, apply and protobuf need to know', () => {
  const container = structType('core/v1.PodSpec').byName.get('containers');
  expect(container).toEqual({
    name: 'containers',
    type: { kind: 'list', items: { kind: 'struct', type: 'core/v1.Container' } },
    pointer: false,
    omitEmpty: false,
    omitZero: false,
    required: true,
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
    number: 2,
  });
  const strategy = structType('apps/v1.DeploymentSpec').byName.get('strategy');
  expect(strategy).toMatchObject({ patchStrategy: ['retainKeys'], number: 4 });
  const protocol = structType('core/v1.ContainerPort').byName.get('protocol');
  expect(protocol).toMatchObject({ default: 'TCP', type: { name: 'v1.Protocol', enum: ['SCTP', 'TCP', 'UDP'] } });
  const replicas = structType('apps/v1.DeploymentSpec').byName.get('replicas');
  expect(replicas).toMatchObject({ type: { kind: 'integer', bits: 32 }, pointer: true, omitEmpty: true });
});

test('inlined structs are fields in JSON and members in protobuf', () => {
  const volume = structType('core/v1.Volume');
  expect(volume.fields.slice(0, 3).map((field) => field.name)).toEqual(['name', 'hostPath', 'emptyDir']);
  expect(volume.members).toContainEqual({ inline: 'core/v1.VolumeSource', number: 2 });
});

test('every type of every table can be read, and every kind has one', () => {
  const modules = new Set(builtinKinds.map((kind) => `${kind.group || 'core'}/${kind.version}`));
  for (const module of [...modules, 'meta/v1']) {
    for (const key of structTypesOf(module)) expect(structType(key).name).toBe(key.slice(key.lastIndexOf('.') + 1));
  }
  for (const kind of builtinKinds) expect(structType(kind.type).byName.has('kind')).toBe(true);
  expect(builtinKinds.length).toBeGreaterThan(55);
});

test('facts are those of discovery', () => {
  expect(builtinKind('apps', 'v1', 'Deployment')).toMatchObject({
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    namespaced: true,
    storageVersionHash: '8aSe+NMegvE=',
  });
  expect(builtinKind('apps', 'v1', 'Foo')).toBeUndefined();
});

test('OpenAPI schemas are complete, refer to each other, and stop at recursion', async () => {
  const schemas = openApiSchemas('apps/v1.Deployment', await loadDocumentation());
  const deployment = schemas['io.k8s.api.apps.v1.Deployment'];
  expect(deployment).toMatchObject({
    description: 'Deployment enables declarative updates for Pods and ReplicaSets.',
    'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
    properties: { spec: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' }] } },
  });
  for (const [, name] of JSON.stringify(schemas).matchAll(/#\/components\/schemas\/([^"]+)/g)) {
    expect(schemas).toHaveProperty([name as string]);
  }
  expect(Object.keys(openApiSchemas('apiextensions.k8s.io/v1.CustomResourceDefinition'))).toContain(
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps',
  );
});
