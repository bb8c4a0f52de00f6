import { expect, test } from 'vitest';
import { requestAttributes } from './attributes.ts';

const of = (line: string) => {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  return requestAttributes(method, path, query);
};

test.for<readonly [string, object]>([
  ['GET /api/v1/pods', { verb: 'list', resource: 'pods', namespace: '', group: '', version: 'v1' }],
  ['GET /api/v1/namespaces/a/pods/b', { verb: 'get', resource: 'pods', namespace: 'a', name: 'b' }],
  ['HEAD /api/v1/namespaces/a/pods/b', { verb: 'get', name: 'b' }],
  ['GET /api/v1/namespaces/a/pods/b/log', { verb: 'get', subresource: 'log' }],
  ['GET /api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a' }],
  ['PUT /api/v1/namespaces/a/finalize', { verb: 'update', resource: 'namespaces', subresource: 'finalize' }],
  ['DELETE /apis/apps/v1/namespaces/a/deployments', { verb: 'deletecollection', group: 'apps' }],
  ['DELETE /apis/apps/v1/namespaces/a/deployments/x', { verb: 'delete', name: 'x' }],
  ['PATCH /apis/apps/v1/namespaces/a/deployments/x/scale', { verb: 'patch', subresource: 'scale' }],
  ['GET /api/v1/watch/namespaces/a/pods', { verb: 'watch', resource: 'pods', namespace: 'a' }],
  ['GET /api/v1/pods?watch=1', { verb: 'watch' }],
  ['GET /api/v1/pods?watch=false', { verb: 'list' }],
  ['GET /api/v1/pods?watch=', { verb: 'watch' }],
  ['GET /api/v1/pods?fieldSelector=metadata.name%3Dx', { verb: 'list', name: 'x', fieldSelector: 'metadata.name=x' }],
  ['GET /api/v1/pods?fieldSelector=metadata.name!%3Dx', { name: '' }],
  ['GET /api/v1/pods?fieldSelector=metadata.name%3Da%2Fb', { name: '' }],
  ['GET /api/v1/pods?labelSelector=a%3Db', { labelSelector: 'a=b' }],
  ['GET /api/v1/namespaces/a/pods/b?labelSelector=a%3Db', { labelSelector: '' }],
  ['POST /api/v1/namespaces/a/pods', { verb: 'create', name: '' }],
  ['GET /api/v1/proxy/namespaces/a/pods/b/c', { verb: 'proxy', resource: 'pods', name: 'b', subresource: '' }],
])('%s is about what it names', ([line, expected]) => {
  expect(of(line)).toMatchObject({ resourceRequest: true, ...expected });
});

test.for<readonly [string, object]>([
  ['GET /', { verb: 'get', path: '/' }],
  ['GET /healthz/ping', { verb: 'get', path: '/healthz/ping' }],
  ['POST /api/v1', { verb: 'post', path: '/api/v1' }],
  ['GET /apis/apps/v1', { verb: 'get' }],
  ['OPTIONS /a%20b', { verb: 'options', path: '/a b' }],
])('%s names no resource', ([line, expected]) => {
  expect(of(line)).toMatchObject({ resourceRequest: false, resource: '', ...expected });
});
