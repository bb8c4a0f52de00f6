import { type ScenarioServer, scenario } from '../scenario.ts';
import { hasItems, isGone, settledGet } from './until.ts';

const core = '/api/v1';
const space = (server: ScenarioServer) => `${core}/namespaces/${server.namespace}`;

const conditionOf = (body: { status?: { conditions?: { type: string; status: string }[] } }, type: string) =>
  body.status?.conditions?.find((one) => one.type === type)?.status;

export const namespaces = [
  scenario('namespaces', 'a namespace has a service account and the certificate of the authority', async (server) => {
    await settledGet(server, `${space(server)}/serviceaccounts`, hasItems(1));
    await settledGet(server, `${space(server)}/configmaps`, hasItems(1));
  }),
  scenario('namespaces', 'service account and certificate come back', async (server) => {
    const account = `${space(server)}/serviceaccounts/default`;
    const map = `${space(server)}/configmaps/kube-root-ca.crt`;
    const is = (status: number) => (answer: { status: number }) => answer.status === status;
    await settledGet(server, account, is(200));
    await settledGet(server, map, is(200));
    await server.delete(account, { unrecorded: true });
    await server.patch(map, 'merge', { data: { 'ca.crt': 'x', other: 'y' } }, { unrecorded: true });
    await settledGet(server, account, is(200));
    await settledGet(server, map, ({ body }) => body.data?.other === undefined);
    await server.delete(map, { unrecorded: true });
    await settledGet(server, map, is(200));
  }),
  scenario('namespaces', 'it is emptied and goes', async (server) => {
    await server.post(`${space(server)}/configmaps`, { metadata: { name: 'a' } }, { unrecorded: true });
    await server.post(`${space(server)}/secrets`, { metadata: { name: 'a' } }, { unrecorded: true });
    await server.delete(space(server));
    await settledGet(server, space(server), isGone);
    await server.get(`${space(server)}/configmaps/a`);
  }),
  scenario('namespaces', 'its conditions say what holds it', async (server) => {
    const path = `${space(server)}/configmaps`;
    await settledGet(server, `${space(server)}/serviceaccounts`, hasItems(1));
    const held = (name: string, ...finalizers: string[]) => ({ metadata: { name, finalizers } });
    await server.post(path, held('a', 'x.y/one', 'x.y/two'), { unrecorded: true });
    await server.post(path, held('b', 'x.y/one'), { unrecorded: true });
    await server.post(`${space(server)}/secrets`, held('c', 'x.y/one'), { unrecorded: true });
    await server.delete(space(server));
    await settledGet(server, space(server), ({ body }) => conditionOf(body, 'NamespaceFinalizersRemaining') === 'True');
    for (const name of ['configmaps/a', 'configmaps/b', 'secrets/c']) {
      await server.patch(`${space(server)}/${name}`, 'merge', { metadata: { finalizers: null } }, { unrecorded: true });
    }
    await settledGet(server, space(server), isGone);
  }),
  scenario('namespaces', 'its own finalizers hold it when it is empty', async (server) => {
    await server.patch(space(server), 'merge', { metadata: { finalizers: ['x.y/z'] } }, { unrecorded: true });
    await server.delete(space(server));
    await settledGet(server, space(server), ({ body }) => body.spec?.finalizers === undefined);
    await server.patch(space(server), 'merge', { metadata: { finalizers: null } });
    await settledGet(server, space(server), isGone);
  }),
  scenario('namespaces', 'a pod that takes its time is waited for, with the rest untouched', async (server) => {
    const pod = { metadata: { name: 'p', finalizers: ['x.y/z'] }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await server.post(`${space(server)}/pods`, pod, { unrecorded: true });
    await server.post(`${space(server)}/configmaps`, { metadata: { name: 'a' } }, { unrecorded: true });
    await server.delete(space(server));
    await settledGet(server, space(server), ({ body }) => body.status?.conditions !== undefined);
    await server.get(`${space(server)}/configmaps/a`);
    await server.patch(`${space(server)}/pods/p`, 'merge', { metadata: { finalizers: null } }, { unrecorded: true });
    await settledGet(server, space(server), isGone);
  }),
  scenario('namespaces', 'a secret for a token is filled, and goes with its account', async (server) => {
    await server.post(`${space(server)}/serviceaccounts`, { metadata: { name: 'robot' } }, { unrecorded: true });
    const annotations = { 'kubernetes.io/service-account.name': 'robot' };
    const type = 'kubernetes.io/service-account-token';
    await server.post(`${space(server)}/secrets`, { metadata: { name: 's', annotations }, type }, { unrecorded: true });
    const path = `${space(server)}/secrets/s`;
    await settledGet(server, path, ({ body }) => body.data?.token !== undefined);
    await server.delete(`${space(server)}/serviceaccounts/robot`, { unrecorded: true });
    await settledGet(server, path, isGone);
  }),
];
