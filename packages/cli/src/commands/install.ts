import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { isAlreadyExists, isNotFound } from 'setpoint/errors';
import { type CrdManifest, crdManifest } from 'setpoint/manifests';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, loadOperator } from '../project.ts';

export interface InstallFlags {
  readonly project: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** How long a CRD may take to be accepted, or to go. */
const patience = 30_000;
const interval = 100;

export async function install(flags: InstallFlags, output: Output): Promise<void> {
  const { manifests, client } = await prepare(flags);
  await using _ = client;
  for (const manifest of manifests) {
    const what = await put(client, manifest);
    await established(client, manifest.metadata.name ?? '');
    output.out(`customresourcedefinition.apiextensions.k8s.io/${manifest.metadata.name} ${what}\n`);
  }
}

export async function uninstall(flags: InstallFlags, output: Output): Promise<void> {
  const { manifests, client } = await prepare(flags);
  await using _ = client;
  for (const { metadata } of manifests) {
    const name = metadata.name ?? '';
    try {
      await client.delete(CustomResourceDefinition, { name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      output.out(`customresourcedefinition.apiextensions.k8s.io/${name} not found\n`);
      continue;
    }
    await gone(client, name);
    output.out(`customresourcedefinition.apiextensions.k8s.io/${name} deleted\n`);
  }
}

async function prepare(flags: InstallFlags) {
  const operator = await loadOperator(findProject(flags.project));
  const manifests = operator.kinds.map((kind) => crdManifest(kind as Parameters<typeof crdManifest>[0]));
  if (manifests.length === 0) throw new Failure(`the operator ${operator.name} defines no kinds, so there is no CRD`);
  const { kubeconfig, context } = flags;
  const config = await loadConfig({ kubeconfig, context });
  return { manifests, client: createClient({ config, fieldManager: 'setpoint', userAgent: 'setpoint' }) };
}

/** Creates the definition, or makes the one that is there say the same. */
async function put(client: Client, manifest: CrdManifest): Promise<'created' | 'configured' | 'unchanged'> {
  const name = manifest.metadata.name ?? '';
  try {
    await client.create(CustomResourceDefinition, manifest as never);
    return 'created';
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const before = await client.get(CustomResourceDefinition, { name });
  const metadata = {
    ...before.metadata,
    annotations: { ...before.metadata.annotations, ...manifest.metadata.annotations },
    labels: { ...before.metadata.labels, ...manifest.metadata.labels },
  };
  const after = await client.update(CustomResourceDefinition, { ...before, metadata, spec: manifest.spec } as never);
  return deepEqual(before.spec as never, after.spec as never) ? 'unchanged' : 'configured';
}

async function established(client: Client, name: string): Promise<void> {
  let last = 'it has no conditions yet';
  for (let waited = 0; waited <= patience; waited += interval) {
    const { status } = await client.get(CustomResourceDefinition, { name });
    const conditions = status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
    if (refused)
      throw new Failure(`the cluster does not accept the CRD ${name}: ${refused.message} (${refused.reason})`);
    last = conditions.map(({ type, status, message }) => `${type}=${status} (${message})`).join(', ') || last;
    await sleep(systemClock, interval);
  }
  throw new Failure(`the CRD ${name} was not established within ${patience / 1000} s: ${last}`);
}

async function gone(client: Client, name: string): Promise<void> {
  for (let waited = 0; waited <= patience; waited += interval) {
    try {
      await client.get(CustomResourceDefinition, { name });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    await sleep(systemClock, interval);
  }
  throw new Failure(
    `the CRD ${name} is still there after ${patience / 1000} s: its objects are held by finalizers; run the operator to let it clean up`,
  );
}
