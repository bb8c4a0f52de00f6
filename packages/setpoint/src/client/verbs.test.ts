import { describe, expect, expectTypeOf, it } from 'vitest';
import { ConfigMap, Pod } from '../kinds/builtin/core/v1.ts';
import { metadata, type Resource } from '../kinds/index.ts';
import { createClient } from './create-client.ts';
import type { UntypedObject } from './options.ts';
import { FakeWatch, fakeTransport, notFound, type RecordedRequest } from './testing/index.ts';

const key = { namespace: 'team', name: 'a' };

function recording(answer: (request: RecordedRequest) => object = () => ({ metadata: { name: 'a' } })) {
  const transport = fakeTransport((request) => ({ body: answer(request) }));
  const client = createClient({ transport, fieldManager: 'me' });
  const last = () => {
    const request = transport.requests.at(-1);
    if (!request) throw new Error('no request was made');
    const query = request.query.toString();
    return { line: `${request.method} ${request.path}${query === '' ? '' : `?${query}`}`, request };
  };
  return { client, transport, last };
}

describe('each verb', () => {
  it('has its method, path and query', async () => {
    const { client, last } = recording(({ path }) =>
      path.endsWith('/configmaps') ? { metadata: {}, items: [] } : { metadata: { name: 'a' } },
    );
    const configMap = { metadata: key, data: { a: '1' } };
    await client.get(ConfigMap, key, { resourceVersion: '5' });
    expect(last().line).toBe('GET /api/v1/namespaces/team/configmaps/a?resourceVersion=5');
    await client.list(ConfigMap, {
      labelSelector: { matchLabels: { app: 'x' } },
      fieldSelector: 'metadata.name=a',
      limit: 7,
    });
    expect(last().line).toBe('GET /api/v1/configmaps?labelSelector=app%3Dx&fieldSelector=metadata.name%3Da&limit=7');
    await client.create(ConfigMap, configMap, { fieldValidation: 'Strict', dryRun: true });
    expect(last().line).toBe(
      'POST /api/v1/namespaces/team/configmaps?dryRun=All&fieldManager=me&fieldValidation=Strict',
    );
    expect(last().request.body).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', ...configMap });
    await client.update(ConfigMap, configMap, { fieldManager: 'you' });
    expect(last().line).toBe('PUT /api/v1/namespaces/team/configmaps/a?fieldManager=you');
    await client.patch(ConfigMap, key, { type: 'json', body: [{ op: 'remove', path: '/data/a' }] });
    expect(last().line).toBe('PATCH /api/v1/namespaces/team/configmaps/a?fieldManager=me');
    expect(last().request.headers['content-type']).toBe('application/json-patch+json');
    await client.patch(ConfigMap, key, { type: 'apply', body: { data: {} }, force: true });
    expect(last().line).toBe('PATCH /api/v1/namespaces/team/configmaps/a?fieldManager=me&force=true');
    expect(last().request.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(last().request.body).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', data: {} });
    await client.delete(ConfigMap, key, {
      preconditions: { uid: 'u' },
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      dryRun: true,
    });
    expect(last().line).toBe('DELETE /api/v1/namespaces/team/configmaps/a');
    expect(last().request.body).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u' },
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    });
    await client.deleteCollection(ConfigMap, { namespace: 'team', labelSelector: 'app=x' });
    expect(last().line).toBe('DELETE /api/v1/namespaces/team/configmaps?labelSelector=app%3Dx');
  });

  it('can be about a subresource', async () => {
    const { client, last } = recording();
    await client.get(Pod, key, { subresource: 'status' });
    expect(last().line).toBe('GET /api/v1/namespaces/team/pods/a/status');
    await client.patch(Pod, key, { type: 'merge', body: {} }, { subresource: 'status' });
    expect(last().line).toBe('PATCH /api/v1/namespaces/team/pods/a/status?fieldManager=me');
    await client.create(Pod, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key } as never, {
      subresource: 'eviction',
    });
    expect(last().line).toBe('POST /api/v1/namespaces/team/pods/a/eviction?fieldManager=me');
    expect(last().request.body).toMatchObject({ apiVersion: 'policy/v1', kind: 'Eviction' });
  });

  it('answers with the type of its kind, and with an untyped object for subresources of other kinds', async () => {
    const { client } = recording();
    const pod = await client.get(Pod, key);
    expectTypeOf(pod).toEqualTypeOf<Resource<typeof Pod>>();
    expectTypeOf(await client.get(Pod, key, { subresource: 'status' })).toEqualTypeOf<Resource<typeof Pod>>();
    expectTypeOf(await client.get(Pod, key, { subresource: 'scale' })).toEqualTypeOf<UntypedObject>();
  });
});

describe('a request that cannot mean anything', () => {
  const { client, transport } = recording();
  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'an empty name',
      () => client.delete(ConfigMap, { namespace: 'team', name: '' }),
      /cannot delete ConfigMap: the name is empty/,
    ],
    [
      'no namespace',
      () => client.get(ConfigMap, { name: 'a' }),
      /cannot get ConfigMap a: the kind is namespaced and no namespace is given/,
    ],
    ['a name with a slash', () => client.get(ConfigMap, { namespace: 'team', name: 'a/b' }), /"a\/b" cannot be a name/],
    [
      'a name that goes up',
      () => client.get(ConfigMap, { namespace: '..', name: 'a' }),
      /"\.\." cannot be a namespace/,
    ],
    [
      'a collection without a selector',
      () => client.deleteCollection(ConfigMap, { namespace: 'team' }),
      /give a selector that is not empty, or all: true/,
    ],
    [
      'a collection with an empty selector',
      () => client.deleteCollection(ConfigMap, { namespace: 'team', labelSelector: {} }),
      /give a selector/,
    ],
    [
      'writing whole metadata',
      () => client.update(metadata(Pod), { metadata: key } as never),
      /cannot update Pod from its metadata alone/,
    ],
  ])('is not sent: %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
    expect(transport.requests).toHaveLength(0);
  });

  it('is not a collection that is all meant', async () => {
    const { client, last } = recording();
    await client.deleteCollection(ConfigMap, { namespace: 'team', all: true });
    expect(last().line).toBe('DELETE /api/v1/namespaces/team/configmaps');
  });
});

describe('pages', () => {
  it('follow the continue token, with the revision only on the first', async () => {
    const { client, transport } = recording(({ query }) =>
      query.get('continue') === null
        ? { metadata: { resourceVersion: '9', continue: 'next' }, items: [{ metadata: { name: 'a' } }] }
        : { metadata: { resourceVersion: '9' }, items: [{ metadata: { name: 'b' } }] },
    );
    const names: string[] = [];
    for await (const page of client.pages(Pod, { resourceVersion: '9', resourceVersionMatch: 'Exact' })) {
      for (const pod of page.items) names.push(`${pod.apiVersion} ${pod.kind} ${pod.metadata.name}`);
    }
    expect(names).toEqual(['v1 Pod a', 'v1 Pod b']);
    expect(transport.requests.map(({ query }) => query.toString())).toEqual([
      'limit=500&resourceVersion=9&resourceVersionMatch=Exact',
      'limit=500&continue=next',
    ]);
  });
});

describe('the metadata of a kind', () => {
  it('is asked for as such, and carries the names of the kind', async () => {
    const answer = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a' } };
    const { client, last } = recording(() => answer);
    const pod = await client.get(metadata(Pod), key);
    expect(last().request.headers.accept).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    );
    expect(pod).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
  });
});

describe('a watch', () => {
  it('asks for bookmarks, uses a connection of its own class and ends with its signal', async () => {
    const body = new FakeWatch();
    const transport = fakeTransport(() => ({ body }));
    const client = createClient({ transport });
    body.send('ADDED', { metadata: { name: 'a' } });
    const seen: string[] = [];
    for await (const event of client.watch(Pod, {
      namespace: 'team',
      resourceVersion: '5',
      sendInitialEvents: false,
      timeoutSeconds: 60,
    })) {
      seen.push(event.type);
      break;
    }
    expect(seen).toEqual(['ADDED']);
    expect(body.cancelled).toBe(true);
    const request = transport.requests[0];
    expect(request?.connection).toBe('watch');
    expect(request?.query.toString()).toBe(
      'watch=true&allowWatchBookmarks=true&resourceVersion=5&sendInitialEvents=false&timeoutSeconds=60',
    );
  });
});

describe('a kind without types', () => {
  const discovery = (kinds: () => string[]) =>
    fakeTransport(({ path }) => {
      if (path === '/api') return { body: { kind: 'APIGroupDiscoveryList', items: [] } };
      if (path !== '/apis') return { body: { metadata: { name: 'a' } } };
      const resources = kinds().map((kind) => ({
        resource: `${kind.toLowerCase()}es`,
        responseKind: { group: 'example.com', version: 'v1', kind },
        scope: 'Cluster',
        verbs: ['get'],
      }));
      return {
        body: {
          kind: 'APIGroupDiscoveryList',
          items: [{ metadata: { name: 'example.com' }, versions: [{ version: 'v1', resources }] }],
        },
      };
    });

  it('is found through discovery, which is read once', async () => {
    const transport = discovery(() => ['Box']);
    const client = createClient({ transport });
    const box = { apiVersion: 'example.com/v1', kind: 'Box' };
    await client.get(box, { name: 'a' });
    await client.get(box, { name: 'b' });
    expect(transport.requests.map(({ path }) => path)).toEqual([
      '/api',
      '/apis',
      '/apis/example.com/v1/boxes/a',
      '/apis/example.com/v1/boxes/b',
    ]);
  });

  it('that is missing is looked for again, but not more than once in five seconds', async () => {
    const { FakeClock } = await import('@setpoint/apimachinery/clock');
    const clock = new FakeClock();
    let kinds = ['Box'];
    const transport = discovery(() => kinds);
    const client = createClient({ transport, clock });
    const fox = { apiVersion: 'example.com/v1', kind: 'Fox' };
    for (let time = 0; time < 3; time++) {
      await expect(client.get(fox, { name: 'a' })).rejects.toThrow(
        'the server has no kind Fox.example.com in example.com/v1: is its CRD installed and established?',
      );
    }
    expect(transport.requests).toHaveLength(2);
    kinds = ['Box', 'Fox'];
    await clock.advance(5_000);
    await client.get(fox, { name: 'a' });
    expect(transport.requests.at(-1)?.path).toBe('/apis/example.com/v1/foxes/a');
  });

  it('is found on servers that do not aggregate discovery, whose broken groups hide no other', async () => {
    const transport = fakeTransport(({ path }) => {
      if (path === '/api') return { body: { kind: 'APIVersions', versions: ['v1'] } };
      if (path === '/apis') {
        const versions = [{ version: 'v1' }, { version: 'v2' }];
        return {
          body: {
            kind: 'APIGroupList',
            groups: [
              { name: 'b.io', versions, preferredVersion: { version: 'v2' } },
              { name: 'down.io', versions },
            ],
          },
        };
      }
      if (path.startsWith('/apis/down.io')) return { status: 503, body: 'down' };
      if (path === '/api/v1')
        return {
          body: {
            resources: [
              { name: 'pods', kind: 'Pod', namespaced: true },
              { name: 'pods/log', kind: 'Pod', namespaced: true },
            ],
          },
        };
      return { body: { resources: [{ name: 'boxes', kind: 'Box', namespaced: false, verbs: ['get'] }] } };
    });
    const all = await createClient({ transport }).discovery.all();
    expect(
      all.map(({ group, version, plural, scope, subresources }) => [group, version, plural, scope, subresources]),
    ).toEqual([
      ['', 'v1', 'pods', 'Namespaced', ['log']],
      ['b.io', 'v2', 'boxes', 'Cluster', []],
      ['b.io', 'v1', 'boxes', 'Cluster', []],
    ]);
  });
});

describe('a log', () => {
  it('is a stream of bytes; following it uses a connection of the watches', async () => {
    const transport = fakeTransport(({ path }) => (path.endsWith('/log') ? { body: 'line\n' } : notFound('pods', 'a')));
    const client = createClient({ transport });
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.logs(key, { follow: true, tailLines: 5, container: 'c' })) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('line\n');
    expect(transport.requests[0]).toMatchObject({ path: '/api/v1/namespaces/team/pods/a/log', connection: 'watch' });
    expect(transport.requests[0]?.query.toString()).toBe('follow=true&tailLines=5&container=c');
  });
});
