import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  escapeProperty,
  intType,
  stringType,
  type Type,
  timestampType,
  withTypeAndObjectMeta,
} from '../cel/index.ts';
import { hasDefault, type StructuralSchema } from '../schema/index.ts';

/** What expressions see of a schema: its type, and how much of it there may be in one request. */
export type Declaration = Sizes &
  (
    | { readonly kind: 'scalar'; readonly type: Type }
    | { readonly kind: 'list'; readonly element: Declaration }
    | { readonly kind: 'map'; readonly key: Declaration; readonly element: Declaration }
    /** Fields by the names under which expressions know them. */
    | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Declaration> }
  );

interface Sizes {
  /** Characters of a string, elements of a list, entries of a map; 0 for what has no length. */
  readonly maxElements: number;
  /** Bytes of JSON. */
  readonly minSerializedSize: number;
}

/** Declares schemas; undefined for what expressions may not see. */
export type Declare = (schema: StructuralSchema, isResourceRoot: boolean) => Declaration | undefined;

/** The largest request: what bounds whatever the schema does not. */
export const maxRequestSize = 3 * 1024 * 1024;

const bool: Declaration = { kind: 'scalar', type: boolType, maxElements: 0, minSerializedSize: 4 };
const double: Declaration = { kind: 'scalar', type: doubleType, maxElements: 0, minSerializedSize: 1 };
const int: Declaration = { kind: 'scalar', type: intType, maxElements: 0, minSerializedSize: 1 };
const key: Declaration = { kind: 'scalar', type: stringType, maxElements: 0, minSerializedSize: 2 };

/** Declares each schema once, however often it is asked for. */
export function declarations(): Declare {
  const known = new WeakMap<StructuralSchema, { readonly declaration: Declaration | undefined }>();
  const declare: Declare = (schema, isResourceRoot) => {
    const found = known.get(schema);
    if (found !== undefined) return found.declaration;
    const declaration = declarationOf(schema, isResourceRoot, declare);
    known.set(schema, { declaration });
    return declaration;
  };
  return declare;
}

function declarationOf(given: StructuralSchema, isResourceRoot: boolean, declare: Declare): Declaration | undefined {
  if (given['x-kubernetes-int-or-string'] === true) {
    const maxElements = given.maxLength === undefined ? maxRequestSize - 2 : atLeastZero(given.maxLength) * 4;
    return { kind: 'scalar', type: dynType, maxElements, minSerializedSize: 1 };
  }
  const schema = isResourceRoot ? withTypeAndObjectMeta(given) : given;
  switch (schema.type) {
    case 'array':
      return listOf(schema, declare);
    case 'object':
      return typeof schema.additionalProperties === 'object' ? mapOf(schema, declare) : objectOf(schema, declare);
    case 'string':
      return text(schema);
    case 'boolean':
      return bool;
    case 'number':
      return double;
    case 'integer':
      return int;
    default:
      return undefined;
  }
}

const isEmbedded = (schema: StructuralSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

const atLeastZero = (limit: number): number => Math.max(0, limit);

function listOf(schema: StructuralSchema, declare: Declare): Declaration | undefined {
  const items = schema.items as StructuralSchema | undefined;
  const element = items && declare(items, isEmbedded(items));
  if (element === undefined) return undefined;
  const fitting = Math.floor((maxRequestSize - 2) / (element.minSerializedSize + 1));
  const maxElements = schema.maxItems === undefined ? fitting : atLeastZero(schema.maxItems);
  return { kind: 'list', element, maxElements, minSerializedSize: 2 };
}

function mapOf(schema: StructuralSchema, declare: Declare): Declaration | undefined {
  const values = schema.additionalProperties as StructuralSchema;
  const element = declare(values, isEmbedded(values));
  if (element === undefined) return undefined;
  // A key of two characters, its quotes, a colon and a comma.
  const fitting = Math.floor((maxRequestSize - 2) / (element.minSerializedSize + 6));
  const maxElements = schema.maxProperties === undefined ? fitting : atLeastZero(schema.maxProperties);
  return { kind: 'map', key, element, maxElements, minSerializedSize: 2 };
}

function objectOf(schema: StructuralSchema, declare: Declare): Declaration {
  const required = new Set(schema.required);
  const fields = new Map<string, Declaration>();
  let minSerializedSize = 2;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const declaration = declare(property, isEmbedded(property));
    if (declaration === undefined) continue;
    const escaped = escapeProperty(name);
    if (escaped !== undefined) fields.set(escaped, declaration);
    // What has a default need not be sent.
    if (required.has(name) && !hasDefault(property)) {
      minSerializedSize += Buffer.byteLength(name) + declaration.minSerializedSize + 4;
    }
  }
  return { kind: 'object', fields, maxElements: 0, minSerializedSize };
}

function text({ format, maxLength, enum: values = [] }: StructuralSchema): Declaration {
  const scalar = (type: Type, maxElements: number, minSerializedSize: number): Declaration => ({
    kind: 'scalar',
    type,
    maxElements,
    minSerializedSize,
  });
  const unlimited = maxRequestSize - 2;
  switch (format) {
    case 'byte':
      return scalar(bytesType, maxLength === undefined ? unlimited : atLeastZero(maxLength), 2);
    case 'duration':
      return scalar(durationType, 32, 3);
    case 'date':
      return scalar(timestampType, 12, 12);
    case 'date-time':
      return scalar(timestampType, 32, 21);
    default:
      // Lengths are counted in characters, of which each may take four bytes.
      if (maxLength !== undefined) return scalar(stringType, atLeastZero(maxLength) * 4, 2);
      return scalar(stringType, values.length > 0 ? longest(values) : unlimited, 2);
  }
}

const longest = (values: readonly unknown[]): number =>
  Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
