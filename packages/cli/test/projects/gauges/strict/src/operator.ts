/** Takes less than the other versions, and has a field less. */
import { defineKind, operator } from 'setpoint';
import { z } from 'zod';

const Gauge = defineKind({
  group: 'gauges.cli.example.com',
  version: 'v1alpha1',
  kind: 'Gauge',
  spec: z.object({ size: z.int().max(5) }),
});

export default operator({ name: 'gauges', kinds: [Gauge] });
