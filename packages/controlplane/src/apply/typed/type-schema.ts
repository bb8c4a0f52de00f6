import type { JsonValue } from '@setpoint/apimachinery/meta';
import type { FieldEntry } from '../fieldpath/index.ts';

export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

/** How values of a type are merged. A type that may be several things is what the value is. */
export interface TypeSchema {
  /** Types that are referred to by name have one. */
  readonly name: string | undefined;
  readonly scalar: ScalarType | undefined;
  readonly list: ListSchema | undefined;
  readonly map: MapSchema | undefined;
  /** The only thing that values may be. */
  readonly only: Shape | undefined;
}

export type Shape = 'scalar' | 'list' | 'map';

export interface ListSchema {
  readonly element: TypeSchema;
  /** The list is replaced as a whole. Others are sets of scalars, or maps if they have keys. */
  readonly atomic: boolean;
  readonly keys: readonly string[];
}

export interface MapSchema {
  /** Fields that are declared, by name. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** Of all other fields; undefined: there are none. */
  readonly element: TypeSchema | undefined;
  readonly atomic: boolean;
}

export interface FieldSchema {
  readonly type: TypeSchema;
  /** Stands for a key of a list of type map that is missing. */
  readonly default: JsonValue | undefined;
  /** The field by itself, as sets share it. */
  readonly leaf: FieldEntry;
}

export interface TypeParts {
  readonly name?: string | undefined;
  readonly scalar?: ScalarType | undefined;
  readonly list?: ListSchema | undefined;
  readonly map?: MapSchema | undefined;
}

export function typeSchema({ name, scalar, list, map }: TypeParts): TypeSchema {
  const shapes: Shape[] = [];
  if (map) shapes.push('map');
  if (scalar) shapes.push('scalar');
  if (list) shapes.push('list');
  return { name, scalar, list, map, only: shapes.length === 1 ? shapes[0] : undefined };
}

export function fieldSchema(name: string, type: TypeSchema, fallback?: JsonValue): FieldSchema {
  return { type, default: fallback, leaf: { element: name, member: true, children: undefined } };
}

export const noFields: ReadonlyMap<string, FieldSchema> = new Map();

/** Any value, replaced as a whole. */
export const untypedType: TypeSchema = anyType('__untyped_atomic_', true);

/** Any value: objects are merged, lists replaced. The type of objects of which no schema is known. */
export const deducedType: TypeSchema = anyType('__untyped_deduced_', false);

function anyType(name: string, atomic: boolean): TypeSchema {
  const list: ListSchema = {
    get element() {
      return untypedType;
    },
    atomic: true,
    keys: [],
  };
  const map: MapSchema = {
    fields: noFields,
    get element() {
      return type;
    },
    atomic,
  };
  const type = typeSchema({ name, scalar: 'untyped', list, map });
  return type;
}

/**
 * What a value of a type is. A type that may be several things, and a value that is none of them or missing, is
 * `undefined`: the value may be whatever it comes next to.
 */
export function shapeOf(type: TypeSchema, value: JsonValue | undefined): Shape | undefined {
  if (type.only !== undefined) return type.only;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return type.scalar && 'scalar';
    case 'object':
      if (value === null) return undefined;
      return Array.isArray(value) ? type.list && 'list' : type.map && 'map';
    default:
      return undefined;
  }
}

/** What a value is taken for that may be several things. */
export function firstShape(type: TypeSchema): Shape | undefined {
  return type.map ? 'map' : type.scalar ? 'scalar' : type.list ? 'list' : undefined;
}

/** Of these types every value is, so nobody need look. */
export function isAnything(type: TypeSchema): boolean {
  return type === deducedType || type === untypedType;
}

export function describeType(type: TypeSchema | undefined): string {
  return type?.name === undefined ? 'inlined' : `named type: ${type.name}`;
}
