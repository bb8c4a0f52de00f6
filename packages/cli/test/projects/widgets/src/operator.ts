import { controller, defineKind, operator } from 'setpoint';
import { z } from 'zod';

export const Widget = defineKind({
  group: 'cli.example.com',
  version: 'v1',
  kind: 'Widget',
  spec: z.object({ size: z.number().int() }),
});

export default operator({ name: 'widgets', controllers: [controller(Widget, { reconcile: () => {} })] });
