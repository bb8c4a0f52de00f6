import { z } from 'zod';
import { defineKind, type Resource } from '../../src/kinds/index.ts';

/** A kind with all that a controller may use: spec, status, conditions. */
export const Widget = defineKind({
  group: 'test.example.com',
  version: 'v1',
  kind: 'Widget',
  spec: z.object({ size: z.number().int(), color: z.string().optional() }),
  status: z.object({
    ready: z.boolean().optional(),
    seen: z.number().int().optional(),
    conditions: z
      .array(
        z.object({
          type: z.string(),
          status: z.enum(['True', 'False', 'Unknown']),
          observedGeneration: z.number().int().optional(),
          lastTransitionTime: z.string(),
          reason: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  }),
});
export type Widget = Resource<typeof Widget>;

/** A kind whose status declares no conditions. */
export const Plain = defineKind({
  group: 'test.example.com',
  version: 'v1',
  kind: 'Plain',
  spec: z.object({ size: z.number().int() }),
  status: z.object({ size: z.number().int().optional() }),
});
export type Plain = Resource<typeof Plain>;

/** A cluster-scoped kind. */
export const Zone = defineKind({
  group: 'test.example.com',
  version: 'v1',
  kind: 'Zone',
  scope: 'Cluster',
  spec: z.object({ size: z.number().int() }),
});

export const plain = (name: string, size = 1) => ({ metadata: { namespace: 'default', name }, spec: { size } });
