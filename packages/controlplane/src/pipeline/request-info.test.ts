import { expect, test } from 'vitest';
import { parseResourcePath, splitUrl } from './request-info.ts';

const none = { group: '', version: 'v1', namespace: '', name: '', subresource: '', deeper: false, legacyWatch: false };

test.for([
  ['/api/v1/namespaces', { resource: 'namespaces' }],
  ['/api/v1/namespaces/a', { resource: 'namespaces', name: 'a' }],
  ['/api/v1/namespaces/a/status', { resource: 'namespaces', name: 'a', subresource: 'status' }],
  ['/api/v1/namespaces/a/finalize', { resource: 'namespaces', name: 'a', subresource: 'finalize' }],
  ['/api/v1/namespaces/a/pods', { namespace: 'a', resource: 'pods' }],
  ['/api/v1/namespaces/a/pods/', { namespace: 'a', resource: 'pods' }],
  ['/api/v1/namespaces/a/pods/b', { namespace: 'a', resource: 'pods', name: 'b' }],
  ['/api/v1/namespaces/a/pods/b/log', { namespace: 'a', resource: 'pods', name: 'b', subresource: 'log' }],
  [
    '/api/v1/namespaces/a/pods/b/proxy/c/d',
    { namespace: 'a', resource: 'pods', name: 'b', subresource: 'proxy', deeper: true },
  ],
  ['/apis/g.example.com/v2/things/b', { group: 'g.example.com', version: 'v2', resource: 'things', name: 'b' }],
  ['/api/v1/watch/namespaces/a/pods', { namespace: 'a', resource: 'pods', legacyWatch: true }],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    {
      group: 'rbac.authorization.k8s.io',
      resource: 'clusterroles',
      name: 'system:node',
    },
  ],
] as const)('%s names a resource', ([path, wanted]) => {
  expect(parseResourcePath(path)).toEqual({ ...none, ...wanted });
});

test.for(['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3/api/v1'])(
  '%s names no resource',
  (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  },
);

test('a percent sign that begins nothing is left as it is', () => {
  expect(parseResourcePath('/api/v1/namespaces/a/pods/%zz')?.name).toBe('%zz');
});

test('the query is what follows the first question mark', () => {
  expect(splitUrl('/api?a=b?c')).toEqual({ path: '/api', query: 'a=b?c' });
});
