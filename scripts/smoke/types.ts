// Compiled against the packed declarations, with the strictest settings a user may have.
import { controller, defineKind, index, metadata, operator, type Resource, watch } from 'setpoint';
import { Pod } from 'setpoint/core/v1';
import { z } from 'zod';

const Lamp = defineKind({
  group: 'smoke.setpoint.dev',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ on: z.boolean(), room: z.string().default('hall') }),
  status: z.object({ shines: z.boolean().optional() }),
});
type Lamp = Resource<typeof Lamp>;

const byRoom = index(Lamp, (lamp) => lamp.spec.room);
export const lamps = controller(Lamp, {
  watches: [
    watch(metadata(Pod), { reads: [byRoom], enqueue: (pod, { cache }) => cache.lookup(byRoom, pod.metadata.name) }),
  ],
  async reconcile(lamp: Lamp, { status }) {
    await status.patch({ shines: lamp.spec.on });
    // @ts-expect-error the status has no such field
    await status.patch({ glows: true });
  },
});
export default operator({ controllers: [lamps] });
