/** Asks for more than it needs, and needs what it has not asked for. */
import { controller, defineKind, operator } from 'setpoint';
import { ConfigMap, Secret } from 'setpoint/core/v1';
import { z } from 'zod';

export const Note = defineKind({
  group: 'cli.example.com',
  version: 'v1',
  kind: 'Note',
  spec: z.object({ text: z.string() }),
});

const mapper = controller(Note, {
  permissions: [{ kind: Secret, verbs: ['get'] }],
  async reconcile({ metadata: { name, namespace }, spec }, { client }) {
    const data = { text: spec.text };
    await client.patch(ConfigMap, { name, namespace }, { type: 'apply', body: { metadata: {}, data } });
  },
});

export default operator({ name: 'mapper', controllers: [mapper] });
