import { defineKind, operator } from 'setpoint';
import { z } from 'zod';

/** The rule names a field that there is not, which only a server notices. */
export const Widget = defineKind({
  group: 'cli.example.com',
  version: 'v1',
  kind: 'Widget',
  spec: z.object({
    sizes: z.array(z.object({ wide: z.int() }).meta({ 'x-kubernetes-validations': [{ rule: 'self.high > 0' }] })),
  }),
});

export default operator({ name: 'refused', kinds: [Widget] });
