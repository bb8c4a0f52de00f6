import type { ServedResource } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type Controller, type ControllerContext, isStatus, nextTurn } from '../host/index.ts';
import { conditionsOf, mergedConditions, type Outcome, type Remaining } from './conditions.ts';

/** Deletions after which requests get a turn. */
const slice = 64;

/**
 * Empties namespaces that are being deleted, says in their conditions how far it is, and lets them go when nothing is
 * left. What waits for finalizers or a grace period is looked at again when one of its objects goes.
 */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  start(context) {
    const namespaces = context.resource('', 'v1', 'namespaces');
    const waiting = new Map<string, () => void>();
    const queue = context.queue(async (name) => {
      waiting.get(name)?.();
      waiting.delete(name);
      const remaining = await reconcile(context, namespaces, name);
      if (remaining.length === 0) return;
      const stops = remaining.map(({ resource }) =>
        context.collection(resource).subscribe(name, (change) => {
          if (change.type === 'delete') queue.add(name);
        }),
      );
      waiting.set(name, () => {
        for (const stop of stops) stop();
      });
    });
    context.onClose(() => {
      for (const stop of waiting.values()) stop();
    });
    context.watch(namespaces, ({ type, key, entry }) => {
      if (type !== 'delete' && entry.object.metadata.deletionTimestamp) queue.add(key);
    });
  },
};

/** Answers what still has to go by itself. */
async function reconcile(
  context: ControllerContext,
  namespaces: ServedResource,
  name: string,
): Promise<readonly Remaining[]> {
  const { client } = context;
  const namespace = client.get(namespaces, '', name) as LooseNamespace | undefined;
  if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.length) return [];
  const outcome = await empty(context, name);
  await report(context, namespaces, name, outcome);
  if (outcome.errors.length > 0) {
    throw new Error(`namespace ${name} cannot be emptied: ${outcome.errors.join('; ')}`);
  }
  if (outcome.remaining.length > 0) return outcome.remaining;
  await client.finalizeNamespace(name, (finalizers) => finalizers.filter((one) => one !== 'kubernetes'));
  return [];
}

interface LooseNamespace {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec?: { readonly finalizers?: readonly string[] };
}

/** Pods go first; while one is there nothing else is touched. */
async function empty(context: ControllerContext, namespace: string): Promise<Outcome & { readonly first: boolean }> {
  const errors: string[] = [];
  const remaining: Remaining[] = [];
  const resources = onePerStorage(context.registry.list());
  const pods = resources.filter((one) => one.storageKey === '/pods');
  for (const group of [pods, resources.filter((one) => one.storageKey !== '/pods')]) {
    for (const resource of group) {
      await deleteAll(context, resource, namespace, errors);
      const objects = Array.from(context.collection(resource).present().entries(`${namespace}/`), (one) => one.object);
      if (objects.length > 0) remaining.push({ resource, objects });
    }
    if (remaining.length > 0 && group === pods) return { remaining, errors, first: true };
  }
  return { remaining, errors, first: false };
}

async function deleteAll(
  context: ControllerContext,
  resource: ServedResource,
  namespace: string,
  errors: string[],
): Promise<void> {
  const names = Array.from(
    context.collection(resource).present().entries(`${namespace}/`),
    (entry) => entry.object.metadata.name ?? '',
  );
  for (const [done, name] of names.entries()) {
    if (done % slice === slice - 1) await nextTurn();
    try {
      await context.client.delete(resource, namespace, name, { propagationPolicy: 'Background' });
    } catch (error) {
      // As a deletecollection does, it ends at the first that is refused.
      errors.push(error instanceof Error ? error.message : String(error));
      return;
    }
  }
}

/** While Pods remain the real controller says of the rest that all is well; so does this one. */
async function report(
  context: ControllerContext,
  namespaces: ServedResource,
  name: string,
  { remaining, errors, first }: Outcome & { readonly first: boolean },
): Promise<void> {
  const conditions = conditionsOf({ remaining: first ? [] : remaining, errors });
  const now = timestamp(context.clock.now());
  try {
    await context.client.update(
      namespaces,
      '',
      name,
      (object) => {
        const merged = mergedConditions(object.status?.conditions ?? [], conditions, now);
        object.status = { ...object.status, phase: 'Terminating', conditions: merged };
        return true;
      },
      { part: 'status' },
    );
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** The namespaced resources that can be deleted, each kept thing once. */
function onePerStorage(resources: readonly ServedResource[]): ServedResource[] {
  const byKey = new Map<string, ServedResource>();
  for (const resource of resources) {
    if (!resource.namespaced || resource.notImplemented !== undefined || !resource.verbs.includes('delete')) continue;
    if (!byKey.has(resource.storageKey)) byKey.set(resource.storageKey, resource);
  }
  return [...byKey.values()];
}
