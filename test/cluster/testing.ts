// What the tests of deployments share.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Deployment } from 'setpoint/apps/v1';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { Lease } from 'setpoint/coordination.k8s.io/v1';
import { Pod } from 'setpoint/core/v1';
import { expect, inject } from 'vitest';
import { importImage } from './node.ts';

export const cluster = inject('cluster');

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HELM_CACHE_HOME: join(cluster.projects, '.helm') };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
    );
  });
}

/** The command, as it is packed, in the folder of an operator. */
export function setpoint(operator: string, ...args: readonly string[]): Promise<Ended> {
  const { projects } = cluster;
  return run(join(projects, 'node_modules/.bin/setpoint'), args, join(projects, operator));
}

/** A program that has to succeed, in the folder of an operator; what it wrote. */
export async function succeeds(operator: string, program: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(program, args, join(cluster.projects, operator));
  expect(code, `${program} ${args.join(' ')}\n${out}${err}`).toBe(0);
  return out;
}

export const kubectl = join(cluster.binaries, 'kubectl');

/** Builds the image of an operator with the command, and gives it to the node as what a registry would have given. */
export async function provideImage(operator: string, tag: string): Promise<void> {
  const archive = join(cluster.projects, `${operator}.tar`);
  const program = join(cluster.projects, 'node_modules/.bin/setpoint');
  await succeeds(operator, program, 'image', '--tag', tag, '--base', cluster.base, '--output', archive);
  importImage(cluster.pid, archive);
}

export async function connected(): Promise<Client> {
  return createClient({ config: await loadConfig({ kubeconfig: cluster.kubeconfig }), fieldManager: 'test' });
}

/** For `expect.poll` and `vi.waitFor`: a cluster brings things about in its own time. */
export const patience = { timeout: 60_000, interval: 100 } as const;

/** Deploys an operator as an image of this name; when it resolves, its webhooks answer. */
export async function deploy(operator: string, image: string): Promise<void> {
  await provideImage(operator, image);
  const { code, out, err } = await setpoint(operator, 'deploy', '--image', image);
  expect(code, `${out}${err}`).toBe(0);
}

export async function undeploy(operator: string): Promise<void> {
  const { code, out, err } = await setpoint(operator, 'undeploy', '--crds');
  expect(code, `${out}${err}`).toBe(0);
}

/** What is in the cluster, of all kinds, but for events, which tell what happened, and what the kubelet says of itself. */
export async function objectsOf(client: Client): Promise<readonly string[]> {
  client.discovery.forget();
  const all = await client.discovery.all();
  const preferred = new Map(all.toReversed().map((one) => [`${one.group}/${one.plural}`, one]));
  const lists = [...preferred.values()]
    .filter(({ kind, verbs }) => kind !== 'Event' && verbs.includes('list'))
    .map(async ({ group, version, kind }) => {
      const { items } = await client.list({ apiVersion: group === '' ? version : `${group}/${version}`, kind });
      const others = items.filter(({ metadata }) => metadata.namespace !== 'kube-node-lease');
      return others.map(({ metadata: { namespace = '', name } }) => `${kind}.${group} ${namespace}/${name}`);
    });
  return (await Promise.all(lists)).flat().sort();
}

/** The pods of an operator that are ready and stay. */
export async function readyPods(
  client: Client,
  name: string,
  namespace = `${name}-system`,
): Promise<readonly string[]> {
  const { items } = await client.list(Pod, { namespace, labelSelector: `app.kubernetes.io/name=${name}` });
  const ready = items.filter(
    ({ metadata, status }) =>
      !metadata.deletionTimestamp && status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  );
  return ready.map(({ metadata }) => metadata.name);
}

/** Which pod holds the Lease; the rest of the identity tells two processes of one pod apart. */
export async function leader(client: Client, name: string, namespace = `${name}-system`): Promise<string> {
  const { spec } = await client.get(Lease, { namespace, name: `${name}-leader` });
  return spec?.holderIdentity?.split('_')[0] ?? '';
}

export async function scale(client: Client, name: string, replicas: number): Promise<void> {
  const key = { namespace: `${name}-system`, name: `${name}-controller-manager` };
  await client.patch(Deployment, key, { type: 'merge', body: { spec: { replicas } } });
}
