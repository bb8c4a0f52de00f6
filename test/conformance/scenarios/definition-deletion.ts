import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group, widget, widgets } from './fixtures.ts';

const area = 'deleted definitions';
const unrecorded = { unrecorded: true };

const pathOf = (server: ScenarioServer, plural = 'widgets') => `${crds}/${plural}.${group(server)}`;
const ready = (answer: Answer) => answer.status === 200;
const gone = (answer: Answer) => answer.status === 404;

const kept = (server: ScenarioServer, name: string) => ({
  ...widget(server, name),
  metadata: { name, finalizers: ['x.y/z'] },
});

function terminates(reason: string): (answer: Answer) => boolean {
  return ({ body }) => body?.status?.conditions?.some((one: { reason: string }) => one.reason === reason) ?? false;
}

const inProgress = terminates('InstanceDeletionInProgress');

/** A definition that is going, but for one instance that somebody keeps. */
async function going(server: ScenarioServer, options: Parameters<typeof crd>[1] = {}): Promise<void> {
  await server.installCrd(crd(server, options));
  await server.post(widgets(server), kept(server, 'kept'), unrecorded);
  await server.post(widgets(server), widget(server, 'free'), unrecorded);
  await server.delete(pathOf(server), unrecorded);
  await server.until(`${widgets(server)}/free`, gone);
  await untilGoing(server);
}

async function untilGoing(server: ScenarioServer): Promise<void> {
  await server.until(pathOf(server), inProgress);
  await server.until(`${widgets(server)}/kept`, ({ body }) => body?.metadata?.deletionTimestamp !== undefined);
}

async function release(server: ScenarioServer): Promise<void> {
  await server.patch(`${widgets(server)}/kept`, 'merge', { metadata: { finalizers: null } }, unrecorded);
  await server.until(pathOf(server), gone);
}

export const deletedDefinitions = [
  scenario(area, 'what may be done with instances while it goes', async (server) => {
    await going(server, { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } });
    const path = `${widgets(server)}/kept`;
    await server.get(pathOf(server));
    await server.get(path);
    await server.get(widgets(server));
    await server.post(widgets(server), widget(server, 'late'));
    await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'late'));
    await server.post(widgets(server), { ...widget(server, ''), metadata: { generateName: 'g-' } });
    await server.post(widgets(server), kept(server, 'kept'));
    await server.patch(`${widgets(server)}/late?fieldManager=m`, 'apply', widget(server, 'late'));
    await server.patch(`${path}?fieldManager=m`, 'apply', widget(server, 'kept', { replicas: 2 }));
    await server.patch(path, 'merge', { spec: { size: 2 } });
    await server.patch(`${path}/status`, 'merge', { status: { phase: 'x' } });
    await server.patch(`${path}/scale`, 'merge', { spec: { replicas: 3 } });
    const { body } = await server.get(path, unrecorded);
    await server.put(path, { ...body, spec: { size: 4 } });
    await server.put(`${widgets(server)}/late`, widget(server, 'late'));
    await server.delete(path);
    await server.delete(widgets(server));
    await release(server);
  }),
  scenario(area, 'watches hear of the instances until the end', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), kept(server, 'kept'), unrecorded);
    await server.post(widgets(server), widget(server, 'free'), unrecorded);
    const watch = await server.watch(widgets(server));
    await watch.events(2);
    await server.delete(pathOf(server), unrecorded);
    await watch.events(4);
    await untilGoing(server);
    await release(server);
    await watch.ended();
    await watch.close();
  }),
  scenario(area, 'discovery lists fewer verbs while it goes, and nothing afterwards', async (server) => {
    await going(server);
    const discovery = `/apis/${group(server)}/v1`;
    await server.until(discovery, ({ body }) => body.resources?.[0]?.verbs.length === 5);
    await server.get(discovery);
    await server.get(`/apis/${group(server)}`);
    await release(server);
    for (const path of [`/apis/${group(server)}`, discovery, widgets(server)]) {
      await server.until(path, gone);
      await server.get(path);
    }
  }),
  scenario(area, 'made again, it has nothing of the first', async (server) => {
    await server.installCrd(crd(server));
    const { body: first } = await server.post(widgets(server), widget(server, 'a'));
    await server.delete(pathOf(server), unrecorded);
    await server.until(pathOf(server), gone);
    await server.until(widgets(server), gone);
    await server.get(`${widgets(server)}/a`);
    await server.post(crds, crd(server, { status: false, names: { shortNames: ['w'] } }), unrecorded);
    await server.until(widgets(server), ready);
    await server.until(pathOf(server), terminates('InitialNamesAccepted'));
    await server.get(widgets(server));
    await server.get(`${widgets(server)}/a`);
    const { body: second } = await server.post(widgets(server), { ...widget(server, 'a'), status: { phase: 'x' } });
    await server.get(`/healthz?same=${first.metadata.uid === second.metadata.uid}`);
    const watch = await server.watch(`${widgets(server)}?resourceVersion=${first.metadata.resourceVersion}`);
    await watch.ended();
    await watch.close();
    await server.get(`${widgets(server)}/a/status`);
    await server.delete(`${widgets(server)}/a`, { body: { preconditions: { uid: first.metadata.uid } } });
  }),
  scenario(area, 'made again in another scope and of another kind', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    await server.delete(pathOf(server), unrecorded);
    await server.until(pathOf(server), gone);
    await server.post(crds, crd(server, { scope: 'Cluster', kind: 'Gadget' }), unrecorded);
    const path = `/apis/${group(server)}/v1/widgets`;
    await server.until(path, ({ status, body }) => status === 200 && body.kind === 'GadgetList');
    await server.until(pathOf(server), terminates('InitialNamesAccepted'));
    await server.get(path);
    await server.post(path, { ...widget(server, 'a'), kind: 'Gadget' });
    await server.get(`${path}/a`);
    await server.get(`${widgets(server)}/a`);
  }),
  scenario(area, 'a finalizer of somebody else keeps it, and what is made meanwhile', async (server) => {
    await server.installCrd({
      ...crd(server),
      metadata: { name: `widgets.${group(server)}`, finalizers: ['x.y/z'] },
    });
    await server.post(widgets(server), widget(server, 'a'), unrecorded);
    await server.delete(pathOf(server), unrecorded);
    const { body } = await server.until(pathOf(server), terminates('InstanceDeletionCompleted'));
    // Whether the second has changed meanwhile shows in the owners of its fields.
    server.record('the definition', { ...body, metadata: { ...body.metadata, managedFields: [] } });
    await server.until(widgets(server), ({ status, body }) => status === 200 && body.items.length === 0);
    for (let tries = 0; tries < 300; tries++) {
      const { status } = await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'probe'), unrecorded);
      if (status === 201) break;
    }
    await server.post(widgets(server), widget(server, 'late'));
    await server.get(`${widgets(server)}/late`);
    await server.patch(pathOf(server), 'merge', { metadata: { finalizers: ['a.b/c'] } });
    await server.patch(pathOf(server), 'merge', { metadata: { finalizers: null } }, unrecorded);
    await server.until(pathOf(server), gone);
    await server.until(widgets(server), gone);
    await server.get(`${widgets(server)}/late`);
  }),
  scenario(area, 'one that never had its names', async (server) => {
    await server.installCrd(crd(server));
    await server.post(crds, crd(server, { plural: 'gadgets' }), unrecorded);
    await server.until(pathOf(server, 'gadgets'), terminates('ListKindConflict'));
    const watch = await server.watch(`${crds}?fieldSelector=metadata.name%3Dgadgets.${group(server)}`);
    await watch.events(1);
    await server.delete(pathOf(server, 'gadgets'));
    await server.until(pathOf(server, 'gadgets'), gone);
    await watch.events(4);
    await watch.close();
  }),
  scenario(area, 'names that it leaves are for another', async (server) => {
    await server.installCrd(crd(server));
    await server.post(crds, crd(server, { plural: 'gadgets' }), unrecorded);
    await server.until(pathOf(server, 'gadgets'), terminates('ListKindConflict'));
    await server.delete(pathOf(server), unrecorded);
    await server.until(pathOf(server), gone);
    await server.until(pathOf(server, 'gadgets'), terminates('InitialNamesAccepted'));
    await server.get(pathOf(server, 'gadgets'));
    const gadgets = widgets(server).replace('/widgets', '/gadgets');
    await server.until(gadgets, ready);
    await server.post(gadgets, widget(server, 'a'));
    await server.delete(pathOf(server, 'gadgets'), unrecorded);
    await server.until(pathOf(server, 'gadgets'), gone);
  }),
  scenario(area, 'preconditions, dry runs and policies of the deletion', async (server) => {
    await server.installCrd(crd(server));
    const other = '11111111-1111-1111-1111-111111111111';
    const options = { apiVersion: 'v1', kind: 'DeleteOptions' };
    await server.delete(pathOf(server), { body: { ...options, preconditions: { uid: other } } });
    await server.delete(pathOf(server), { body: { ...options, preconditions: { resourceVersion: '1' } } });
    await server.delete(`/api/v1/namespaces/${server.namespace}`, {
      body: { ...options, preconditions: { uid: other } },
    });
    await server.delete(`/api/v1/namespaces/${server.namespace}`, {
      body: { ...options, preconditions: { resourceVersion: '1' } },
    });
    await server.delete(`${pathOf(server)}?dryRun=All`);
    await server.get(pathOf(server));
    await server.post(widgets(server), kept(server, 'kept'), unrecorded);
    await server.delete(pathOf(server), { body: { ...options, propagationPolicy: 'Orphan' } });
    await untilGoing(server);
    await server.delete(pathOf(server), { body: { ...options, propagationPolicy: 'Foreground' } });
    await server.get(pathOf(server));
    await server.delete(`${pathOf(server)}?gracePeriodSeconds=5`);
    await server.patch(pathOf(server), 'merge', { metadata: { finalizers: ['a.b/c'] } });
    await server.patch(pathOf(server), 'merge', { metadata: { finalizers: null } }, unrecorded);
    await server.until(pathOf(server), gone);
    await server.get(pathOf(server));
    await server.post(crds, crd(server), unrecorded);
    await server.until(pathOf(server), terminates('InitialNamesAccepted'));
    await server.until(widgets(server), ready);
    await server.patch(`${widgets(server)}/kept`, 'merge', { metadata: { finalizers: null } });
    await server.get(widgets(server));
  }),
  scenario(area, 'all of a group at once', async (server) => {
    await server.installCrd(crd(server));
    await server.installCrd(crd(server, { plural: 'gadgets', kind: 'Gadget' }));
    for (const plural of ['widgets', 'gadgets']) {
      await server.patch(pathOf(server, plural), 'merge', { metadata: { labels: { s: server.unique } } }, unrecorded);
    }
    const { body } = await server.delete(`${crds}?labelSelector=s%3D${server.unique}`, unrecorded);
    await server.get(`/healthz?kind=${body.kind}&items=${body.items?.length}`);
    await server.until(pathOf(server, 'widgets'), gone);
    await server.until(pathOf(server, 'gadgets'), gone);
    await server.until(`/apis/${group(server)}`, gone);
    await server.get(`/apis/${group(server)}`);
  }),
];
