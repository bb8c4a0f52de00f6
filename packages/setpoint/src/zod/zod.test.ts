import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { conditionsJsonSchema, fromJsonSchema, type SchemaSource, structuralSchema } from '../schema/index.ts';
import { anything, conditions, embeddedResource, goDuration, int32, int64, intOrString, quantity } from './index.ts';

const of = (source: SchemaSource) => structuralSchema(source, { kind: 'Foo', path: 'status', defaults: false }).schema;
const field = (schema: z.ZodType) => of(z.object({ f: schema })).properties?.f;

describe('setpoint/zod', () => {
  it('has conditions that mean the same as those of plain JSON Schema', () => {
    const plain = of(fromJsonSchema({ type: 'object', properties: { f: conditionsJsonSchema } })).properties?.f;
    expect(of(z.object({ f: conditions() })).required).toBeUndefined();
    expect(field(conditions())).toEqual({
      ...plain,
      items: {
        ...(plain?.items as object),
        required: expect.arrayContaining([...conditionsJsonSchema.items.required]),
      },
    });
  });

  it('has the types of Kubernetes that zod has no word for', () => {
    expect(field(quantity())).toMatchObject({
      'x-kubernetes-int-or-string': true,
      pattern: expect.stringContaining('KMGTPE'),
    });
    expect(field(intOrString())).toMatchObject({ 'x-kubernetes-int-or-string': true });
    expect(field(int32())).toMatchObject({ type: 'integer', format: 'int32' });
    expect(field(int64())).toEqual({ type: 'integer', format: 'int64' });
    expect(field(goDuration())).toEqual({ type: 'string', format: 'duration' });
    expect(field(anything())).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(field(embeddedResource())).toMatchObject({ type: 'object', 'x-kubernetes-embedded-resource': true });
  });
});
