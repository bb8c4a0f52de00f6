import { FakeClock } from '@setpoint/apimachinery/clock';
import { builtinKinds, openApiName, openApiSchemas } from '@setpoint/apimachinery/kinds';
import { expect, test } from 'vitest';
import type { ApiRequest } from '../http/index.ts';
import { Registry, type ServedResource } from '../registry/index.ts';
import { createOpenApi } from './index.ts';

function builtin(kind: (typeof builtinKinds)[number]): ServedResource {
  const openApiComponents: NonNullable<ServedResource['openApiComponents']> = (documentation) => ({
    name: openApiName(kind.type),
    schemas: openApiSchemas(kind.type, documentation),
  });
  const rest = {
    resource: kind.plural,
    custom: false,
    discovery: kind,
    subresources: { status: true },
    encodingVersion: '1',
  };
  return { ...kind, ...rest, openApiComponents } as unknown as ServedResource;
}

const wire = (properties: object) =>
  ({
    group: 'wire.example.com',
    version: 'v1',
    kind: 'Wire',
    listKind: 'WireList',
    resource: 'wires',
    namespaced: true,
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    subresources: {
      status: true,
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
    custom: true,
    encodingVersion: '1',
    openApiSchema: () => ({ type: 'object', properties }),
  }) as unknown as ServedResource;

function setUp() {
  const registry = new Registry();
  for (const kind of builtinKinds) if (['', 'apps'].includes(kind.group)) registry.set(builtin(kind));
  registry.set(wire({ spec: { type: 'object' } }));
  const openapi = createOpenApi(registry, { clock: new FakeClock() });
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const request: ApiRequest = {
      method: 'GET',
      url,
      headers,
      body: new Uint8Array(),
      signal: new AbortController().signal,
    };
    const response = await openapi(request, url.split('?')[0] as string);
    const text = Buffer.from((response?.body ?? []) as Uint8Array).toString();
    return { ...response, document: text === '' ? undefined : JSON.parse(text) };
  };
  return { registry, get };
}

test('the index names each group and version with a hash that follows what is served', async () => {
  const { registry, get } = setUp();
  const { document, headers } = await get('/openapi/v3');
  expect(Object.keys(document.paths)).toEqual(['api/v1', 'apis/apps/v1', 'apis/wire.example.com/v1']);
  const url: string = document.paths['apis/wire.example.com/v1'].serverRelativeURL;
  expect(url).toMatch(/^\/openapi\/v3\/apis\/wire\.example\.com\/v1\?hash=[0-9A-F]{128}$/);
  expect((await get('/openapi/v3', { 'if-none-match': String(headers?.etag) })).status).toBe(304);
  registry.set(wire({ spec: { type: 'object', description: 'changed' } }));
  const after = (await get('/openapi/v3')).document.paths;
  expect(after['apis/wire.example.com/v1'].serverRelativeURL).not.toBe(url);
  expect(after['apis/apps/v1']).toEqual(document.paths['apis/apps/v1']);
});

test('with the right hash a document may be kept for ever, with an old one the client is sent on', async () => {
  const { get } = setUp();
  const url: string = (await get('/openapi/v3')).document.paths['apis/apps/v1'].serverRelativeURL;
  const right = await get(url);
  expect(right.headers).toMatchObject({
    'cache-control': 'public, immutable',
    expires: 'Fri, 01 Jan 2027 00:00:00 GMT',
    vary: 'Accept',
    etag: `"${url.split('=')[1]}"`,
  });
  const old = await get('/openapi/v3/apis/apps/v1?hash=AB');
  expect(old).toMatchObject({ status: 301, headers: { location: url }, document: undefined });
  expect((await get('/openapi/v3/apis/apps/v1')).headers?.['cache-control']).toBeUndefined();
  expect((await get(url, { 'if-none-match': `"${url.split('=')[1]}"` })).status).toBe(304);
  expect((await get(url, { accept: 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf' })).status).toBe(406);
  expect((await get('/openapi/v3/apis/nope/v1')).status).toBeUndefined();
});

test('operations carry what kubectl looks for before it applies', async () => {
  const { get } = setUp();
  const { document } = await get('/openapi/v3/apis/apps/v1');
  const { patch, parameters } = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
  expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  expect(patch.operationId).toBe('patchAppsV1NamespacedDeployment');
  expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toEqual([
    'dryRun',
    'fieldManager',
    'fieldValidation',
    'force',
  ]);
  expect(Object.keys(patch.requestBody.content)).toEqual([
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
  ]);
  expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(['name', 'namespace', 'pretty']);
  expect(document.paths['/apis/apps/v1/deployments'].get.operationId).toBe('listAppsV1DeploymentForAllNamespaces');
  expect(
    document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'].get[
      'x-kubernetes-group-version-kind'
    ].kind,
  ).toBe('Scale');
});

test('every reference of a document leads to one of its components', async () => {
  const { get } = setUp();
  for (const path of ['api/v1', 'apis/apps/v1', 'apis/wire.example.com/v1']) {
    const { document } = await get(`/openapi/v3/${path}`);
    const known = new Set(Object.keys(document.components.schemas));
    const text = JSON.stringify(document);
    const references = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
    expect(
      [...references].filter((name) => !known.has(name as string)),
      path,
    ).toEqual([]);
    expect(references.size).toBeGreaterThan(8);
  }
});

test('a custom resource is published under its reversed group, its list beside it', async () => {
  const { get } = setUp();
  const { document } = await get('/openapi/v3/apis/wire.example.com/v1');
  expect(document.info.title).toBe('Kubernetes CRD Swagger');
  expect(document.components.schemas['com.example.wire.v1.Wire']).toMatchObject({ type: 'object' });
  expect(document.components.schemas['com.example.wire.v1.WireList']['x-kubernetes-group-version-kind']).toEqual([
    { group: 'wire.example.com', kind: 'WireList', version: 'v1' },
  ]);
  const list = document.components.schemas['com.example.wire.v1.WireList'].properties;
  expect(list.apiVersion).toEqual(
    document.components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.Status'].properties.apiVersion,
  );
  const path = document.paths['/apis/wire.example.com/v1/namespaces/{namespace}/wires/{name}'];
  expect(Object.keys(path.patch.requestBody.content)).not.toContain('application/strategic-merge-patch+json');
  expect(path.get.operationId).toBe('readWireExampleComV1NamespacedWire');
});

test('descriptions are there for kubectl explain', async () => {
  const { get } = setUp();
  const { document } = await get('/openapi/v3/api/v1');
  expect(document.components.schemas['io.k8s.api.core.v1.ConfigMap'].description).toMatch(/ConfigMap/);
  expect(document.components.schemas['io.k8s.api.core.v1.PodList']['x-kubernetes-group-version-kind'][0].kind).toBe(
    'PodList',
  );
});

test('OpenAPI v2 is there for everybody, in JSON, with references to its own definitions', async () => {
  const { get } = setUp();
  const { document, headers, status } = await get('/openapi/v2', { accept: 'application/json' });
  expect(status).toBe(200);
  expect(document).toMatchObject({ swagger: '2.0', info: { title: 'Kubernetes' } });
  const text = JSON.stringify(document);
  expect(text).not.toContain('#/components/');
  for (const [, name] of text.matchAll(/"#\/definitions\/([^"]+)"/g))
    expect(document.definitions).toHaveProperty([name as string]);
  const { post } = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments'];
  expect(post.parameters[0]).toMatchObject({
    in: 'body',
    schema: { $ref: '#/definitions/io.k8s.api.apps.v1.Deployment' },
  });
  expect(post.produces[0]).toBe('application/json');
  expect((await get('/openapi/v2', { 'if-none-match': String(headers?.etag) })).status).toBe(304);
  expect((await get('/openapi/v2', { accept: 'text/html' })).status).toBe(406);
});
