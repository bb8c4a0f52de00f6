// The operator over HTTPS, on a real kube-apiserver and on the embedded one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createControlPlane } from '@setpoint/controlplane';
import type { Log } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, type ClientConfig, createClient, loadConfig } from 'setpoint/client';
import { needs } from 'setpoint/controller';
import { Pod } from 'setpoint/core/v1';
import { Event } from 'setpoint/events.k8s.io/v1';
import { crdManifest, roleManifest, rulesFor } from 'setpoint/manifests';
import { ClusterRole, ClusterRoleBinding } from 'setpoint/rbac.authorization.k8s.io/v1';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { play } from '../../../scripts/lib/play.ts';
import { walkThrough } from '../../../scripts/lib/walk-through.ts';
import type {} from '../../../test/global-setup.ts';
import { Foo } from '../src/api/v1/foo.ts';
import operator from '../src/operator.ts';

const folder = mkdtempSync(join(tmpdir(), 'setpoint-foo-'));
const embedded = join(folder, 'kubeconfig');
const controlPlane = createControlPlane();
const namespace = 'default';
/** Users of the real server; what they may do is what is bound to them. */
const allowed = { user: 'foo-operator', groups: ['system:authenticated'] };
const stranger = { user: 'nobody-bound', groups: ['system:authenticated'] };

beforeAll(async () => {
  await controlPlane.listen({ kubeconfig: embedded });
});

afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

function recordingLog(lines: Line[], bound: object = {}): Log {
  const write = (first: unknown, second?: string) =>
    void lines.push({
      ...bound,
      ...(typeof first === 'string' ? { message: first } : { ...(first as object), message: second ?? '' }),
    });
  return {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: (fields) => recordingLog(lines, { ...bound, ...fields }),
  };
}

async function install(client: Client): Promise<void> {
  const crd = crdManifest(Foo);
  await client.create(CustomResourceDefinition, crd as never);
  await vi.waitFor(async () => {
    const { status } = await client.get(CustomResourceDefinition, { name: crd.metadata.name ?? '' });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
  });
}

/** The role of config/rbac/role.yaml, and nothing else, for one user. */
async function bindMinimalRole(client: Client): Promise<void> {
  const name = 'foo-operator';
  const rules = rulesFor(operator.controllers.flatMap((controller) => needs(controller))).cluster;
  await client.create(ClusterRole, roleManifest('ClusterRole', { name }, rules) as never);
  await client.create(ClusterRoleBinding, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: allowed.user }],
  });
}

async function whileRunning(config: ClientConfig, lines: Line[], body: () => Promise<void>): Promise<void> {
  await using manager = operator.manager({ config, log: recordingLog(lines) });
  const running = manager.run();
  running.catch(() => undefined);
  await manager.started;
  await body();
  manager.stop();
  await running;
}

async function walk(client: Client): Promise<void> {
  const failures: string[] = [];
  const signal = AbortSignal.timeout(50_000);
  const options = { patience: 10_000, signal, out: () => {}, err: (line: string) => void failures.push(line) };
  const ok = await play(client, walkThrough, options);
  expect({ ok, failures }).toEqual({ ok: true, failures: [] });
}

async function eventsOf(client: Client, name: string): Promise<readonly string[]> {
  const { items } = await client.list(Event, { namespace });
  return items
    .filter(({ regarding }) => regarding?.kind === 'Foo' && regarding.name === name)
    .map(({ type, reason, note }) => `${type} ${reason}: ${note}`)
    .sort();
}

const servers = [
  { server: 'a real kube-apiserver', kubeconfig: () => inject('realKubeconfig'), impersonate: allowed },
  { server: 'the embedded control plane', kubeconfig: () => embedded, impersonate: undefined },
];

describe.for(servers)('on $server', ({ kubeconfig, impersonate }) => {
  let admin: ClientConfig;
  let client: Client;

  beforeAll(async () => {
    admin = await loadConfig({ kubeconfig: kubeconfig() });
    client = createClient({ config: admin });
    await install(client);
    if (impersonate) await bindMinimalRole(client);
  });

  afterAll(async () => {
    await client.delete(CustomResourceDefinition, { name: 'foos.tutorial.my.domain' });
    await client.close();
  });

  test('the walk-through, with no more rights than the computed role gives', async () => {
    const lines: Line[] = [];
    await whileRunning({ ...admin, impersonate }, lines, async () => {
      await walk(client);
      await vi.waitFor(async () => {
        const both = ['Normal HappyChanged: happy is now false', 'Normal HappyChanged: happy is now true'];
        expect(await eventsOf(client, 'foo-1')).toEqual(both);
        expect(await eventsOf(client, 'foo-2')).toEqual(both);
      });
    });
    expect(lines.filter(({ message }) => /forbidden/i.test(message))).toEqual([]);
    const about = (message: string, name: string) =>
      lines.filter((line) => line.message === message && line.name === name);
    const controller = { controller: 'foo', namespace };
    const foo = { ...controller, group: 'tutorial.my.domain', kind: 'Foo' };
    expect(about("foo's happy status updated", 'foo-1')).toMatchObject([
      { ...foo, happy: false },
      { ...foo, happy: true },
      { ...foo, happy: false },
    ]);
    for (const message of ['reconciling foo custom resource', 'foo custom resource reconciled'])
      expect(about(message, 'foo-2')[0]).toMatchObject(foo);
    expect(about('pod linked to a foo custom resource found', 'foo-1')[0]).toMatchObject(foo);
    expect(about('pod linked to a foo custom resource issued an event', 'jack')[0]).toMatchObject({
      ...controller,
      group: '',
      kind: 'Pod',
    });
  });

  test('what happens to a Pod between its creation and its end writes nothing, nor does a restart', async () => {
    const revision = async () => (await client.get(Foo, { name: 'calm', namespace })).metadata.resourceVersion;
    const happy = async (name: string) => (await client.get(Foo, { name, namespace })).status?.happy;
    const pod = { metadata: { name: 'jill', namespace }, spec: { containers: [{ name: 'c', image: 'ubuntu' }] } };
    const foo = (name: string) => ({ metadata: { name, namespace }, spec: { name: 'jill' } });
    let before: string | undefined;
    await whileRunning({ ...admin, impersonate }, [], async () => {
      await client.create(Pod, pod);
      await client.create(Foo, foo('calm'));
      await vi.waitFor(async () => expect(await happy('calm')).toBe(true));
      before = await revision();
      for (const label of ['a', 'b', 'c']) {
        const patch = { type: 'merge', body: { metadata: { labels: { label } } } } as const;
        await client.patch(Pod, { name: 'jill', namespace }, patch);
      }
      await client.create(Foo, foo('later'));
      await vi.waitFor(async () => expect(await happy('later')).toBe(true));
      await delay(200);
      expect(await revision()).toBe(before);
    });
    const lines: Line[] = [];
    await whileRunning({ ...admin, impersonate }, lines, async () => {
      const reconciled = () => lines.filter(({ message }) => message === 'foo custom resource reconciled');
      await vi.waitFor(() => expect(reconciled().map(({ name }) => name)).toContain('calm'));
      await delay(200);
    });
    expect(await revision()).toBe(before);
    expect(await eventsOf(client, 'calm')).toEqual(['Normal HappyChanged: happy is now true']);
    await client.delete(Pod, { name: 'jill', namespace }, { gracePeriodSeconds: 0 });
  });
});

test('without its role the operator says what it may not do, who it is, and what to add', async () => {
  const admin = await loadConfig({ kubeconfig: inject('realKubeconfig') });
  const lines: Line[] = [];
  await using manager = operator.manager({ config: { ...admin, impersonate: stranger }, log: recordingLog(lines) });
  const running = manager.run();
  running.catch(() => undefined);
  const said = () => lines.map((line) => JSON.stringify(line)).join('\n');
  await vi.waitFor(
    () =>
      expect(said()).toMatch(
        /cannot (list|watch) pods: .*nobody-bound.*Add the rule .*pods.* to a ClusterRole that is bound to it/,
      ),
    { timeout: 30_000 },
  );
  manager.stop();
  await running;
});
