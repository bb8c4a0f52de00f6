import { describe, expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../http/index.ts';
import { Registry, type ServedResource } from '../registry/index.ts';
import { compareVersions, createDiscovery, createServerDocuments } from './index.ts';

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

function resource(group: string, version: string, kind: string, more: Partial<ServedResource> = {}): ServedResource {
  const singular = kind.toLowerCase();
  const names = { group, version, kind, listKind: `${kind}List`, resource: `${singular}s`, singular };
  const rest = {
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs,
    subresources: { status: false },
    custom: group.includes('.'),
  };
  return { ...names, ...rest, ...more } as unknown as ServedResource;
}

const wire = resource('wire.example.com', 'v1', 'Wire', {
  shortNames: ['wi'],
  categories: ['all'],
  storageVersionHash: 'hash=',
  subresources: { status: true, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
});

function setUp() {
  const registry = new Registry();
  for (const one of [
    wire,
    resource('wire.example.com', 'v1beta1', 'Wire'),
    resource('wire.example.com', 'v2', 'Wire'),
    resource('batch', 'v1', 'Job'),
    resource('apps', 'v1', 'Deployment'),
    resource('a.example.com', 'v1', 'A'),
    resource('', 'v1', 'Pod'),
    resource('', 'v1', 'Namespace', { namespaced: false }),
  ]) {
    registry.set(one);
  }
  return { registry, discovery: createDiscovery(registry) };
}

const request = (url: string, headers: Record<string, string> = {}, method = 'GET'): ApiRequest => ({
  method,
  url,
  headers: { host: '127.0.0.1:6443', ...headers },
  body: new Uint8Array(),
  signal: new AbortController().signal,
});
const text = (response: ApiResponse | undefined) => Buffer.from(response?.body as Uint8Array).toString();
const aggregated = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' };

async function get(path: string, headers: Record<string, string> = {}, served = setUp()) {
  const response = await served.discovery(request(path, headers), path);
  return { response, document: response && JSON.parse(text(response)) };
}

test('/api names the versions of the oldest group', async () => {
  const { response } = await get('/api');
  expect(text(response)).toBe(
    '{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]}\n',
  );
});

test('/ says where everything is', async () => {
  const { paths } = (await get('/')).document;
  expect(paths).toContain('/apis/apps/v1');
  expect(paths.slice(0, 4)).toEqual(['/api', '/api/v1', '/apis', '/apis/']);
});

test('/apis lists built-in groups by priority and the others by name, versions by how stable they are', async () => {
  const { document } = await get('/apis');
  expect(document.groups.map((group: { name: string }) => group.name)).toEqual([
    'apps',
    'batch',
    'a.example.com',
    'wire.example.com',
  ]);
  expect(document.groups[3]).toEqual({
    name: 'wire.example.com',
    versions: ['v2', 'v1', 'v1beta1'].map((version) => ({ groupVersion: `wire.example.com/${version}`, version })),
    preferredVersion: { groupVersion: 'wire.example.com/v2', version: 'v2' },
  });
  expect((await get('/apis/wire.example.com')).document).toEqual({
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...document.groups[3],
  });
});

test('a version lists its resources and their subresources', async () => {
  expect(text((await get('/apis/wire.example.com/v1')).response)).toBe(
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"wire.example.com/v1","resources":[{"name":"wires","singularName":"wire","namespaced":true,"kind":"Wire","verbs":["delete","deletecollection","get","list","patch","create","update","watch"],"shortNames":["wi"],"categories":["all"],"storageVersionHash":"hash="},{"name":"wires/status","singularName":"","namespaced":true,"kind":"Wire","verbs":["get","patch","update"]},{"name":"wires/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}]}\n',
  );
  const { document } = await get('/api/v1');
  expect(document).toMatchObject({
    groupVersion: 'v1',
    resources: [{ name: 'namespaces', namespaced: false }, { name: 'pods' }],
  });
  expect(document.apiVersion).toBeUndefined();
});

test('what is not served is no route, or no version of a group that is', async () => {
  const { discovery } = setUp();
  for (const path of [
    '/apis/nope',
    '/apis/nope/v1',
    '/apis//v1',
    '/api/v1/pods',
    '/apis/apps/v1/deployments',
    '/nope',
    '/version',
  ]) {
    expect(discovery(request(path), path), path).toBeUndefined();
  }
  expect(() => discovery(request('/apis/apps/v9'), '/apis/apps/v9')).toThrow(
    'the server could not find the requested resource',
  );
  expect(() => discovery(request('/api', {}, 'POST'), '/api')).toThrow(
    'the server does not allow this method on the requested resource',
  );
});

describe('aggregated discovery', () => {
  test('is one document with a content type of its own', async () => {
    const { response, document } = await get('/apis', aggregated);
    expect(response?.headers).toMatchObject({
      'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      vary: 'Accept',
      'cache-control': 'public',
    });
    expect(document).toMatchObject({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
    });
    const groups = document.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(groups).toEqual(['apps', 'batch', 'a.example.com', 'wire.example.com']);
    expect(document.items[0].versions[0].resources[0].responseKind).toEqual({
      group: '',
      version: '',
      kind: 'Deployment',
    });
    expect(document.items[3].versions[1]).toEqual({
      version: 'v1',
      freshness: 'Current',
      resources: [
        {
          resource: 'wires',
          responseKind: { group: 'wire.example.com', version: 'v1', kind: 'Wire' },
          scope: 'Namespaced',
          singularResource: 'wire',
          verbs,
          shortNames: ['wi'],
          categories: ['all'],
          subresources: [
            {
              subresource: 'status',
              responseKind: { group: 'wire.example.com', version: 'v1', kind: 'Wire' },
              verbs: ['get', 'patch', 'update'],
            },
            {
              subresource: 'scale',
              responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
              verbs: ['get', 'patch', 'update'],
            },
          ],
        },
      ],
    });
    expect((await get('/api', aggregated)).document.items.map((item: { metadata: object }) => item.metadata)).toEqual([
      {},
    ]);
  });

  test('is answered with 304 until something that is served changes', async () => {
    const served = setUp();
    const { response } = await get('/apis', aggregated, served);
    const etag = String(response?.headers.etag);
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/);
    const again = await served.discovery(request('/apis', { ...aggregated, 'if-none-match': etag }), '/apis');
    expect(again).toMatchObject({ status: 304, body: new Uint8Array(0), headers: { etag } });
    served.registry.set(resource('new.example.com', 'v1', 'New'));
    const changed = await served.discovery(request('/apis', { ...aggregated, 'if-none-match': etag }), '/apis');
    expect(changed?.status).toBe(200);
    expect(text(changed)).toContain('new.example.com');
    served.registry.remove('new.example.com', 'v1', 'news');
    expect((await get('/apis', aggregated, served)).response?.headers.etag).toBe(etag);
  });

  test('clients that only know its beta get the plain document', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
    expect((await get('/apis', { accept })).document.kind).toBe('APIGroupList');
    await expect(get('/apis', { accept: accept.split(',')[0] as string })).rejects.toThrow(
      'only the following media types are accepted',
    );
  });
});

test('versions are ordered as Kubernetes orders them', () => {
  const versions = [
    'foo10',
    'v1beta2',
    'v11alpha2',
    'foo1',
    'v10',
    'v2',
    'v12alpha1',
    'v3beta1',
    'v11beta2',
    'v10beta3',
    'v1',
  ];
  expect(versions.sort(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v1beta2',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ]);
});

describe('documents of the server', () => {
  let ready = true;
  const documents = createServerDocuments({ ready: () => ready });
  const ask = (url: string) => documents(request(url), url.split('?')[0] as string);

  test('/version says which release is emulated, in digits', () => {
    const document = JSON.parse(text(ask('/version')));
    expect(document).toMatchObject({ major: '1', minor: '36' });
    expect(document.gitVersion).toMatch(/^v1\.36\.\d+\+setpoint$/);
  });

  test('health is a word, or a line a check', () => {
    expect(text(ask('/healthz'))).toBe('ok');
    expect(text(ask('/livez/ping'))).toBe('ok');
    expect(text(ask('/readyz?verbose'))).toBe(
      '[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]informer-sync ok\n[+]shutdown ok\nreadyz check passed\n',
    );
    expect(text(ask('/livez?verbose&exclude=etcd'))).toBe(
      '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\nlivez check passed\n',
    );
    expect(ask('/readyz/nope')).toBeUndefined();
  });

  test('a server that shuts down lives but is not ready', () => {
    ready = false;
    expect(ask('/readyz')?.status).toBe(500);
    expect(text(ask('/readyz'))).toContain('[-]shutdown failed: reason withheld\nreadyz check failed\n');
    expect(ask('/livez')?.status).toBe(200);
    ready = true;
  });

  test('what is missing is refused by name', () => {
    expect(() => ask('/metrics')).toThrow('/metrics is not implemented by this control plane');
    expect(ask('/nope')).toBeUndefined();
  });
});
