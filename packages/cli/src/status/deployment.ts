import { systemClock } from '@setpoint/apimachinery/clock';
import { Deployment } from 'setpoint/apps/v1';
import type { Client } from 'setpoint/client';
import { Lease } from 'setpoint/coordination.k8s.io/v1';
import { ignoreNotFound } from 'setpoint/errors';
import { readinessOf } from 'setpoint/readiness';
import { whyNotAvailable } from '../installation/index.ts';
import type { Line } from './report.ts';

/** Whether the operator's pods are there, which version they are, and what they wait for. */
export async function deploymentLine(client: Client, namespace: string, name: string): Promise<Line> {
  const about = 'deployment';
  const found = await ignoreNotFound(client.get(Deployment, { namespace, name }));
  if (!found) return { state: 'failure', about, name, text: `is not in ${namespace}: run \`setpoint deploy\`` };
  const { spec, status } = found;
  const now = readinessOf(found as never);
  const image = spec?.template?.spec?.containers[0]?.image;
  const { replicas = 1 } = spec ?? {};
  const { readyReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const counted = `${readyReplicas} of ${replicas} ready, ${image}`;
  const facts = { namespace, image, replicas, readyReplicas, updatedReplicas, availableReplicas };
  if (now.state === 'ready') return { state: replicas === 0 ? 'warning' : 'ok', about, name, text: counted, facts };
  const reasons = await whyNotAvailable(client, { namespace, name });
  return { state: 'failure', about, name, text: `${counted}; ${now.message}`, reasons, facts };
}

/** Who leads, and since when. */
export async function leaderLine(client: Client, namespace: string, operator: string): Promise<Line> {
  const about = 'leader';
  const name = `${operator}-leader`;
  const { spec } = (await ignoreNotFound(client.get(Lease, { namespace, name }))) ?? {};
  const holder = spec?.holderIdentity;
  if (!holder) return { state: 'warning', about, text: `nobody holds the lease ${namespace}/${name}` };
  const { acquireTime, renewTime, leaseDurationSeconds = 15 } = spec;
  const age = (systemClock.now() - Date.parse(renewTime ?? '')) / 1000;
  const facts = { holder, since: acquireTime, renewed: renewTime };
  const since = `${holder} since ${acquireTime}`;
  // Clocks of two machines differ by some seconds.
  if (age <= leaseDurationSeconds * 2) return { state: 'ok', about, text: since, facts };
  return { state: 'warning', about, text: `${since}, which has not renewed its lease since ${renewTime}`, facts };
}
