import type { MutableObject, ServedResource } from '../../registry/index.ts';
import type { ControllerContext } from '../host/index.ts';
import {
  byRevisionNumber,
  type Owned,
  renumber,
  revisionHash,
  sameData,
  storeRevision,
  templatePatch,
} from '../workload/index.ts';

const hashLabel = 'controller.kubernetes.io/hash';

export interface Revisions {
  readonly all: readonly MutableObject[];
  /** What pods were made of, until an update is over. */
  readonly current: MutableObject;
  readonly update: MutableObject;
  readonly collisionCount: number;
}

/** The revisions of a set; the one of its present template is made if it is not there. */
export async function revisionsOf(
  context: ControllerContext,
  sets: ServedResource,
  owned: Owned,
  set: MutableObject,
): Promise<Revisions> {
  const all = owned.of(set).toSorted(byRevisionNumber);
  let collisionCount: number = set.status?.collisionCount ?? 0;
  const data = templatePatch(set);
  const number = (all.at(-1)?.revision ?? 0) + 1;
  const same = all.filter((one) => sameData(one, data)).at(-1);
  let update = same && (same === all.at(-1) ? same : await renumber(context, same, number));
  while (!update) {
    const hash = revisionHash(data, collisionCount);
    const labels = { ...set.spec.template.metadata?.labels, [hashLabel]: hash };
    update = await storeRevision(context, { owners: sets, owner: set, data, hash, revision: number, labels });
    if (!update) collisionCount += 1;
  }
  const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { all, current, update, collisionCount };
}

/** The set as it was at a revision. */
export function setAt(set: MutableObject, revision: MutableObject): MutableObject {
  const { $patch: _, ...template } = revision.data.spec.template;
  return { ...set, spec: { ...set.spec, template } };
}

/** Deletes the oldest that nothing needs any more, but for as many as are to be kept. */
export async function truncate(
  context: ControllerContext,
  set: MutableObject,
  { all, current, update }: Revisions,
  live: ReadonlySet<string>,
): Promise<void> {
  const revisions = context.resource('apps', 'v1', 'controllerrevisions');
  const needed = new Set([...live, current.metadata.name, update.metadata.name]);
  const old = all.filter(({ metadata }) => !needed.has(metadata.name ?? ''));
  const excess = old.length - (set.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of old.slice(0, Math.max(0, excess)))
    await context.client.delete(revisions, metadata.namespace ?? '', metadata.name ?? '', { uid: metadata.uid ?? '' });
}
