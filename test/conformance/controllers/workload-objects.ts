import type { Answer, ScenarioServer } from '../scenario.ts';
import { wait } from './until.ts';

export const apps = (server: ScenarioServer, plural: string) =>
  `/apis/apps/v1/namespaces/${server.namespace}/${plural}`;
export const batch = (server: ScenarioServer, plural: string) =>
  `/apis/batch/v1/namespaces/${server.namespace}/${plural}`;
export const core = (server: ScenarioServer, plural: string) => `/api/v1/namespaces/${server.namespace}/${plural}`;

/** Reads until nothing changes any more, and records what there is then. */
export async function recordSettled(server: ScenarioServer, title: string, paths: readonly string[]): Promise<void> {
  let before = '';
  for (let same = 0, attempt = 0; same < 3 && attempt < 40; attempt++) {
    await wait(350);
    const now = JSON.stringify(await read(server, paths));
    same = now === before ? same + 1 : 0;
    before = now;
  }
  server.record(title, JSON.parse(before));
}

async function read(server: ScenarioServer, paths: readonly string[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const path of paths) {
    const { body } = await server.get(path, { unrecorded: true });
    const items: readonly unknown[] = body.items ?? [body];
    const shown = items
      .map((item) => show(item, path))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    seen.push({ path: path.replace(server.namespace, '<namespace>').replace(/\?.*/, ''), items: shown });
  }
  return seen;
}

/** What does not depend on chance, time, or how many writes it took. */
function show(item: unknown, path: string): unknown {
  if (path.endsWith('/events')) return showEvent(item as Event);
  const text = JSON.stringify(item, (key, value) => (dropped.has(key) || isTimeOf(key, value) ? undefined : value));
  const { metadata, spec, status, data, revision, reason } = JSON.parse(text);
  const isPod = path.includes('/pods');
  const name = isPod ? withoutChance(metadata?.name ?? '') : metadata?.name;
  const shownSpec = isPod
    ? {
        hostname: spec.hostname,
        subdomain: spec.subdomain,
        affinity: spec.affinity,
        tolerations: spec.tolerations,
        images: spec.containers.map(({ image, env }: { image: string; env?: unknown }) => ({ image, env })),
      }
    : spec;
  return {
    reason,
    metadata: { ...metadata, name },
    spec: shownSpec,
    status: withSortedConditions(status),
    data,
    revision,
  };
}

const dropped = new Set([
  'uid',
  'resourceVersion',
  'managedFields',
  'generation',
  'observedGeneration',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
]);

function isTimeOf(key: string, value: unknown): boolean {
  return typeof value === 'string' && /(Time|Timestamp)$/.test(key);
}

/** Their order is that of the steps in which they came about, which may fall together. */
function withSortedConditions(status: { conditions?: { type: string }[] } | undefined): unknown {
  if (!status?.conditions) return status;
  return { ...status, conditions: status.conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)) };
}

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly source: { readonly component?: string };
}

function showEvent({ involvedObject: { kind, name }, reason, message, type, source }: Event): unknown {
  return {
    kind,
    name: withoutChance(name),
    reason,
    message: withoutChance(message),
    type,
    component: source.component,
  };
}

/** Generated names end in five characters. */
export function withoutChance(text: string): string {
  return text.replace(/\b([a-z][\w-]*)-[bcdfghjklmnpqrstvwxz2-9]{5}\b(?!-)/g, '$1-<chance>');
}

export interface PodLike {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly phase: string };
}

export const pods = async (server: ScenarioServer): Promise<readonly PodLike[]> =>
  (await server.get(core(server, 'pods'), { unrecorded: true })).body.items;

/** Waits until a controller has looked at it for the first time. */
export async function observed(server: ScenarioServer, path: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const { body } = await server.until(path, (answer: Answer) => (answer.body.status?.observedGeneration ?? 0) > 0);
    if (body.status?.observedGeneration > 0) return;
  }
}

/** Waits until there are so many pods. */
export async function podCount(server: ScenarioServer, count: number): Promise<void> {
  await server.until(core(server, 'pods'), ({ body }: Answer) => body.items?.length === count);
}

/** Plays the kubelet: what does not run yet runs and is ready. */
export async function makeReady(server: ScenarioServer, status: object = running): Promise<void> {
  for (const { metadata, status: now } of await pods(server)) {
    if (now.phase !== 'Pending' || metadata.deletionTimestamp) continue;
    await server.patch(`${core(server, 'pods')}/${metadata.name}/status`, 'merge', { status }, { unrecorded: true });
  }
}

export const running = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
};
export const succeeded = { phase: 'Succeeded' };
export const failed = (exitCode = 1) => ({
  phase: 'Failed',
  containerStatuses: [
    {
      name: 'c',
      ready: false,
      restartCount: 0,
      image: 'i',
      imageID: '',
      state: { terminated: { exitCode, finishedAt: '2026-01-01T00:00:00Z', startedAt: '2026-01-01T00:00:00Z' } },
    },
  ],
});

export const template = (app: string, image = 'i:1') => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image }] },
});

export const withImage = (image: string) => ({ spec: { template: { spec: { containers: [{ name: 'c', image }] } } } });
