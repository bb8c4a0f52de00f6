import { type RequestOptions, type ScenarioServer, scenario } from '../scenario.ts';
import { account, allow, as, clusterBinding, clusterRole, rbac, reviews, rule, untilAllowed, user } from './access.ts';
import { configMap, configMaps } from './fixtures.ts';

const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const tokenReviews = '/apis/authentication.k8s.io/v1/tokenreviews';

const nobody: RequestOptions = { withoutCertificate: true };

function bearer(token: string): RequestOptions {
  return { withoutCertificate: true, headers: { authorization: `Bearer ${token}` } };
}

async function newAccount(server: ScenarioServer, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${server.namespace}/serviceaccounts`;
  await server.post(path, { metadata: { name } }, { unrecorded: true });
  return `${path}/${name}`;
}

async function tokenOf(server: ScenarioServer, path: string, spec: object = {}): Promise<string> {
  const { body } = await server.post(`${path}/token`, { spec }, { unrecorded: true });
  return body.status.token;
}

export const authentication = [
  scenario('authentication', 'who has no credentials may do little', async (server) => {
    await server.get(configMaps(server), nobody);
    await server.get('/healthz', nobody);
    await server.get('/livez', nobody);
    await server.get('/readyz', nobody);
    await server.get('/api', nobody);
    await server.get('/apis/apps/v1', nobody);
    await server.get('/openid/v1/jwks', nobody);
    await server.post(whoAmI, {}, nobody);
    await server.get('/', nobody);
    await server.get('/metrics', nobody);
  }),
  scenario('authentication', 'a wrong credential is not taken for none', async (server) => {
    await server.get('/healthz', bearer('wrong'));
    await server.get('/healthz', bearer('a.b.c'));
    await server.get(
      configMaps(server),
      bearer('eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2t1YmVybmV0ZXMuZGVmYXVsdC5zdmMifQ.'),
    );
    await server.get('/healthz', { withoutCertificate: true, headers: { authorization: 'Basic YTpi' } });
    await server.get('/healthz', { withoutCertificate: true, headers: { authorization: 'Bearer' } });
    await server.get('/nothing/here', bearer('wrong'));
  }),
  scenario('authentication', 'a service account has a token', async (server) => {
    const path = await newAccount(server, 'robot');
    await server.post(`${path}/token`, {});
    await server.post(`${path}/token`, { spec: { audiences: ['a', 'b'], expirationSeconds: 1234 } });
    await server.post(`${path}/token`, { metadata: { name: 'robot', namespace: server.namespace }, spec: {} });
    await server.post(`${path}/token?dryRun=All`, { spec: {} });
    await server.post(`${path}/token?pretty=true`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3607 },
    });
  }),
  scenario('authentication', 'what is wrong with a request for a token', async (server) => {
    const path = await newAccount(server, 'robot');
    await server.post(`${path}/token`, { spec: { expirationSeconds: 10 } });
    await server.post(`${path}/token`, { spec: { expirationSeconds: 5_000_000_000 } });
    await server.post(`${path}/token`, { metadata: { name: 'other' } });
    await server.post(`${path}/token`, { metadata: { namespace: 'other' } });
    await server.post(`${path}/token`, { metadata: { uid: '00000000-0000-0000-0000-000000000000' } });
    await server.post(`${path}-none/token`, {});
    await server.post(`${path}/token`, { kind: 'ServiceAccount', apiVersion: 'v1' });
    await server.post(`${path}/token`, { spec: { audiences: 'a' } });
    await server.post(`${path}/token?fieldValidation=Strict`, { spec: { nope: true } });
    await server.get(`${path}/token`);
    await server.put(`${path}/token`, {});
    await server.delete(`${path}/token`);
  }),
  scenario('authentication', 'tokens that end with an object', async (server) => {
    const path = await newAccount(server, 'robot');
    const namespace = `/api/v1/namespaces/${server.namespace}`;
    await server.post(`${namespace}/secrets`, { metadata: { name: 's' } }, { unrecorded: true });
    const spec = { containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'robot' };
    await server.post(`${namespace}/pods`, { metadata: { name: 'p' }, spec }, { unrecorded: true });
    await server.post(
      `${namespace}/pods`,
      { metadata: { name: 'q' }, spec: { ...spec, serviceAccountName: 'other' } },
      { unrecorded: true },
    );
    const bound = (kind: string, name: string, more: object = {}) =>
      server.post(`${path}/token`, { spec: { boundObjectRef: { kind, apiVersion: 'v1', name, ...more } } });
    await bound('Secret', 's');
    await bound('Pod', 'p');
    await bound('Pod', 'q');
    await bound('Pod', 'none');
    await bound('Secret', 'none');
    await bound('Node', 'none');
    await bound('ConfigMap', 'x');
    await bound('Deployment', 'x', { apiVersion: 'apps/v1' });
    await bound('Secret', 's', { uid: '00000000-0000-0000-0000-000000000000' });
    await server.post(`${path}/token`, {
      spec: { expirationSeconds: 3607, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } },
    });
  }),
  scenario('authentication', 'a token makes its bearer the service account', async (server) => {
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    await server.post(whoAmI, {}, bearer(token));
    await server.get(configMaps(server), bearer(token));
    await allow(server, account(server, 'robot'), rule('list', 'core', 'configmaps'));
    await server.get(configMaps(server), bearer(token));
    await server.get('/api/v1/configmaps', bearer(token));
    await server.get('/nothing/here', bearer(token));
  }),
  scenario('authentication', 'a token for somebody else is none', async (server) => {
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path, { audiences: ['elsewhere'] });
    await server.get('/api', bearer(token));
    await server.post(tokenReviews, { spec: { token } });
    await server.post(tokenReviews, { spec: { token, audiences: ['elsewhere', 'there'] } });
    await server.post(tokenReviews, { spec: { token, audiences: ['there'] } });
  }),
  scenario('authentication', 'reviews of tokens', async (server) => {
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    await server.post(tokenReviews, { spec: { token } });
    await server.post(tokenReviews, { spec: { token: 'wrong' } });
    await server.post(tokenReviews, { spec: {} });
    await server.post(tokenReviews, {});
    await server.post(tokenReviews, { spec: { token, audiences: ['https://kubernetes.default.svc'] } });
    await server.post(tokenReviews, { metadata: { name: 'x' }, spec: { token: 'wrong' } });
    await server.get(tokenReviews);
    await server.post(tokenReviews, { spec: { token } }, as('bob'));
  }),
  scenario('authentication', 'a token ends with its account', async (server) => {
    const path = await newAccount(server, 'robot');
    const before = await tokenOf(server, path);
    await server.delete(path, { unrecorded: true });
    await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    await server.post(tokenReviews, { spec: { token } });
    // A real server remembers for ten seconds whose a token was; this one it has never seen.
    await server.post(tokenReviews, { spec: { token: before } });
  }),
  scenario('authentication', 'a token that is bound to a Secret says nothing of it', async (server) => {
    const path = await newAccount(server, 'robot');
    await server.post(
      `/api/v1/namespaces/${server.namespace}/secrets`,
      { metadata: { name: 's' } },
      { unrecorded: true },
    );
    const token = await tokenOf(server, path, { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's' } });
    await server.post(whoAmI, {}, bearer(token));
  }),
  scenario('authentication', 'the bearer of a token that is bound to a Pod is known to be it', async (server) => {
    const path = await newAccount(server, 'robot');
    const node = `${server.unique}-node`;
    await server.post('/api/v1/nodes', { metadata: { name: node } }, { unrecorded: true });
    const spec = { containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'robot', nodeName: node };
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    await server.post(pods, { metadata: { name: 'p' }, spec }, { unrecorded: true });
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
    await server.post(`${path}/token`, { spec: { boundObjectRef } });
    const token = await tokenOf(server, path, { boundObjectRef });
    await server.post(whoAmI, {}, bearer(token));
    await server.post(`${path}/token`, { spec: { boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: node } } });
    await server.delete(`${pods}/p?gracePeriodSeconds=0`, { unrecorded: true });
    await server.delete(`/api/v1/nodes/${node}`, { unrecorded: true });
  }),
  scenario('authentication', 'who may ask for the token of an account', async (server) => {
    const path = await newAccount(server, 'robot');
    await server.post(`${path}/token`, {}, as('ann'));
    await allow(server, 'ann', rule('create', 'core', 'serviceaccounts/token', 'robot'));
    await server.post(`${path}/token`, {}, as('ann'));
    await server.post(`${path}-none/token`, {}, as('ann'));
  }),
];

export const impersonation = [
  scenario('impersonation', 'who an administrator can be', async (server) => {
    const i = async (headers: Record<string, string>) => server.post(whoAmI, {}, { headers });
    await i({ 'impersonate-user': 'bob' });
    await i({ 'impersonate-user': 'bob', 'impersonate-group': 'a' });
    await i({ 'impersonate-user': 'bob', 'impersonate-group': 'system:authenticated' });
    await i({ 'impersonate-user': 'bob', 'impersonate-group': 'system:unauthenticated' });
    await i({ 'impersonate-user': 'bob', 'impersonate-uid': '77' });
    await i({
      'impersonate-user': 'bob',
      'impersonate-extra-example.com%2fscope': 'x',
      'impersonate-extra-other.example%2Fa': 'y',
    });
    await i({ 'impersonate-user': 'system:anonymous' });
    await i({ 'impersonate-user': 'system:serviceaccount:a:b' });
    await i({ 'impersonate-user': 'system:serviceaccount:a:b', 'impersonate-group': 'x' });
    await i({ 'impersonate-user': 'system:serviceaccount:a' });
    await i({ 'impersonate-user': 'system:node:x' });
  }),
  scenario('impersonation', 'of nobody', async (server) => {
    await server.get('/healthz', { headers: { 'impersonate-group': 'a' } });
    await server.get(configMaps(server), { headers: { 'impersonate-uid': 'a' } });
    await server.get('/healthz', { headers: { 'impersonate-extra-a': 'b' } });
    await server.get('/healthz', { headers: { 'impersonate-group': 'a', 'impersonate-uid': '"7"' } });
    await server.get('/healthz', { headers: { 'impersonate-user': '', 'impersonate-group': 'a' } });
    await server.get('/healthz', { headers: { 'impersonate-user': '' } });
    await server.get('/healthz', { headers: { 'impersonate-nobody': 'x' } });
  }),
  scenario('impersonation', 'only by who may', async (server) => {
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    const me = (headers: Record<string, string>): RequestOptions => ({
      withoutCertificate: true,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    await server.get(configMaps(server), me({ 'impersonate-user': 'bob' }));
    await server.get(configMaps(server), me({ 'impersonate-user': 'system:serviceaccount:a:b' }));
    await server.get(configMaps(server), me({ 'impersonate-user': 'system:node:a' }));
    await server.get('/healthz', me({ 'impersonate-user': 'bob' }));
    await server.post(configMaps(server), configMap('a'), me({ 'impersonate-user': 'bob', 'impersonate-group': 'x' }));
    await server.get('/healthz', me({ 'impersonate-group': 'x' }));
  }),
  scenario('impersonation', 'of users, groups, uids and extra, each for itself', async (server) => {
    const name = `${server.unique}-imp`;
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    const who = account(server, 'robot');
    await server.post(
      `${rbac}/clusterroles`,
      clusterRole(name, rule('impersonate', 'core', 'users', 'bob'), rule('impersonate', 'core', 'groups', 'dev')),
      { unrecorded: true },
    );
    await server.post(`${rbac}/clusterrolebindings`, clusterBinding(name, name, user(who)), { unrecorded: true });
    await untilAllowed(server, who, { verb: 'impersonate', resource: 'users', name: 'bob' });
    const i = (headers: Record<string, string>) =>
      server.post(whoAmI, {}, { withoutCertificate: true, headers: { authorization: `Bearer ${token}`, ...headers } });
    await i({ 'impersonate-user': 'bob' });
    await i({ 'impersonate-user': 'bob', 'impersonate-group': 'dev' });
    await i({ 'impersonate-user': 'bob', 'impersonate-group': 'ops' });
    await i({ 'impersonate-user': 'bob', 'impersonate-uid': '1' });
    await i({ 'impersonate-user': 'bob', 'impersonate-extra-example.com%2fa': 'b' });
    await i({ 'impersonate-user': 'ann' });
    await i({ 'impersonate-user': 'system:serviceaccount:a:b' });
    await server.delete(`${rbac}/clusterrolebindings/${name}`, { unrecorded: true });
    await server.delete(`${rbac}/clusterroles/${name}`, { unrecorded: true });
  }),
  scenario('impersonation', 'for one kind of request only', async (server) => {
    const name = `${server.unique}-imp`;
    const path = await newAccount(server, 'robot');
    const token = await tokenOf(server, path);
    const who = account(server, 'robot');
    const rules = [
      rule('impersonate:user-info', 'authentication.k8s.io', 'users', 'bob'),
      rule('impersonate-on:user-info:list', 'core', 'configmaps'),
      rule('impersonate-on:user-info:create', 'authentication.k8s.io', 'selfsubjectreviews'),
      rule('impersonate:serviceaccount', 'authentication.k8s.io', 'serviceaccounts', 'b'),
      rule('impersonate-on:serviceaccount:create', 'authentication.k8s.io', 'selfsubjectreviews'),
      rule('impersonate:arbitrary-node', 'authentication.k8s.io', 'nodes', 'n'),
      rule('impersonate-on:arbitrary-node:create', 'authentication.k8s.io', 'selfsubjectreviews'),
      rule('impersonate:user-info', 'authentication.k8s.io', 'groups', 'dev,system:masters'),
      rule('impersonate:user-info', 'authentication.k8s.io', 'userextras/example.com/a', 'x'),
    ];
    await server.post(`${rbac}/clusterroles`, clusterRole(name, ...rules), { unrecorded: true });
    await server.post(`${rbac}/clusterrolebindings`, clusterBinding(name, name, user(who)), { unrecorded: true });
    await untilAllowed(server, who, {
      verb: 'impersonate:user-info',
      group: 'authentication.k8s.io',
      resource: 'users',
      name: 'bob',
    });
    const me = (headers: Record<string, string>): RequestOptions => ({
      withoutCertificate: true,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'bob' }));
    await server.get(configMaps(server), me({ 'impersonate-user': 'bob' }));
    await server.get(`${configMaps(server)}/a`, me({ 'impersonate-user': 'bob' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'ann' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'system:serviceaccount:a:b' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'system:serviceaccount:a:c' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'system:node:n' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'bob', 'impersonate-group': 'dev' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'bob', 'impersonate-extra-example.com%2fa': 'x' }));
    await server.post(whoAmI, {}, me({ 'impersonate-user': 'bob', 'impersonate-extra-a': 'x' }));
    await server.delete(`${rbac}/clusterrolebindings/${name}`, { unrecorded: true });
    await server.delete(`${rbac}/clusterroles/${name}`, { unrecorded: true });
  }),
  scenario('impersonation', 'reviews are about who one is taken for', async (server) => {
    await allow(server, 'ann', rule('list', 'core', 'configmaps'));
    const spec = { resourceAttributes: { namespace: server.namespace, verb: 'list', resource: 'configmaps' } };
    await server.post(`${reviews}/selfsubjectaccessreviews`, { spec }, as('ann'));
    await server.post(`${reviews}/selfsubjectaccessreviews`, { spec }, as('bob'));
    await server.post(
      `${reviews}/selfsubjectaccessreviews`,
      { spec },
      as('bob', { 'impersonate-group': 'system:masters' }),
    );
  }),
];
