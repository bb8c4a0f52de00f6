import { createControlPlane } from '@setpoint/controlplane';
import { expect, test } from 'vitest';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const group = 'rbac.authorization.k8s.io';
const secrets = '/api/v1/namespaces/default/secrets';

function cluster() {
  const controlPlane = createControlPlane({ controllers: [] });
  const send = async (method: string, url: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await controlPlane.handle({
      method,
      url,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from(body ? JSON.stringify(body) : ''),
      signal: new AbortController().signal,
    });
    return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString()) };
  };
  /** Somebody who may do this in the namespace default. */
  const allow = async (name: string, ...rules: object[]) => {
    await send('POST', `${rbac}/namespaces/default/roles`, { metadata: { name }, rules });
    await send('POST', `${rbac}/namespaces/default/rolebindings`, {
      metadata: { name },
      subjects: [{ kind: 'User', apiGroup: group, name }],
      roleRef: { apiGroup: group, kind: 'Role', name },
    });
    return { 'impersonate-user': name };
  };
  return { controlPlane, send, allow, [Symbol.asyncDispose]: () => controlPlane.close() };
}

const rule = (verbs: string[], apiGroups: string[], resources: string[]) => ({ verbs, apiGroups, resources });

test('a service account does what its token lets it, and nothing once it is gone', async () => {
  await using c = cluster();
  const account = '/api/v1/namespaces/default/serviceaccounts';
  await c.send('POST', account, { metadata: { name: 'robot' } });
  const { body } = await c.send('POST', `${account}/robot/token`, { spec: { audiences: [] } });
  const bearer = { authorization: `Bearer ${body.status.token}` };
  const robot = 'system:serviceaccount:default:robot';
  const refused = await c.send('GET', secrets, undefined, bearer);
  expect(refused).toMatchObject({ status: 403, body: { details: { kind: 'secrets' } } });
  expect(refused.body.message).toBe(
    `secrets is forbidden: User "${robot}" cannot list resource "secrets" in API group "" in the namespace "default"`,
  );
  await c.allow(robot, rule(['list'], [''], ['secrets']));
  expect((await c.send('GET', secrets, undefined, bearer)).status).toBe(200);
  await c.send('DELETE', `${account}/robot`);
  expect((await c.send('GET', secrets, undefined, bearer)).status).toBe(401);
});

test('nobody grants what they do not have, unless they may escalate', async () => {
  await using c = cluster();
  const roles = `${rbac}/namespaces/default/roles`;
  const keeper = await c.allow('keeper', rule(['create', 'update'], [group], ['roles']));
  const wanted = { metadata: { name: 'more' }, rules: [rule(['get', 'list'], [''], ['secrets'])] };
  const refused = await c.send('POST', roles, wanted, keeper);
  expect(refused.status).toBe(403);
  expect(refused.body.message).toBe(
    'roles.rbac.authorization.k8s.io "more" is forbidden: user "keeper" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
  );
  const raised = await c.allow('raised', rule(['create', 'escalate'], [group], ['roles']));
  expect((await c.send('POST', roles, wanted, raised)).status).toBe(201);
});

test('reviews say what somebody may do, and store nothing', async () => {
  await using c = cluster();
  await c.allow('ann', rule(['get'], [''], ['pods']));
  const before = c.controlPlane.revision;
  const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const resourceAttributes = { namespace: 'default', verb: 'get', resource: 'pods' };
  const { status, body } = await c.send('POST', reviews, { spec: { user: 'ann', resourceAttributes } });
  expect([status, body.status]).toEqual([
    201,
    { allowed: true, reason: 'RBAC: allowed by RoleBinding "ann/default" of Role "ann" to User "ann"' },
  ]);
  expect((await c.send('GET', reviews)).status).toBe(405);
  expect(c.controlPlane.revision).toBe(before);
});

test('the way of impersonation that was open last is the one whose refusal is told', async () => {
  await using c = cluster();
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await c.send('POST', accounts, { metadata: { name: 'robot' } });
  const { body } = await c.send('POST', `${accounts}/robot/token`, {});
  const as = (user: string) => ({ authorization: `Bearer ${body.status.token}`, 'impersonate-user': user });
  const why = async (user: string) => (await c.send('GET', '/api', undefined, as(user))).body.message;
  expect(await why('bob')).toContain('cannot impersonate-on:user-info:get path "/api"');
  await c.send('POST', `${rbac}/clusterroles`, {
    metadata: { name: 'imp' },
    rules: [{ ...rule(['impersonate'], [''], ['users']), resourceNames: ['bob'] }],
  });
  await c.send('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'imp' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'imp' },
  });
  expect(await why('bob')).toBeUndefined();
  expect(await why('ann')).toContain('cannot impersonate resource "users" in API group "" at the cluster scope');
});
