// An operator in plain JavaScript on the packed packages: kind, controller, test environment.
import { testEnvironment } from '@setpoint/testing';
import { controller, defineKind, operator } from 'setpoint';
import { z } from 'zod';

const Lamp = defineKind({
  group: 'smoke.setpoint.dev',
  version: 'v1',
  kind: 'Lamp',
  spec: z.object({ on: z.boolean() }),
  status: z.object({ shines: z.boolean().optional() }),
});
const lamps = controller(Lamp, {
  reconcile: async (lamp, { status }) => void (await status.patch({ shines: lamp.spec.on })),
});

const env = await testEnvironment({ kinds: [Lamp] });
await env.start(operator({ controllers: [lamps] }));
await env.client.create(Lamp, { metadata: { name: 'a', namespace: 'default' }, spec: { on: true } });
await env.settled();
const { status } = await env.client.get(Lamp, { name: 'a', namespace: 'default' });
if (status?.shines !== true) throw new Error(`the lamp does not shine: ${JSON.stringify(status)}`);
await env.close();
console.log('an operator on the packed packages reconciles');
