import { scenario } from '../scenario.ts';

const paths = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const binding = (name: string, target: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name, ...metadata },
  target,
});
const eviction = (name: string, more: object = {}) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name },
  ...more,
});
const node = { kind: 'Node', name: 'n1' };

export const podActions = [
  scenario('pods', 'a binding gives a pod its node, once', async (server) => {
    const pods = paths(server.namespace);
    await server.post(pods, pod('a'));
    await server.post(`${pods}/a/binding`, binding('a', node, { annotations: { by: 'me' }, labels: { zone: 'z' } }));
    await server.get(`${pods}/a`);
    await server.post(`${pods}/a/binding`, binding('a', node));
  }),
  scenario('pods', 'a binding that is wrong', async (server) => {
    const pods = paths(server.namespace);
    await server.post(pods, pod('a'));
    await server.post(`${pods}/a/binding`, binding('b', node));
    await server.post(`${pods}/a/binding`, binding('a', { kind: 'Pod', name: 'n1' }));
    await server.post(`${pods}/a/binding`, binding('a', { kind: 'Node' }));
    await server.post(`${pods}/a/binding`, binding('a', { kind: 'Pod' }));
    await server.post(`${pods}/none/binding`, binding('none', node));
    await server.post(`${pods}/a/binding?dryRun=All`, binding('a', node));
    await server.get(`${pods}/a`);
  }),
  scenario('pods', 'bindings without a pod in the path', async (server) => {
    const pods = paths(server.namespace);
    await server.post(pods, pod('a'));
    await server.post(`/api/v1/namespaces/${server.namespace}/bindings`, binding('a', { name: 'n1' }));
    await server.get(`${pods}/a`);
  }),
  scenario('pods', 'an eviction deletes a pod', async (server) => {
    const pods = paths(server.namespace);
    await server.post(pods, pod('a'));
    await server.post(`${pods}/a/eviction?dryRun=All`, eviction('a'));
    await server.get(`${pods}/a`);
    await server.post(`${pods}/a/eviction`, eviction('a'));
    await server.get(`${pods}/a`);
    await server.post(pods, pod('b'));
    await server.post(`${pods}/b/binding`, binding('b', node));
    await server.post(`${pods}/b/eviction`, eviction('b', { deleteOptions: { gracePeriodSeconds: 7 } }));
    await server.get(`${pods}/b`);
    await server.post(`${pods}/b/eviction`, eviction('b', { deleteOptions: { gracePeriodSeconds: 0 } }));
    await server.get(`${pods}/b`);
  }),
  scenario('pods', 'an eviction that is wrong', async (server) => {
    const pods = paths(server.namespace);
    await server.post(pods, pod('a'));
    await server.post(`${pods}/a/eviction`, eviction('b'));
    await server.post(`${pods}/none/eviction`, eviction('none'));
    await server.post(`${pods}/a/eviction`, eviction('a', { deleteOptions: { preconditions: { uid: 'another' } } }));
    await server.get(`${pods}/a`);
  }),
  scenario('pods', 'an eviction asks the budget of a pod that runs', async (server) => {
    const pods = paths(server.namespace);
    const budgets = `/apis/policy/v1/namespaces/${server.namespace}/poddisruptionbudgets`;
    const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    for (const name of ['a', 'b']) {
      await server.post(pods, pod(name));
      await server.patch(`${pods}/${name}/status`, 'application/merge-patch+json', { status: running });
    }
    await server.post(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'p' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
    });
    await server.post(`${pods}/a/eviction`, eviction('a'));
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 2,
    };
    await server.patch(`${budgets}/p/status`, 'application/merge-patch+json', { status });
    await server.post(`${pods}/a/eviction`, eviction('a'));
    await server.patch(`${budgets}/p/status`, 'application/merge-patch+json', {
      status: { ...status, disruptionsAllowed: 1, currentHealthy: 2 },
    });
    await server.post(`${pods}/a/eviction`, eviction('a'));
    await server.post(`${pods}/b/eviction`, eviction('b'));
    await server.get(`${pods}/b`);
    await server.post(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'q' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
    });
    await server.post(`${pods}/b/eviction`, eviction('b'));
  }),
  scenario('pods', 'a log without a node, and of nodes that are not there', async (server) => {
    const pods = paths(server.namespace);
    const two = { containers: [pod('b').spec.containers[0], { name: 'd', image: 'i' }] };
    await server.post(pods, pod('a'));
    await server.post(pods, { ...pod('b'), spec: two });
    await server.get(`${pods}/none/log`);
    await server.get(`${pods}/a/log`);
    await server.get(`${pods}/a/log?container=c&follow=true`);
    await server.get(`${pods}/a/log?container=x`);
    await server.get(`${pods}/b/log`);
    await server.post(`${pods}/a/log`, {});
    await server.post(`${pods}/a/binding`, binding('a', { kind: 'Node', name: `no-${server.namespace}` }));
    await server.get(`${pods}/a/log`);
    await server.get(`${pods}/a/log?container=x`);
    await server.get(`${pods}/a/log?tailLines=-1`);
  }),
  scenario('pods', 'commands and ports without a node, and on nodes that are not there', async (server) => {
    const pods = paths(server.namespace);
    const two = { containers: [pod('b').spec.containers[0], { name: 'd', image: 'i' }] };
    await server.post(pods, pod('a'));
    await server.post(pods, { ...pod('b'), spec: two });
    for (const query of ['exec?command=ls&stdout=true', 'attach?stdout=true', 'portforward?ports=80']) {
      await server.get(`${pods}/none/${query}`);
      await server.get(`${pods}/a/${query}`);
      await server.post(`${pods}/a/${query}`, {});
      await server.get(`${pods}/a/${query}&container=x`);
      await server.get(`${pods}/b/${query}`);
      await server.get(`${pods}/b/${query}&container=d`);
    }
    await server.get(`${pods}/a/exec`);
    await server.post(`${pods}/a/binding`, binding('a', { kind: 'Node', name: `no-${server.namespace}` }));
    for (const query of ['exec?command=ls&stdout=true', 'attach?stdout=true', 'portforward?ports=80'])
      await server.get(`${pods}/a/${query}`);
  }),
];
