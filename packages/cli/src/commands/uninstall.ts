import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import type { Client } from 'setpoint/client';
import { ignoreNotFound } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, loadOperator } from '../project.ts';
import { type ClusterFlags, interval, nameOf, prepare } from './cluster.ts';
import { withdrawWebhooks } from './webhook-configurations.ts';

/** Deletes the webhook configurations of `run --webhooks`, then each CRD, and waits until it has gone, with all of its objects. */
export async function uninstall(flags: ClusterFlags, output: Output): Promise<void> {
  const { manifests, client, timeout } = await prepare(flags);
  await withdrawWebhooks(await loadOperator(findProject(flags.project)), flags, output);
  await using _ = client;
  for (const manifest of manifests) {
    const was = await remove(client, manifest, timeout);
    output.out(`${nameOf(manifest)} ${was ? 'deleted' : 'not found'}\n`);
  }
}

/** Whether there was anything to remove. */
async function remove(client: Client, { metadata }: CrdManifest, timeout: number): Promise<boolean> {
  const name = metadata.name ?? '';
  if (!(await ignoreNotFound(client.delete(CustomResourceDefinition, { name })))) return false;
  const deadline = systemClock.monotonic() + timeout;
  for (;;) {
    const definition = await ignoreNotFound(client.get(CustomResourceDefinition, { name }));
    if (!definition) return true;
    if (systemClock.monotonic() > deadline) {
      const held = definition.status?.conditions?.find(({ type }) => type === 'Terminating')?.message;
      throw new Failure(
        `the CRD ${name} is still there after ${timeout / 1000} s${held ? ` (${held})` : ''}: objects with finalizers hold it; let the operator run until they have gone`,
      );
    }
    await sleep(systemClock, interval);
  }
}
