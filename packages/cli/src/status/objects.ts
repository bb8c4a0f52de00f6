import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from 'setpoint/client';
import { Event } from 'setpoint/core/v1';
import { EndpointSlice } from 'setpoint/discovery.k8s.io/v1';
import { isNotFound } from 'setpoint/errors';
import { type CrdManifest, webhookNames } from 'setpoint/manifests';
import { readinessOf } from 'setpoint/readiness';
import { checkCertificates, checkCrd } from '../doctor/index.ts';
import { type Definition, findDefinition, kindOf, readableVersion, storageVersion } from '../storage/index.ts';
import type { Line } from './report.ts';

/** Of objects that are not ready, and of Events; more are only counted. */
const maximumShown = 5;

/** Whether a CRD is served, what its objects are stored in, and whether it says what the project declares. */
export async function definitionLine(
  client: Client,
  manifest: CrdManifest,
  compare: () => Promise<'unchanged' | 'configured' | 'created'>,
): Promise<Line> {
  const about = 'crd';
  const name = manifest.metadata.name ?? '';
  const found = await findDefinition(client, name);
  if (!found) return { state: 'failure', about, name, text: 'is not in the cluster: run `setpoint install`' };
  const { conditions, storedVersions } = found.status ?? {};
  const established = conditions?.find(({ type }) => type === 'Established')?.status === 'True';
  const stored = storedVersions ?? [];
  const target = storageVersion(found);
  const drift = await checkCrd(manifest, compare);
  const facts = { established, storedVersions: stored, storageVersion: target, drift: drift.text };
  if (!established) {
    const reasons = (conditions ?? []).map(({ type, status, message }) => `${type}=${status}: ${message}`);
    return { state: 'failure', about, name, text: 'is not established', reasons, facts };
  }
  const old = stored.filter((version) => version !== target);
  const reasons = [
    ...(drift.state === 'ok' ? [] : [`${drift.text} → ${drift.remedy}`]),
    ...(old.length === 0 ? [] : [`objects may be stored in ${old.join(', ')} → run \`setpoint migrate-storage\``]),
  ];
  const text = `is established, stored in ${stored.join(', ')}`;
  return { state: reasons.length === 0 ? 'ok' : 'warning', about, name, text, reasons, facts };
}

/** How many objects of a kind there are, and which of them are not ready. */
export async function objectsLine(client: Client, { metadata }: CrdManifest): Promise<Line | undefined> {
  const definition = await findDefinition(client, metadata.name ?? '');
  const version = definition && readableVersion(definition);
  if (!version) return undefined;
  let count = 0;
  let waiting = 0;
  const reasons: string[] = [];
  for await (const { items } of client.pages(kindOf(definition as Definition, version))) {
    for (const object of items as readonly KubeObject[]) {
      count++;
      const why = whyNotReady(object);
      if (why === undefined) continue;
      const { namespace, name } = object.metadata;
      if (waiting++ < maximumShown) reasons.push(`${namespace ? `${namespace}/` : ''}${name}: ${why}`);
    }
  }
  if (waiting > maximumShown) reasons.push(`… and ${waiting - maximumShown} more`);
  const text = waiting === 0 ? `${count}` : `${count}, ${waiting} of them not ready`;
  const facts = { count, notReady: waiting };
  return { state: waiting === 0 ? 'ok' : 'warning', about: 'objects', name: metadata.name ?? '', text, reasons, facts };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** As the object itself says it, by its readiness or by the outcome of its last pass. */
function whyNotReady(object: KubeObject): string | undefined {
  const now = readinessOf(object);
  if (now.state !== 'ready') return now.message;
  const conditions = (object as { readonly status?: { readonly conditions?: readonly Condition[] } }).status
    ?.conditions;
  return conditions?.find(({ type, status }) => type === 'Reconciled' && status === 'False')?.message;
}

/** The certificate that webhooks are served with, and whether a pod is there that serves them. */
export async function webhookLines(client: Client, namespace: string, operator: string): Promise<readonly Line[]> {
  const { state, text, remedy } = await checkCertificates(client, operator, namespace);
  const certificate = { state, about: 'certificate', text: remedy === undefined ? text : `${text} → ${remedy}` };
  const { service } = webhookNames(operator);
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const { items } = await client.list(EndpointSlice, { namespace, labelSelector });
  const ready = items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false);
  const reached = { about: 'webhooks', facts: { service: `${namespace}/${service}`, endpoints: ready.length } };
  if (ready.length > 0) return [certificate, { ...reached, state: 'ok', text: `${ready.length} pods serve them` }];
  const nobody = `no pod serves them behind the Service ${namespace}/${service}: the API server refuses what they would judge`;
  return [certificate, { ...reached, state: 'failure', text: nobody }];
}

/** What was said of the operator's objects and pods as a warning, the latest first. */
export async function warningLines(
  client: Client,
  namespace: string,
  { operator, kinds }: { readonly operator: string; readonly kinds: ReadonlySet<string> },
): Promise<readonly Line[]> {
  const { items } = await client.list(Event, { fieldSelector: 'type=Warning' }).catch((error: unknown) => {
    if (isNotFound(error)) return { items: [] };
    throw error;
  });
  const time = (event: (typeof items)[number]) =>
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '';
  return items
    .filter(({ involvedObject: { apiVersion = '', kind = '', name = '' }, metadata }) => {
      const own = metadata.namespace === namespace && name.startsWith(operator);
      return own || kinds.has(`${kind}.${apiVersion.split('/')[0]}`);
    })
    .sort((a, b) => (time(a) < time(b) ? 1 : -1))
    .slice(0, maximumShown)
    .map((event) => {
      const { involvedObject: about, reason, message, count, series } = event;
      const times = series?.count ?? count ?? 1;
      const text = `${reason}: ${message}${times > 1 ? ` (${times} times)` : ''}, last ${time(event)}`;
      return {
        state: 'warning',
        about: 'event',
        name: `of ${about.kind} ${about.namespace ?? ''}/${about.name}`,
        text,
      };
    });
}
