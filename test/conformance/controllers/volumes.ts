import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { hasItems, isGone, settledGet, wait } from './until.ts';

const claims = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/persistentvolumeclaims`;
const events = (server: ScenarioServer) => `/api/v1/namespaces/${server.namespace}/events`;
const volumes = '/api/v1/persistentvolumes';
const classes = '/apis/storage.k8s.io/v1/storageclasses';

/** The class is the scenario's own, so that no other's claims take its volumes. */
const claim = (server: ScenarioServer, name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: {
    storageClassName: server.unique,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
});

const phase = (wanted: string) => (answer: Answer) => answer.body.status?.phase === wanted;

/** A volume that goes with the scenario. */
async function withVolume(
  server: ScenarioServer,
  spec: object,
  play: (path: string, name: string) => Promise<void>,
  suffix = '',
): Promise<void> {
  const name = `${server.unique}${suffix}`;
  const body = {
    metadata: { name },
    spec: {
      storageClassName: server.unique,
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '2Gi' },
      hostPath: { path: '/x' },
      ...spec,
    },
  };
  await server.post(volumes, body, { unrecorded: true });
  try {
    await play(`${volumes}/${name}`, name);
  } finally {
    const free = { metadata: { finalizers: null } };
    await server.delete(`${volumes}/${name}`, { unrecorded: true });
    await server.patch(`${volumes}/${name}`, 'merge', free, { unrecorded: true });
  }
}

export const volumeScenarios = [
  scenario('volumes', 'a claim is bound to a volume that fits, and the volume is released with it', (server) =>
    withVolume(server, {}, async (volume) => {
      await settledGet(server, volume, phase('Available'));
      await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
      await settledGet(server, `${claims(server)}/c`, phase('Bound'));
      await settledGet(server, volume, phase('Bound'));
      await server.delete(`${claims(server)}/c`);
      await settledGet(server, `${claims(server)}/c`, isGone);
      await settledGet(server, volume, phase('Released'));
    }),
  ),
  scenario('volumes', 'the smallest of those that fit is taken', (server) =>
    withVolume(server, { capacity: { storage: '5Gi' } }, (big) =>
      withVolume(
        server,
        { capacity: { storage: '3Gi' } },
        async (small) => {
          await settledGet(server, big, phase('Available'));
          await settledGet(server, small, phase('Available'));
          await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
          await settledGet(server, `${claims(server)}/c`, phase('Bound'));
          await server.get(big);
        },
        '-small',
      ),
    ),
  ),
  scenario('volumes', 'a volume that is meant for a claim waits for it', async (server) => {
    const claimRef = { namespace: server.namespace, name: 'c' };
    await withVolume(server, { claimRef }, async (volume) => {
      await settledGet(server, volume, phase('Available'));
      await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
      await settledGet(server, `${claims(server)}/c`, phase('Bound'));
      await settledGet(server, volume, phase('Bound'));
    });
  }),
  scenario('volumes', 'a claim that names its volume gets that one, or waits', (server) =>
    withVolume(server, {}, async (volume, name) => {
      await settledGet(server, volume, phase('Available'));
      const big = claim(server, 'big', { volumeName: name, resources: { requests: { storage: '9Gi' } } });
      await server.post(claims(server), big, { unrecorded: true });
      await settledGet(server, events(server), hasItems(1));
      await server.post(claims(server), claim(server, 'c', { volumeName: name }), { unrecorded: true });
      await settledGet(server, `${claims(server)}/c`, phase('Bound'));
      await server.get(volume);
      await server.post(claims(server), claim(server, 'other', { volumeName: name }), { unrecorded: true });
      await settledGet(server, `${claims(server)}/other`, phase('Pending'));
    }),
  ),
  scenario('volumes', 'what does not fit leaves the claim pending, with an event', (server) =>
    withVolume(server, { capacity: { storage: '1Mi' } }, async (volume) => {
      await settledGet(server, volume, phase('Available'));
      await server.post(claims(server), claim(server, 'c', { storageClassName: '' }), { unrecorded: true });
      await settledGet(server, events(server), hasItems(1));
      await server.get(`${claims(server)}/c`);
    }),
  ),
  scenario('volumes', 'a class that is not there is an event', async (server) => {
    await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
    await settledGet(server, events(server), hasItems(1));
    await server.get(`${claims(server)}/c`);
  }),
  scenario('volumes', 'the provisioner of the class is asked', async (server) => {
    const body = { metadata: { name: server.unique }, provisioner: 'x.y/z' };
    await server.post(classes, body, { unrecorded: true });
    await wait(500);
    await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
    await settledGet(server, events(server), hasItems(1));
    await settledGet(server, `${claims(server)}/c`, ({ body }) => body.metadata?.annotations !== undefined);
    await server.delete(`${classes}/${server.unique}`, { unrecorded: true });
  }),
  scenario('volumes', 'a class that binds late waits for a consumer', async (server) => {
    const volumeBindingMode = 'WaitForFirstConsumer';
    const body = { metadata: { name: server.unique }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode };
    await server.post(classes, body, { unrecorded: true });
    await wait(500);
    await withVolume(server, {}, async (volume) => {
      await settledGet(server, volume, phase('Available'));
      await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
      await settledGet(server, events(server), hasItems(1));
      await server.get(`${claims(server)}/c`);
      await server.get(volume);
    });
    await server.delete(`${classes}/${server.unique}`, { unrecorded: true });
  }),
  scenario('volumes', 'a claim that a pod on a node uses is kept until the pod goes', async (server) => {
    const mount = { name: 'v', persistentVolumeClaim: { claimName: 'c' } };
    const pod = {
      metadata: { name: 'p' },
      spec: {
        nodeName: 'nowhere',
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'c', image: 'i' }],
        volumes: [mount],
      },
    };
    await server.post(claims(server), claim(server, 'c', { storageClassName: '' }), { unrecorded: true });
    await server.post(`/api/v1/namespaces/${server.namespace}/pods`, pod, { unrecorded: true });
    await wait(500);
    await server.delete(`${claims(server)}/c`);
    await wait(1500);
    await settledGet(server, `${claims(server)}/c`, ({ body }) => body.metadata?.deletionTimestamp !== undefined);
    await server.delete(`/api/v1/namespaces/${server.namespace}/pods/p`, { unrecorded: true });
    await settledGet(server, `${claims(server)}/c`, isGone);
  }),
  scenario('volumes', 'a claim that has lost its volume says so', (server) =>
    withVolume(server, {}, async (volume) => {
      await settledGet(server, volume, phase('Available'));
      await server.post(claims(server), claim(server, 'c'), { unrecorded: true });
      await settledGet(server, `${claims(server)}/c`, phase('Bound'));
      await server.delete(volume);
      await server.patch(volume, 'merge', { metadata: { finalizers: null } }, { unrecorded: true });
      await settledGet(server, `${claims(server)}/c`, phase('Lost'));
      await settledGet(server, events(server), hasItems(1));
    }),
  ),
];
