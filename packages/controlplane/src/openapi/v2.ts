import { isJsonObject, stringifyJson } from '@setpoint/apimachinery/json';
import { bytesField, messageField, stringField } from './protobuf.ts';

/** What kubectl asks for; a server answers without the `@`, which content types may not have. */
export const openApiV2Accepted = /application\/com\.github\.proto-openapi\.spec\.v2(@|\.)v1\.0\+protobuf/;
export const openApiV2ContentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

type Schema = { readonly [key: string]: unknown };

/**
 * An OpenAPI v2 document in the protobuf encoding of gnostic (openapiv2/OpenAPIv2.proto), with the schemas and without
 * the paths: what kubectl validates against when it meets a kind that no v3 document speaks of, a `List` among them.
 */
export function openApiV2Document(definitions: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const info = [stringField(1, 'Kubernetes'), stringField(2, '1.36')];
  const named = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytesField(1, bytes));
  return Buffer.concat([stringField(1, '2.0'), messageField(2, info), messageField(8, []), messageField(9, named)]);
}

/** A component of a v3 document as a named schema of a v2 document. */
export function openApiV2Definition(name: string, component: Schema): Uint8Array {
  return Buffer.concat([stringField(1, name), messageField(2, schemaFields(component))]);
}

function schemaFields(component: Schema): Uint8Array[] {
  const schema = unwrapped(component);
  const fields: Uint8Array[] = [];
  for (const [key, number] of texts) {
    const value = schema[key];
    if (typeof value === 'string') fields.push(stringField(number, value));
  }
  const { $ref, required, additionalProperties, items, properties } = schema;
  if (typeof $ref === 'string') fields.push(stringField(1, $ref.replace('#/components/schemas/', '#/definitions/')));
  if (Array.isArray(required)) fields.push(...required.map((name) => stringField(19, String(name))));
  if (isJsonObject(additionalProperties))
    fields.push(messageField(21, [messageField(1, schemaFields(additionalProperties))]));
  const type = typeOf(schema);
  if (type !== undefined) fields.push(messageField(22, [stringField(1, type)]));
  if (isJsonObject(items)) fields.push(messageField(23, [messageField(1, schemaFields(items))]));
  if (isJsonObject(properties)) {
    const named = Object.entries(properties).map(([name, below]) =>
      bytesField(1, openApiV2Definition(name, below as Schema)),
    );
    fields.push(messageField(25, named));
  }
  for (const [key, value] of Object.entries(schema)) {
    if (!key.startsWith('x-')) continue;
    // Text that is JSON is YAML, which the field is to hold.
    fields.push(messageField(31, [stringField(1, key), messageField(2, [stringField(2, stringifyJson(value))])]));
  }
  return fields;
}

const texts = [
  ['format', 2],
  ['description', 4],
] as const;

/** In v2 a reference stands beside its description; v3 needs an allOf around it. */
function unwrapped(component: Schema): Schema {
  const [only, ...others] = Array.isArray(component.allOf) ? (component.allOf as Schema[]) : [];
  return only && others.length === 0 && '$ref' in only ? { ...component, ...only } : component;
}

/** A choice of types is none in v2, except for the two that have always been published as strings. */
function typeOf(schema: Schema): string | undefined {
  if (typeof schema.type === 'string') return schema.nullable === true ? undefined : schema.type;
  const choices = Array.isArray(schema.oneOf) ? (schema.oneOf as Schema[]) : [];
  return choices.some(({ type }) => type === 'string') ? 'string' : undefined;
}
