import { type ScenarioServer, scenario } from '../scenario.ts';
import { hasItems, isGone, settledGet, wait } from './until.ts';

const core = '/api/v1';
const maps = (server: ScenarioServer, namespace = server.namespace) => `${core}/namespaces/${namespace}/configmaps`;
const named = 'labelSelector=own';

const map = (name: string, ownerReferences: readonly object[] = [], more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { own: 'yes' }, ...(ownerReferences.length > 0 ? { ownerReferences } : {}), ...more },
});
const owner = (name: string, uid: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid,
  ...more,
});
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
const absent = '00000000-0000-4000-8000-000000000000';
const deletion = (propagationPolicy: string) => ({
  body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy },
});

async function make(server: ScenarioServer, body: object): Promise<string> {
  return (await server.post(maps(server), body, { unrecorded: true })).body.metadata.uid;
}

export const garbage = [
  scenario('garbage', 'in the background dependents go after their owner, and theirs after them', async (server) => {
    const uid = await make(server, map('owner'));
    const child = await make(server, map('child', [owner('owner', uid)]));
    await make(server, map('grandchild', [owner('child', child)]));
    await wait(500);
    await server.delete(`${maps(server)}/owner`, deletion('Background'));
    await settledGet(server, `${maps(server)}?${named}`, hasItems(0));
  }),
  scenario('garbage', 'a dependent with another owner keeps that one', async (server) => {
    const one = await make(server, map('one'));
    const two = await make(server, map('two'));
    await make(server, map('child', [owner('one', one), owner('two', two, { controller: true })]));
    await wait(500);
    await server.delete(`${maps(server)}/one`);
    const path = `${maps(server)}/child`;
    await settledGet(server, path, ({ body }) => body.metadata?.ownerReferences?.length === 1);
  }),
  scenario('garbage', 'in the foreground the owner waits for those that block it', async (server) => {
    const uid = await make(server, map('owner'));
    const blocks = owner('owner', uid, { blockOwnerDeletion: true });
    await make(server, map('held', [blocks], { finalizers: ['x.y/z'] }));
    await make(server, map('free', [blocks]));
    await wait(500);
    await server.delete(`${maps(server)}/owner`, deletion('Foreground'));
    await settledGet(server, `${maps(server)}/free`, isGone);
    await settledGet(server, `${maps(server)}/held`, ({ body }) => body.metadata?.deletionTimestamp !== undefined);
    await server.get(`${maps(server)}/owner`);
    await server.patch(`${maps(server)}/held`, 'merge', { metadata: { finalizers: null } });
    await settledGet(server, `${maps(server)}?${named}`, hasItems(0));
  }),
  scenario('garbage', 'in the foreground one that does not block is left to the background', async (server) => {
    const uid = await make(server, map('owner'));
    await make(server, map('held', [owner('owner', uid)], { finalizers: ['x.y/z'] }));
    await wait(500);
    await server.delete(`${maps(server)}/owner`, deletion('Foreground'));
    await settledGet(server, `${maps(server)}/owner`, isGone);
    await settledGet(server, `${maps(server)}/held`, ({ body }) => body.metadata?.deletionTimestamp !== undefined);
    await server.patch(`${maps(server)}/held`, 'merge', { metadata: { finalizers: null } });
  }),
  scenario('garbage', 'in the foreground a dependent of another owner is only unbound', async (server) => {
    const one = await make(server, map('one'));
    const two = await make(server, map('two'));
    const blocks = { blockOwnerDeletion: true };
    await make(server, map('child', [owner('one', one, blocks), owner('two', two, blocks)]));
    await wait(500);
    await server.delete(`${maps(server)}/one`, deletion('Foreground'));
    await settledGet(server, `${maps(server)}/one`, isGone);
    await server.get(`${maps(server)}/child`);
  }),
  scenario(
    'garbage',
    'in the foreground dependents with dependents of their own go in the foreground',
    async (server) => {
      const uid = await make(server, map('owner'));
      const blocks = { blockOwnerDeletion: true };
      const child = await make(server, map('child', [owner('owner', uid, blocks)]));
      await make(server, map('grandchild', [owner('child', child, blocks)], { finalizers: ['x.y/z'] }));
      await wait(500);
      await server.delete(`${maps(server)}/owner`, deletion('Foreground'));
      const isMarked = ({ body }: { body: { metadata?: { deletionTimestamp?: string } } }) =>
        body.metadata?.deletionTimestamp !== undefined;
      await settledGet(server, `${maps(server)}/grandchild`, isMarked);
      await settledGet(server, `${maps(server)}/child`, isMarked);
      await server.get(`${maps(server)}/owner`);
      await server.patch(`${maps(server)}/grandchild`, 'merge', { metadata: { finalizers: null } });
      await settledGet(server, `${maps(server)}?${named}`, hasItems(0));
    },
  ),
  scenario('garbage', 'a circle in the foreground does not wait for itself', async (server) => {
    const one = await make(server, map('one'));
    const two = await make(server, map('two', [owner('one', one, { blockOwnerDeletion: true })]));
    const back = { metadata: { ownerReferences: [owner('two', two, { blockOwnerDeletion: true })] } };
    await server.patch(`${maps(server)}/one`, 'merge', back);
    await wait(500);
    await server.delete(`${maps(server)}/one`, deletion('Foreground'));
    await settledGet(server, `${maps(server)}?${named}`, hasItems(0));
  }),
  scenario('garbage', 'orphans lose their owner', async (server) => {
    const uid = await make(server, map('owner'));
    await make(server, map('child', [owner('owner', uid, { controller: true, blockOwnerDeletion: true })]));
    await wait(500);
    await server.delete(`${maps(server)}/owner`, deletion('Orphan'));
    await settledGet(server, `${maps(server)}/owner`, isGone);
    await server.get(`${maps(server)}/child`);
  }),
  scenario('garbage', 'an owner that is absent, or has another uid, is none', async (server) => {
    await make(server, map('here'));
    await make(server, map('absent', [owner('nobody', absent)]));
    await make(server, map('wrong', [owner('here', absent)]));
    await settledGet(server, `${maps(server)}?${named}`, hasItems(1));
  }),
  scenario('garbage', 'an absent owner that blocks, beside one that is there', async (server) => {
    const uid = await make(server, map('here'));
    await make(server, map('child', [owner('nobody', absent, { blockOwnerDeletion: true }), owner('here', uid)]));
    await settledGet(server, `${maps(server)}/child`, ({ body }) => body.metadata?.ownerReferences?.length === 1);
  }),
  scenario('garbage', 'an owner in another namespace is none, and an event says so', async (server) => {
    const uid = await make(server, map('owner'));
    const other = `${server.unique}-other`;
    await server.post(`${core}/namespaces`, { metadata: { name: other } }, { unrecorded: true });
    await wait(500);
    await server.post(maps(server, other), map('stranger', [owner('owner', uid)]), { unrecorded: true });
    await settledGet(server, `${maps(server, other)}/stranger`, isGone);
    await settledGet(server, `${core}/namespaces/${other}/events`, hasItems(1));
    await server.get(`${maps(server)}/owner`);
    await server.delete(`${core}/namespaces/${other}`, { unrecorded: true });
  }),
  scenario('garbage', 'what belongs to the cluster may not be owned by what belongs to a namespace', async (server) => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    const body = { metadata: { name: server.unique, ownerReferences: [owner('nobody', absent)] }, rules: [rule] };
    await server.post(roles, body, { unrecorded: true });
    await wait(2000);
    await server.get(`${roles}/${server.unique}`);
    await server.delete(`${roles}/${server.unique}`, { unrecorded: true });
  }),
  scenario('garbage', 'what belongs to the cluster owns what is in a namespace', async (server) => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    const role = await server.post(roles, { metadata: { name: server.unique }, rules: [] }, { unrecorded: true });
    const { uid } = role.body.metadata;
    const reference = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: server.unique, uid };
    await make(server, map('child', [reference]));
    await wait(500);
    await server.delete(`${roles}/${server.unique}`);
    await settledGet(server, `${maps(server)}/child`, isGone);
  }),
  scenario('garbage', 'an owner of an unknown kind is waited for', async (server) => {
    await make(server, map('child', [{ apiVersion: 'nobody.dev/v1', kind: 'Nothing', name: 'a', uid: absent }]));
    await wait(2000);
    await server.get(`${maps(server)}/child`);
  }),
];
