import { defineKind } from 'setpoint';
import { z } from 'zod';

/** The same kind in any version. */
export function gauge(version: string) {
  return defineKind({
    group: 'gauges.cli.example.com',
    version,
    kind: 'Gauge',
    spec: z.object({ size: z.int(), unit: z.string().optional() }),
    status: z.object({ level: z.int().optional() }),
  });
}
