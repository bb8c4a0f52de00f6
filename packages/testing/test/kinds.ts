import { defineKind, type Resource } from 'setpoint';
import { z } from 'zod';

export const Task = defineKind({
  group: 'test.setpoint.dev',
  version: 'v1',
  kind: 'Task',
  spec: z.object({ size: z.number().int(), friend: z.string().optional() }),
  status: z.object({ seen: z.number().int().optional(), passes: z.number().int().optional() }),
});
export type Task = Resource<typeof Task>;

export const task = (name: string, size = 1, namespace = 'default') => ({
  metadata: { name, namespace },
  spec: { size },
});
export const key = (name: string, namespace = 'default') => ({ name, namespace });
