import { gather, gathers, type RoleObject } from '../../authorization/index.ts';
import type { Collection } from '../../store/index.ts';
import type { Controller, ControllerContext } from '../host/index.ts';

/** Gives cluster roles with an aggregation rule the rules of all that its selectors choose. */
export const clusterRoleAggregation: Controller = {
  name: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',
  start(context) {
    const roles = context.resource('rbac.authorization.k8s.io', 'v1', 'clusterroles');
    const collection = context.collection(roles);
    const queue = context.queue((key) => reconcile(context, key));
    let known: Set<string> | undefined;
    // Which roles gather which follows from labels: after a change of any of them all are looked at. They are few, and
    // those that a cluster begins with have what they gather.
    const stop = collection.subscribe(undefined, ({ key, type, entry }) => {
      known ??= gatheringRoles(collection);
      if (type !== 'delete' && gathers(entry.object)) known.add(key);
      else known.delete(key);
      for (const one of known) queue.add(one);
    });
    context.onClose(stop);
  },
};

function gatheringRoles(collection: Collection): Set<string> {
  const entries = [...collection.present().entries('')];
  return new Set(entries.flatMap(({ key, object }) => (gathers(object) ? [key] : [])));
}

async function reconcile(context: ControllerContext, name: string): Promise<void> {
  const roles = context.resource('rbac.authorization.k8s.io', 'v1', 'clusterroles');
  const collection = context.collection(roles);
  const entry = collection.get(name);
  if (!entry) return;
  const all = Array.from(collection.present().entries(''), ({ object }) => object as RoleObject);
  const gathered = gather(entry.object, all);
  if (!gathered) return;
  await context.client.apply(roles, { metadata: { name }, rules: gathered.rules }, clusterRoleAggregation.name);
}
