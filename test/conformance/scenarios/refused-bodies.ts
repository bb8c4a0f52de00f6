import { scenario } from '../scenario.ts';
import { crds } from './fixtures.ts';

const area = 'what mutated requests found';

const admission = '/apis/admissionregistration.k8s.io/v1';
const merge = 'application/merge-patch+json';

const deployment = {
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

export const refusedBodies = [
  scenario(area, 'a scale is decoded like any body', async (server) => {
    const deployments = `/apis/apps/v1/namespaces/${server.namespace}/deployments`;
    await server.post(deployments, deployment, { unrecorded: true });
    const scale = (more: object) => ({ metadata: { name: 'd', namespace: server.namespace }, ...more });
    const at = `${deployments}/d/scale`;
    await server.put(at, scale({ apiVersion: {} }));
    await server.put(at, { metadata: '' });
    await server.put(at, scale({ spec: 'x' }));
    await server.put(at, scale({ spec: { replicas: 1.5 } }));
    await server.put(at, scale({ kind: 'Scale', apiVersion: 'autoscaling/v2', spec: { replicas: 1 } }));
    await server.put(`${at}?fieldValidation=Strict`, scale({ spec: { replicas: 1, other: 2 } }));
    await server.patch(at, merge, { spec: { replicas: 'x' } });
    await server.patch(at, merge, { metadata: [] });
    await server.patch(`${at}?force=true`, merge, {});
    await server.put(at, scale({ spec: { replicas: 2, other: 3 } }));
  }),
  scenario(area, 'the kind in a body is text', async (server) => {
    const configMaps = `/api/v1/namespaces/${server.namespace}/configmaps`;
    await server.post(configMaps, { apiVersion: 0, metadata: { name: 'a' } });
    await server.post(configMaps, { kind: [], apiVersion: 1, metadata: { name: 'a' } });
    await server.post(configMaps, { kind: false, metadata: { name: 'a' } });
    await server.post(crds, { kind: {}, metadata: { name: 'a' } });
  }),
  scenario(area, 'parameters of a content type are such', async (server) => {
    const configMaps = `/api/v1/namespaces/${server.namespace}/configmaps?dryRun=All`;
    for (const type of ['application/json;', 'application/json;;', 'application/json; a=b', 'application/json; a']) {
      await server.post(configMaps, { metadata: { name: 'a' } }, { headers: { 'content-type': type } });
    }
  }),
  scenario(area, 'options of a deletion have types', async (server) => {
    const configMaps = `/api/v1/namespaces/${server.namespace}/configmaps`;
    for (const body of [
      { preconditions: 1 },
      { preconditions: { uid: 1 } },
      { gracePeriodSeconds: 1.5 },
      { gracePeriodSeconds: 'x' },
      { dryRun: [1] },
      { dryRun: 'All' },
      { propagationPolicy: [] },
      { orphanDependents: {} },
    ]) {
      await server.delete(`${configMaps}/none`, { body });
    }
    await server.post(configMaps, { metadata: { name: 'a' } }, { unrecorded: true });
    await server.delete(`${configMaps}/a?resourceVersion=1`);
    await server.delete(`${configMaps}/a?uid=x`);
    await server.delete(`${configMaps}?limit=`);
    await server.get(`${configMaps}?timeoutSeconds=`);
  }),
  scenario(area, 'documents are negotiated by the router', async (server) => {
    for (const path of ['/version', '/api', '/api/v1', '/apis/apps/v1']) {
      await server.get(path, { headers: { 'content-type': 'text/plain' } });
      await server.get(path, { headers: { accept: 'text/html' } });
    }
    await server.get('/apis', { headers: { 'content-type': 'text/plain' }, unrecorded: true });
  }),
  scenario(area, 'watches of the old form are for reading', async (server) => {
    const path = `/api/v1/watch/namespaces/${server.namespace}/configmaps`;
    await server.post(path, { metadata: { name: 'a' } });
    await server.delete(`${path}/a`);
  }),
  scenario(area, 'finalizers of a namespace have names', async (server) => {
    const path = `/api/v1/namespaces/${server.namespace}/finalize`;
    const finalize = (finalizers: readonly string[]) =>
      server.put(path, { metadata: { name: server.namespace }, spec: { finalizers } });
    await finalize(['kubernetes', 'short']);
    await finalize(['kubernetes', 'a/[']);
    await finalize(['kubernetes', 'example.com/f']);
    await finalize(['kubernetes']);
  }),
  scenario(area, 'rules and versions of webhooks', async (server) => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
    const hook = (more: object, review = ['v1']) => ({
      metadata: { name: `hook-${server.namespace}` },
      webhooks: [
        {
          name: 'a.setpoint.dev',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          sideEffects: 'None',
          admissionReviewVersions: review,
          rules: [{ ...rule, ...more }],
        },
      ],
    });
    const post = (body: object) => server.post(`${admission}/validatingwebhookconfigurations?dryRun=All`, body);
    await post(hook({ operations: [''] }));
    await post(hook({ apiVersions: [''] }));
    await post(hook({ resources: [''] }));
    await post(hook({ resources: ['pods/*', 'pods/status'] }));
    await post(hook({ resources: ['*/status', 'pods/status'] }));
    await post(hook({ resources: ['*/*', 'pods'] }));
    await post(hook({ resources: ['*', 'pods'] }));
    await post(hook({}, ['v1', '']));
    await post(hook({}, ['v1', 'v1']));
  }),
  scenario(area, 'parts of pods', async (server) => {
    const pods = `/api/v1/namespaces/${server.namespace}/pods`;
    const pod = (volume: object, more: object = {}) => ({
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', ...volume }],
        ...more,
      },
    });
    await server.post(pods, pod({ emptyDir: { sizeLimit: '-1' } }));
    await server.post(pods, pod({ emptyDir: {} }, { tolerations: [{ key: 'k', operator: 'Exists' }] }));
    await server.patch(`${pods}/p`, merge, { spec: { tolerations: [{ key: 'l', operator: 'Exists' }] } });
    await server.patch(`${pods}/p/status`, merge, { status: { conditions: [{ type: '', status: 'True' }] } });
  }),
  scenario(area, 'an apply is text', async (server) => {
    const path = `/api/v1/namespaces/${server.namespace}/configmaps/a?fieldManager=m`;
    const type = 'application/apply-patch+yaml';
    const broken = (byte: number) =>
      Buffer.concat([Buffer.from('{"metadata":{"name":"a"},"x'), Buffer.of(byte), Buffer.from('":1}')]);
    await server.patch(path, type, broken(0xac));
    await server.patch(path, type, broken(0xea));
    await server.patch(path, type, broken(0x7f));
  }),
];
