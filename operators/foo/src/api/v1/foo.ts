import { defineKind, type Resource } from 'setpoint';
import { z } from 'zod';

export const Foo = defineKind({
  group: 'tutorial.my.domain',
  version: 'v1',
  kind: 'Foo',
  description: 'Foo is the Schema for the foos API',
  spec: z.object({
    name: z.string().describe('Name of the friend Foo is looking for'),
  }),
  status: z.object({
    happy: z.boolean().optional().describe('Happy will be set to true if Foo found a friend'),
  }),
  columns: [{ name: 'Happy', type: 'boolean', path: '.status.happy' }],
});
export type Foo = Resource<typeof Foo>;
