import { type Answer, type ScenarioServer, scenario } from '../scenario.ts';
import { crd, crds, group, rootSchema, widget, widgets } from './fixtures.ts';

type Json = Record<string, unknown>;

/** Whether a definition has a condition in this state. */
function has(type: string, status: string, reason?: string): (answer: Answer) => boolean {
  return (answer) =>
    answer.body.status?.conditions?.some(
      (one: { type: string; status: string; reason: string }) =>
        one.type === type && one.status === status && (reason === undefined || one.reason === reason),
    ) ?? false;
}

const version = (name: string, storage: boolean, extra: object = {}) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: rootSchema() },
  ...extra,
});

const pathOf = (server: ScenarioServer, plural = 'widgets') => `${crds}/${plural}.${group(server)}`;

export const lifecycle = [
  scenario('crd', 'names that another definition has are not accepted', async (server) => {
    await server.installCrd(crd(server, { names: { shortNames: ['wd'], singular: 'widget', categories: ['all'] } }));
    await server.post(crds, crd(server, { plural: 'gadgets', names: { kind: 'Widget', shortNames: ['wd'] } }));
    await server.until(pathOf(server, 'gadgets'), has('NamesAccepted', 'False'));
    await server.get(pathOf(server, 'gadgets'));
    await server.get(`/apis/${group(server)}/v1/gadgets`);
    await server.get(`/apis/${group(server)}/v1`);
    await server.delete(pathOf(server, 'gadgets'));
    await server.until(pathOf(server, 'gadgets'), (answer) => answer.status === 404);
  }),
  scenario('crd', 'a definition goes when its instances are gone', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), {
      ...widget(server, 'kept'),
      metadata: { name: 'kept', finalizers: ['x.y/z'] },
    });
    await server.post(widgets(server), widget(server, 'free'));
    const deleted = await server.delete(pathOf(server));
    await server.until(`${widgets(server)}/free`, (answer) => answer.status === 404);
    await server.until(`${widgets(server)}/kept`, (answer) => answer.body.metadata?.deletionTimestamp !== undefined);
    await server.get(`${widgets(server)}/kept`);
    await server.post(widgets(server), widget(server, 'late'));
    await server.until(pathOf(server), has('Terminating', 'True'));
    await server.delete(pathOf(server), { unrecorded: true });
    await server.patch(`${widgets(server)}/kept`, 'merge', { metadata: { finalizers: null } });
    await server.until(pathOf(server), (answer) => answer.status === 404);
    await server.get(pathOf(server));
    await server.until(widgets(server), (answer) => answer.body === undefined);
    await server.get(`${widgets(server)}/kept`);
    await server.get(`/healthz?code=${deleted.status}`);
  }),
  scenario('crd', 'a changed definition ends the watches of its resources', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    const watch = await server.watch(widgets(server));
    await watch.events(1);
    const now = (await server.get(pathOf(server), { unrecorded: true })).body;
    now.spec.versions[0].schema.openAPIV3Schema = rootSchema({ other: { type: 'string' } });
    await server.put(pathOf(server), now, { unrecorded: true });
    await watch.ended();
    await watch.close();
    await server.get(`${widgets(server)}/a`);
  }),
  scenario('crd', 'a deleted definition ends the watches of its resources', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    const watch = await server.watch(widgets(server));
    await watch.events(1);
    await server.delete(pathOf(server), { unrecorded: true });
    await watch.ended();
    await watch.close();
  }),
  scenario('crd', 'stored versions: none is dropped before it is no longer stored', async (server) => {
    await server.installCrd(crd(server, { versions: [version('v1', true)] }));
    const path = pathOf(server);
    const change = async (versions: object[], unrecorded = false) => {
      const now = (await server.get(path, { unrecorded: true })).body;
      return server.put(path, { ...now, spec: { ...now.spec, versions } }, { unrecorded });
    };
    const status = async (answer: Promise<Answer>) => {
      const { body } = await answer;
      await server.get(`/healthz?stored=${body.status?.storedVersions}&generation=${body.metadata?.generation}`);
    };
    await status(change([version('v1', false), version('v2', true)], true));
    await change([version('v2', true)]);
    await server.patch(`${path}/status`, 'merge', { status: { storedVersions: ['v2', 'v9'] } });
    await server.patch(`${path}/status`, 'merge', { status: { storedVersions: ['v2'] } }, { unrecorded: true });
    await change([version('v2', true)]);
    await change([version('v2', false)]);
    await change([version('v2', true), version('v3', true)]);
    await change([version('v2', true), version('v2', false)]);
    await change([version('v2', true, { served: false })], true);
    await server.until(`/apis/${group(server)}/v2/widgets`, (answer) => answer.status === 404);
    await server.get(`/apis/${group(server)}/v2/widgets`);
    await change([version('v2', true)], true);
    await server.until(`/apis/${group(server)}/v2/widgets`, (answer) => answer.status === 200);
  }),
  scenario('crd', 'protected groups need approval', async (server) => {
    const definition = (value: string | undefined, plural = 'widgets') => ({
      ...crd(server),
      metadata: {
        name: `${plural}.${server.unique}.k8s.io`,
        ...(value === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': value } }),
      },
      spec: {
        ...(crd(server, { plural }) as { spec: object }).spec,
        group: `${server.unique}.k8s.io`,
      },
    });
    const dry = `${crds}?dryRun=All`;
    await server.post(dry, definition(undefined));
    await server.post(dry, definition(''));
    await server.post(dry, definition('maybe'));
    await server.post(dry, definition('http://'));
    const path = `${crds}/widgets.${server.unique}.k8s.io`;
    await server.post(crds, definition('unapproved, experimental-only'));
    await server.until(path, has('KubernetesAPIApprovalPolicyConformant', 'False'));
    await server.until(path, has('Established', 'True'));
    // Its controllers work one after the other: all have spoken once there are three conditions.
    const { body } = await server.until(path, (answer) => answer.body.status?.conditions?.length === 3);
    await server.get(`/healthz?a=${body.status.conditions.length}`);
    await server.patch(path, 'merge', {
      metadata: { annotations: { 'api-approved.kubernetes.io': 'https://example.com/pull/1' } },
    });
    await server.until(path, has('KubernetesAPIApprovalPolicyConformant', 'True'));
    await server.get(path);
    await server.patch(path, 'merge', { metadata: { annotations: { 'api-approved.kubernetes.io': null } } });
    await server.delete(path, { unrecorded: true });
    await server.until(path, (answer) => answer.status === 404);
  }),
  scenario('crd', 'versions in discovery come in the order of their ripeness', async (server) => {
    const names = ['v1alpha1', 'v10', 'v2', 'v1beta2', 'foo1', 'v11beta1', 'v1beta1', 'foo10'];
    await server.installCrd(crd(server, { versions: names.map((name) => version(name, name === 'v2')) }));
    await server.until(`/apis/${group(server)}`, (answer) => answer.body.versions?.length === names.length);
    await server.get(`/apis/${group(server)}`);
    await server.post(widgets(server).replace('/v1/', '/v2/'), {
      ...widget(server, 'a'),
      apiVersion: `${group(server)}/v2`,
    });
    for (const name of names) await server.get(`${widgets(server).replace('/v1/', `/${name}/`)}/a`);
  }),
  scenario('crd', 'a deprecated version warns', async (server) => {
    const versions = [
      version('v1', true),
      version('v1beta1', false, { deprecated: true }),
      version('v1alpha1', false, { deprecated: true, deprecationWarning: 'go away' }),
    ];
    await server.installCrd(crd(server, { versions }));
    await server.get(widgets(server));
    await server.get(widgets(server).replace('/v1/', '/v1beta1/'));
    await server.get(widgets(server).replace('/v1/', '/v1alpha1/'));
    await server.get(`${widgets(server).replace('/v1/', '/v1alpha1/')}/absent`);
    const watch = await server.watch(`${widgets(server).replace('/v1/', '/v1beta1/')}?timeoutSeconds=1`);
    await watch.ended();
    await watch.close();
    const dry = `${crds}?dryRun=All`;
    await server.post(dry, crd(server, { plural: 'a', versions: [version('v1', true, { deprecationWarning: 'x' })] }));
    await server.post(
      dry,
      crd(server, {
        plural: 'a',
        versions: [version('v1', true, { deprecated: true, deprecationWarning: 'x'.repeat(300) })],
      }),
    );
  }),
  scenario('crd', 'defaults of a definition, and what it says of formats it does not know', async (server) => {
    const dry = `${crds}?dryRun=All`;
    await server.post(dry, crd(server, { kind: 'BigWidget' }));
    await server.post(dry, crd(server, { schema: { a: { type: 'string', format: 'colour' } } }));
    await server.post(`${dry}&fieldValidation=Strict`, { ...crd(server), bogus: 1 });
    const definition = crd(server) as { spec: Json };
    await server.post(`${dry}&fieldValidation=Warn`, {
      ...definition,
      spec: { ...definition.spec, names: { ...(definition.spec.names as Json), nope: 1 }, more: true },
    });
    await server.post(dry, { ...definition, spec: { ...definition.spec, versions: 'v1' } });
    await server.post(dry, { ...definition, spec: undefined });
    await server.post(dry, { ...definition, spec: { ...definition.spec, names: null } });
    await server.post(dry, { ...definition, spec: { ...definition.spec, conversion: { strategy: 'Magic' } } });
    await server.post(dry, {
      ...definition,
      spec: { ...definition.spec, conversion: { strategy: 'None', webhook: {} } },
    });
  }),
];
