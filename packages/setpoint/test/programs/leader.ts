/**
 * An operator that writes all the time while it leads, for tests of leader election: every kind of write there is, on a
 * few objects. REPLICA names the process; with SHARDS, replicas share the objects.
 */
import { z } from 'zod';
import { controller, defineKind, dynamicKind, operator } from '../../src/index.ts';

export const Turn = defineKind({
  group: 'election.test.setpoint.dev',
  version: 'v1',
  kind: 'Turn',
  spec: z.object({}),
  status: z.object({ count: z.number().int().optional(), writer: z.string().optional() }),
});
const ConfigMap = dynamicKind({ group: '', version: 'v1', kind: 'ConfigMap', status: false });

const { REPLICA: writer = 'nobody', SHARDS: shards } = process.env;

const turns = controller(Turn, {
  owns: [ConfigMap],
  maxConcurrentReconciles: 3,
  ...(shards ? { shards: Number(shards) } : {}),
  async reconcile(turn, { apply, cache, client, delete: remove, events, status }) {
    const { namespace, name } = turn.metadata;
    const count = (turn.status?.count ?? 0) + 1;
    await status.patch({ count, writer });
    const child = { namespace, name: `${name}-child` };
    const present = cache.get(ConfigMap, child);
    if (count % 7 === 0 && present) await remove(present);
    else await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: child, data: { count: String(count), writer } });
    // Meant unconditionally, as a person would write it.
    const body = { data: { count: String(count), writer } };
    await client.patch(ConfigMap, { namespace, name: `${name}-raw` }, { type: 'merge', body });
    if (count % 20 === 0) events.normal('Counted', `${writer} counted to ${count}`);
    // Replicas that share work all at once, and the server has to keep up.
    return { requeueAfter: shards ? 250 : 10 };
  },
});

if (process.env.REPLICA) await operator({ name: 'turns', controllers: [turns] }).main();
