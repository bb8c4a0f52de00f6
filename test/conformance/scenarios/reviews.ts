import { scenario } from '../scenario.ts';
import { allow, as, binding, bindings, group, reviews, rule, untilAllowed, user } from './access.ts';

const subject = `${reviews}/subjectaccessreviews`;
const self = `${reviews}/selfsubjectaccessreviews`;
const rulesReviews = `${reviews}/selfsubjectrulesreviews`;
const pods = { namespace: 'x', verb: 'get', resource: 'pods' };

export const reviewScenarios = [
  scenario('reviews', 'what somebody may do, and why', async (server) => {
    await allow(server, 'ann', rule('get', 'core', 'pods', 'a'), rule('list', 'apps', '*/scale'));
    const resourceAttributes = { namespace: server.namespace, verb: 'get', resource: 'pods' };
    const ask = (more: object) =>
      server.post(subject, { spec: { user: 'ann', resourceAttributes: { ...resourceAttributes, ...more } } });
    await ask({});
    await ask({ name: 'a' });
    await ask({ name: 'b' });
    await ask({ name: 'a', version: 'v1', group: '' });
    await ask({ name: 'a', namespace: 'other' });
    await ask({ verb: 'list', group: 'apps', resource: 'deployments', subresource: 'scale' });
    await server.post(subject, { spec: { groups: ['system:masters'], resourceAttributes } });
    await server.post(subject, {
      spec: { user: 'x', groups: ['system:authenticated'], nonResourceAttributes: { path: '/api', verb: 'get' } },
    });
    await server.post(subject, { spec: { user: 'x', nonResourceAttributes: { path: '/nope', verb: 'get' } } });
  }),
  scenario('reviews', 'the reason names the binding', async (server) => {
    await server.post(bindings(server), binding('to-group', 'ClusterRole', 'system:public-info-viewer', group('g1')));
    await server.post(
      bindings(server),
      binding('to-account', 'ClusterRole', 'system:discovery', { kind: 'ServiceAccount', name: 'sa' }),
    );
    await server.post(bindings(server), binding('lost', 'ClusterRole', `${server.unique}-no-such`, user('lost')));
    await allow(server, 'ann', rule('get', 'core', 'pods'));
    await server.post(subject, { spec: { user: 'ann', resourceAttributes: { ...pods, namespace: server.namespace } } });
    await server.post(subject, {
      spec: { user: 'lost', resourceAttributes: { ...pods, namespace: server.namespace } },
    });
  }),
  scenario('reviews', 'what is wrong with a review of access', async (server) => {
    await server.post(subject, {});
    await server.post(subject, { spec: {} });
    await server.post(subject, { spec: { user: 'a' } });
    await server.post(subject, { spec: { resourceAttributes: pods } });
    await server.post(subject, {
      spec: { user: 'a', resourceAttributes: pods, nonResourceAttributes: { path: '/x' } },
    });
    await server.post(subject, { metadata: { name: 'x' }, spec: { user: 'a', resourceAttributes: pods } });
    await server.post(subject, { metadata: { labels: { a: 'b' } }, spec: { user: 'a', resourceAttributes: pods } });
    await server.post(subject, { metadata: { uid: 'x' }, spec: { user: 'a', resourceAttributes: pods } });
    await server.post(`${subject}?fieldValidation=Strict`, { spec: { user: 'a', nope: 1, resourceAttributes: pods } });
    await server.post(subject, { spec: { user: 7, resourceAttributes: pods } });
    await server.post(`${subject}?dryRun=All`, { spec: { user: 'a', resourceAttributes: pods } });
  }),
  scenario('reviews', 'reviews are only made', async (server) => {
    await server.get(subject);
    await server.get(`${self}/x`);
    await server.put(`${subject}/x`, {});
    await server.delete(rulesReviews);
  }),
  scenario('reviews', 'selectors in questions', async (server) => {
    const ask = (more: object) =>
      server.post(subject, { spec: { user: 'a', resourceAttributes: { ...pods, ...more } } });
    await ask({ fieldSelector: { rawSelector: 'spec.nodeName=x' }, labelSelector: { rawSelector: 'a=b' } });
    await ask({ fieldSelector: { rawSelector: 'spec.nodeName in x' }, labelSelector: { rawSelector: 'a b c' } });
    await ask({ fieldSelector: {}, labelSelector: {} });
    await ask({ fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } });
    await ask({ labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } });
    await ask({ fieldSelector: { requirements: [{ key: '', operator: 'In', values: ['b'] }] } });
    await ask({
      fieldSelector: {
        requirements: [
          { key: 'a', operator: 'In' },
          { key: 'a', operator: 'Exists', values: ['x'] },
        ],
      },
    });
    await ask({ labelSelector: { requirements: [{ key: 'a b', operator: 'In', values: ['c d'] }] } });
    await ask({
      labelSelector: {
        requirements: [
          { key: 'a', operator: 'Odd' },
          { key: 'b', operator: 'Exists' },
        ],
      },
    });
    await ask({ labelSelector: { requirements: [{ key: 'a', operator: 'Odd' }] } });
    await ask({ fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b', 'c'] }] } });
    await ask({
      fieldSelector: {
        requirements: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'In', values: ['b'] },
        ],
      },
    });
  }),
  scenario('reviews', 'what I may do', async (server) => {
    await allow(server, 'ann', rule('get', 'core', 'pods'));
    const mine = { ...pods, namespace: server.namespace };
    await server.post(self, { spec: { resourceAttributes: mine } }, as('ann'));
    await server.post(self, { spec: { resourceAttributes: { ...mine, verb: 'delete' } } }, as('ann'));
    await server.post(self, { spec: { resourceAttributes: mine } });
    await server.post(self, { spec: { nonResourceAttributes: { path: '/healthz', verb: 'get' } } }, as('ann'));
    await server.post(self, { spec: {} }, as('ann'));
    await server.post(subject, { spec: { user: 'ann', resourceAttributes: mine } }, as('ann'));
  }),
  scenario('reviews', 'what somebody may do in one namespace', async (server) => {
    await allow(
      server,
      'ann',
      rule('get', 'core', 'pods'),
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
    );
    const local = `${reviews}/namespaces/${server.namespace}/localsubjectaccessreviews`;
    const mine = { ...pods, namespace: server.namespace };
    await server.post(local, {
      metadata: { namespace: server.namespace },
      spec: { user: 'ann', resourceAttributes: mine },
    });
    await server.post(local, { spec: { user: 'ann', resourceAttributes: mine } });
    await server.post(local, { spec: { user: 'ann', resourceAttributes: pods } });
    await server.post(local, { metadata: { namespace: 'other' }, spec: { user: 'ann', resourceAttributes: mine } });
    await server.post(local, { spec: { user: 'ann', nonResourceAttributes: { path: '/', verb: 'get' } } });
    await server.post(local, { spec: { user: 'ann', resourceAttributes: mine } }, as('ann'));
    await server.post(`${reviews}/localsubjectaccessreviews`, { spec: {} });
    await server.post(`${reviews}/namespaces/${server.unique}-none/localsubjectaccessreviews`, {
      spec: { user: 'ann', resourceAttributes: { ...pods, namespace: `${server.unique}-none` } },
    });
  }),
  scenario('reviews', 'all that I may do', async (server) => {
    await allow(server, 'ann', rule('get,list', 'core,apps', 'pods,deployments/scale', 'a'));
    await server.post(bindings(server), binding('lost', 'Role', 'no-such', user('ann')));
    await server.post(bindings(server), binding('lost2', 'Role', 'no-such-either', user('ann')));
    await untilAllowed(server, 'ann', { ...pods, namespace: server.namespace, name: 'a' });
    const plain = as('ann', { 'impersonate-group': 'system:unauthenticated' });
    await server.post(
      rulesReviews,
      { spec: { namespace: server.namespace } },
      as('nobody', { 'impersonate-group': 'x' }),
    );
    await server.post(rulesReviews, { spec: {} }, as('ann'));
    await server.post(rulesReviews, {}, as('ann'));
    await server.post(rulesReviews, { spec: { namespace: server.namespace } }, plain);
    await server.post(rulesReviews, { metadata: { name: 'x' }, spec: { namespace: 'y' } }, as('ann'));
  }),
];
