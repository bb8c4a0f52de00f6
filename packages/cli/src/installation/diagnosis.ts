import { systemClock } from '@setpoint/apimachinery/clock';
import type { LabelSelector } from '@setpoint/apimachinery/meta';
import { Deployment } from 'setpoint/apps/v1';
import type { Client, ObjectOf } from 'setpoint/client';
import { Event, Pod } from 'setpoint/core/v1';

/** Of events; the latest say most. */
const maximumEvents = 5;
/** Of the log of a container that has ended. */
const maximumLines = 3;
/** Milliseconds that a node may take to show a log. */
const logPatience = 5_000;

type PodObject = ObjectOf<typeof Pod>;
type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

/** Why a Deployment is not available, as far as the cluster tells: the nearest cause first. */
export async function whyNotAvailable(
  client: Pick<Client, 'get' | 'list' | 'logs'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<readonly string[]> {
  const { spec, status } = await client.get(Deployment, { namespace, name });
  const pods = await client.list(Pod, { namespace, labelSelector: spec?.selector as LabelSelector });
  const ofPods = (await Promise.all(pods.items.map((pod) => whyPodIsNot(client, pod)))).flat();
  const events = await client.list(Event, { namespace, fieldSelector: 'type=Warning' });
  const warnings = warningsAbout(name, events.items);
  return [...ofPods, ...whyConditions(status?.conditions ?? []), ...warnings];
}

/** `Available` says no more than what was asked, unless nothing else does. */
function whyConditions(conditions: readonly Condition[]): readonly string[] {
  const bad = conditions.filter(({ type, status }) => status === (type === 'ReplicaFailure' ? 'True' : 'False'));
  const causes = bad.filter(({ type }) => type !== 'Available');
  return (causes.length > 0 ? causes : bad).map(
    ({ type, reason, message }) => `the Deployment's condition ${type}: ${message} (${reason})`,
  );
}

/** Of each object and reason the latest: what is tried again and again fails with a new name each time. */
function warningsAbout(name: string, events: readonly ObjectOf<typeof Event>[]): readonly string[] {
  const latest = new Map<string, string>();
  for (const { involvedObject, reason, message } of events) {
    if (!involvedObject.name?.startsWith(name)) continue;
    const about = `Warning of ${involvedObject.kind} ${involvedObject.name}: ${reason}`;
    latest.delete(about);
    latest.set(about, `${about}: ${message}`);
  }
  return [...latest.values()].slice(-maximumEvents);
}

async function whyPodIsNot(client: Pick<Client, 'logs'>, pod: PodObject): Promise<readonly string[]> {
  const { metadata, status } = pod;
  const label = `pod ${metadata.name}`;
  const reasons: string[] = [];
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') reasons.push(`${label}: no node takes it: ${scheduled.message ?? ''}`);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, ready, state, lastState, restartCount } of containers) {
    const waiting = state?.waiting;
    if (ready && !waiting) continue;
    const ended = state?.terminated ?? lastState?.terminated;
    const last = ended ? `, it ended with ${ended.exitCode} (${ended.reason}) ${restartCount} times` : '';
    const said = waiting?.message ? ` (${waiting.message})` : '';
    const what = waiting ? `waits: ${waiting.reason}${said}` : 'is not ready';
    const previous = state?.terminated === undefined;
    const wrote = ended ? await lastLines(client, pod, { container: name, previous }) : [];
    reasons.push(`${label}: container ${name} ${what}${last}`, ...wrote);
  }
  return reasons;
}

/** What a container that has ended wrote at the end; nothing where nobody can say. */
async function lastLines(
  client: Pick<Client, 'logs'>,
  { metadata: { namespace, name } }: PodObject,
  options: { readonly container: string; readonly previous: boolean },
): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  const late = new AbortController();
  const timer = systemClock.timer(logPatience, () => late.abort());
  try {
    const wanted = { ...options, tailLines: maximumLines, limitBytes: 4096, signal: late.signal };
    for await (const chunk of client.logs({ namespace, name }, wanted)) chunks.push(chunk);
  } catch {
    return [];
  } finally {
    timer.cancel();
  }
  const lines = Buffer.concat(chunks).toString('utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => `  it wrote: ${line}`);
}
