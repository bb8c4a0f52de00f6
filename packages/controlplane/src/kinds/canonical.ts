import { isJsonObject } from '@setpoint/apimachinery/json';
import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import { zeroOf } from './decode.ts';

/**
 * An object as Go writes it: members in the order of the struct, empty ones left out where the struct says so,
 * zero values written where it does not. What is stored and sent is always in this form.
 *
 * Storage forgets that a list was given without items; `keepsEmptyLists` is for what was not stored yet.
 */
export function canonicalStruct(
  key: string,
  value: Readonly<Record<string, unknown>>,
  keepsEmptyLists = false,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const plan = planOf(key);
  const keeps = keepsEmptyLists || plan.keepsEmptyLists;
  for (const place of placesOf(plan, value)) {
    const field = plan.fields[place] as Field;
    const given = value[field.name];
    const written = canonicalField(field, keeps || !isEmptyList(field, given) ? given : undefined, keepsEmptyLists);
    if (written !== undefined) result[field.name] = written;
  }
  return result;
}

/** What writing a struct needs to know of its type. */
interface Plan {
  readonly fields: readonly Field[];
  readonly places: ReadonlyMap<string, number>;
  /** By place, whether the field is written even if nothing is given; and the places of those. */
  readonly isAlways: readonly boolean[];
  readonly always: readonly number[];
  readonly keepsEmptyLists: boolean;
}

const plans = new Map<string, Plan>();

function planOf(key: string): Plan {
  let plan = plans.get(key);
  if (!plan) {
    const { fields } = structType(key);
    const isAlways = fields.map((field) => canonicalField(field, undefined, false) !== undefined);
    plan = {
      fields,
      places: new Map(fields.map(({ name }, place) => [name, place])),
      isAlways,
      always: fields.flatMap((_, place) => (isAlways[place] ? [place] : [])),
      keepsEmptyLists: key.startsWith('apiextensions.k8s.io/'),
    };
    plans.set(key, plan);
  }
  return plan;
}

/** The fields to write, in the order of the struct: of the many that a struct may have, few are given. */
function placesOf({ places, isAlways, always }: Plan, value: Readonly<Record<string, unknown>>): readonly number[] {
  const found = always.slice();
  let last = found.at(-1) ?? -1;
  let isInOrder = true;
  for (const name of Object.keys(value)) {
    const place = places.get(name);
    if (place === undefined || isAlways[place]) continue;
    if (place < last) isInOrder = false;
    last = place;
    found.push(place);
  }
  return isInOrder ? found : found.sort((a, b) => a - b);
}

/** Built-in kinds are stored as protobuf, which does not tell an empty list from none. */
function isEmptyList(field: Field, value: unknown): boolean {
  return field.type.kind === 'list' && Array.isArray(value) && value.length === 0;
}

function canonicalField(field: Field, given: unknown, keepsEmptyLists: boolean): unknown {
  const struct = field.type.kind === 'struct' && !field.pointer;
  if (given === undefined || given === null) {
    if (struct) return field.omitZero ? undefined : canonicalStruct((field.type as { type: string }).type, {});
    if (!field.pointer && !field.omitZero && isStructInGo(field.type)) return unset(field.type);
    if (field.omitEmpty || field.omitZero) return undefined;
    return field.pointer ? null : unset(field.type);
  }
  const written = canonicalValue(field.type, given, keepsEmptyLists);
  if (field.omitZero && !field.pointer && isZero(field.type, written)) return undefined;
  if (field.omitEmpty && isEmpty(field, written)) return undefined;
  return written;
}

/** Types of their own are structs to Go: omitempty never leaves one out that is not behind a pointer. */
function isStructInGo(type: TypeRef): boolean {
  return ['Time', 'MicroTime', 'Quantity', 'IntOrString', 'RawExtension'].includes(type.kind);
}

/** What Go writes for a field that was never set and is not left out. */
function unset(type: TypeRef): unknown {
  if (type.kind === 'bytes' || type.kind === 'Time' || type.kind === 'MicroTime') return null;
  return zeroOf(type);
}

function canonicalValue(type: TypeRef, value: unknown, keepsEmptyLists: boolean): unknown {
  switch (type.kind) {
    case 'struct':
      return isJsonObject(value) ? canonicalStruct(type.type, value, keepsEmptyLists) : value;
    case 'list':
      if (isLeaf(type.items)) return value;
      return (value as readonly unknown[]).map((item) => canonicalValue(type.items, item, keepsEmptyLists));
    case 'map': {
      const keys = Object.keys(value as object);
      if (isLeaf(type.values) && isSorted(keys)) return value;
      const canonical = (key: string) => canonicalValue(type.values, (value as never)[key], keepsEmptyLists);
      return Object.fromEntries(keys.sort().map((key) => [key, canonical(key)] as const));
    }
    case 'JSONSchemaPropsOrBool':
    case 'JSONSchemaPropsOrArray':
    case 'JSONSchemaPropsOrStringArray':
      return canonicalSchema(value);
    default:
      return value;
  }
}

function canonicalSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalSchema);
  return isJsonObject(value) ? canonicalStruct('apiextensions.k8s.io/v1.JSONSchemaProps', value) : value;
}

/** omitempty: false, zero, nil pointers, and lists, maps and texts without content; never a struct. */
function isEmpty(field: Field, value: unknown): boolean {
  if (field.pointer) return false;
  if (Array.isArray(value)) return value.length === 0;
  switch (field.type.kind) {
    case 'string':
    case 'bytes':
      return value === '';
    case 'bool':
      return value === false;
    case 'integer':
    case 'float64':
      return value === 0;
    case 'map':
      return Object.keys(value as object).length === 0;
    default:
      return false;
  }
}

function isZero(type: TypeRef, value: unknown): boolean {
  if (type.kind === 'struct') return Object.keys(value as object).length === 0;
  return value === '' || value === 0 || value === false;
}

function isLeaf(type: TypeRef): boolean {
  return type.kind === 'string' || type.kind === 'integer' || type.kind === 'Quantity' || type.kind === 'bytes';
}

function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] as string) <= key);
}
