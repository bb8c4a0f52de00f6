import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { objectMetaType } from './builtin.ts';
import {
  deducedType,
  type FieldSchema,
  fieldSchema,
  type ListSchema,
  type MapSchema,
  noFields,
  type ScalarType,
  type TypeSchema,
  typeSchema,
  untypedType,
} from './type-schema.ts';

const text = typeSchema({ scalar: 'string' });

/**
 * The type of a custom resource in one version, with the metadata of every object. Without a schema its objects are
 * merged by what they are. `preserveUnknownFields` is that of the definition as a whole.
 */
export function structuralType(schema: StructuralSchema | undefined, preserveUnknownFields = false): TypeSchema {
  if (!schema) return typeSchema({ map: { fields: noFields, element: deducedType, atomic: false } });
  return convert(schema, preserveUnknownFields, true);
}

/** What is below a schema that keeps unknown fields keeps them too. */
function convert(schema: StructuralSchema, inherited: boolean, root = false): TypeSchema {
  const preserve = inherited || schema['x-kubernetes-preserve-unknown-fields'] === true;
  switch (schema.type ?? '') {
    case '':
      return typeSchema({ scalar: 'untyped', list: listOf(schema, preserve), map: mapOf(schema, preserve, root) });
    case 'object':
      return typeSchema({ map: mapOf(schema, preserve, root) });
    case 'array':
      return typeSchema({ list: listOf(schema, preserve) });
    default:
      return typeSchema({ scalar: scalarOf(schema) });
  }
}

/** Strings with a format may be anything. */
function scalarOf({ type, format = '' }: StructuralSchema): ScalarType {
  switch (type) {
    case 'integer':
    case 'number':
      return 'numeric';
    case 'boolean':
      return 'boolean';
    default:
      return format === '' || format === 'byte' ? 'string' : 'untyped';
  }
}

function listOf(schema: StructuralSchema, preserve: boolean): ListSchema {
  const { items } = schema;
  const listType = schema['x-kubernetes-list-type'];
  const single = items && !Array.isArray(items) ? (items as StructuralSchema) : undefined;
  return {
    element: single ? convert(single, preserve) : untypedType,
    atomic: listType !== 'set' && listType !== 'map',
    keys: listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [],
  };
}

function mapOf(schema: StructuralSchema, preserve: boolean, root: boolean): MapSchema {
  const properties = Object.entries(schema.properties ?? {});
  const fields = new Map<string, FieldSchema>();
  for (const [name, property] of properties) {
    fields.set(name, fieldSchema(name, convert(property, preserve), property.default));
  }
  if (root || schema['x-kubernetes-embedded-resource'] === true) {
    for (const name of ['apiVersion', 'kind']) fields.set(name, fieldSchema(name, text));
    fields.set('metadata', fieldSchema('metadata', objectMetaType()));
  }
  return {
    fields,
    element: otherFields(schema, preserve, fields.size === 0),
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
  };
}

/** An object of which nothing is said may have any field. */
function otherFields(schema: StructuralSchema, preserve: boolean, nothingDeclared: boolean): TypeSchema | undefined {
  const { additionalProperties } = schema;
  if (additionalProperties === undefined) return preserve || nothingDeclared ? deducedType : undefined;
  if (typeof additionalProperties === 'object') return convert(additionalProperties, preserve);
  return additionalProperties ? deducedType : undefined;
}
