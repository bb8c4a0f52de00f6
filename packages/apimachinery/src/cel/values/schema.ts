import { isJsonObject } from '../../json/index.ts';
import type { JsonObject, JsonValue } from '../../meta/index.ts';
import { deepEqual } from '../../patch/index.ts';
import type { StructuralSchema } from '../../schema/index.ts';
import { equalTo } from './equality.ts';
import { escapeProperty, unescapeProperty } from './escaping.ts';
import { readFormatted } from './formatted.ts';
import { ForeignItem, jsonOf } from './native.ts';
import { CelError, DoubleValue, ListValue, MapValue, noSuchOverload, ObjectValue, type Value } from './value.ts';

/**
 * JSON seen through a structural schema, as the rules of custom resources see it: what the schema says decides whether
 * a number is an integer, how a string is read, which fields there are, and what equality of a list means. Nothing is
 * copied; values are made where an expression looks.
 *
 * The root of a custom resource is given with `withTypeAndObjectMeta`, which embedded resources get by themselves.
 */
export function valueOfSchema(json: JsonValue | ForeignItem, schema: StructuralSchema): Value {
  if (json === null) {
    return schema.nullable === true ? null : new CelError('invalid data, got null for schema with nullable=false');
  }
  if (schema['x-kubernetes-int-or-string'] === true) return intOrString(json);
  switch (schema.type) {
    case 'object':
      if (!isObject(json)) return new CelError('invalid data, expected a map for the provided schema with type=object');
      return new SchemaObject(json, schema['x-kubernetes-embedded-resource'] ? withTypeAndObjectMeta(schema) : schema);
    case 'array':
      return listOf(json, schema);
    case 'string':
      if (typeof json !== 'string') return new CelError(`invalid data, expected string, got ${goType(json)}`);
      return readFormatted(json, schema.format);
    case 'number':
      if (typeof json !== 'number' && typeof json !== 'bigint') {
        return new CelError(`invalid data, expected float, got ${goType(json)}`);
      }
      return new DoubleValue(Number(json));
    case 'integer':
      return isInteger(json) ? json : new CelError(`invalid data, expected int, got ${goType(json)}`);
    case 'boolean':
      return typeof json === 'boolean' ? json : new CelError(`invalid data, expected bool, got ${goType(json)}`);
    default:
      return ofNoType(json, schema);
  }
}

function ofNoType(json: JsonValue | ForeignItem, schema: StructuralSchema): Value {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return new PreservedValue(json);
  return new CelError(
    'invalid type, expected object, array, number, integer, boolean or string, or no type with ' +
      `x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ${schema.type ?? ''}`,
  );
}

const isObject = (json: JsonValue | ForeignItem): json is JsonObject =>
  !(json instanceof ForeignItem) && isJsonObject(json);

const isInteger = (json: JsonValue | ForeignItem): json is number | bigint =>
  typeof json === 'bigint' || Number.isSafeInteger(json);

function intOrString(json: JsonValue | ForeignItem): Value {
  if (typeof json === 'string' || isInteger(json)) return json;
  return new CelError('invalid data, expected XIntOrString value to be either a string or integer');
}

function goType(json: JsonValue | ForeignItem): string {
  if (json instanceof ForeignItem) return json.goType;
  if (typeof json === 'string') return 'string';
  if (typeof json === 'boolean') return 'bool';
  if (typeof json !== 'object') return isInteger(json) ? 'int64' : 'float64';
  if (json === null) return '<nil>';
  return Array.isArray(json) ? '[]interface {}' : 'map[string]interface {}';
}

const metadataSchemas = new WeakMap<StructuralSchema, StructuralSchema>();

/** The schema of a whole object: rules may read apiVersion, kind, and of the metadata name and generateName. */
export function withTypeAndObjectMeta(schema: StructuralSchema): StructuralSchema {
  const known = metadataSchemas.get(schema);
  if (known !== undefined) return known;
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const isText = (property: StructuralSchema | undefined) => property?.type === 'string';
  const hasMetadata = isText(metadata?.properties?.name) && isText(metadata?.properties?.generateName);
  if (isText(kind) && isText(apiVersion) && metadata?.type === 'object' && hasMetadata) return schema;
  const text: StructuralSchema = { type: 'string' };
  const result: StructuralSchema = {
    ...schema,
    properties: {
      ...schema.properties,
      kind: text,
      apiVersion: text,
      metadata: { type: 'object', properties: { name: text, generateName: text } },
    },
  };
  metadataSchemas.set(schema, result);
  return result;
}

function listOf(json: JsonValue | ForeignItem, schema: StructuralSchema): Value {
  if (!Array.isArray(json)) {
    return new CelError('invalid data, expected an array for the provided schema with type=array');
  }
  const { items } = schema;
  if (items === undefined || Array.isArray(items)) {
    return new CelError('invalid array type, expected Items with a non-empty Schema');
  }
  const itemSchema = items as StructuralSchema;
  const type = schema['x-kubernetes-list-type'];
  if (type === undefined || type === 'atomic') return new SchemaList(json, itemSchema);
  if (type === 'set') return new SetList(json, itemSchema);
  if (type === 'map') return new MapList(json, itemSchema, schema['x-kubernetes-list-map-keys'] ?? []);
  return new CelError(`invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got ${type}`);
}

/** What x-kubernetes-preserve-unknown-fields keeps without a type: expressions can only compare it. */
export class PreservedValue extends ObjectValue {
  readonly typeName = 'unknown';
  readonly json: JsonValue | ForeignItem;

  constructor(json: JsonValue | ForeignItem) {
    super();
    this.json = json;
  }

  equalTo(other: Value): boolean {
    return deepEqual(this.json, jsonOf(other));
  }
}

/** An array of JSON with a schema; the base of those whose order does not matter. */
export class SchemaList extends ListValue {
  readonly goType: string = '*common.unstructuredList';
  readonly items: readonly (JsonValue | ForeignItem)[];
  protected readonly itemSchema: StructuralSchema;

  constructor(items: readonly (JsonValue | ForeignItem)[], itemSchema: StructuralSchema) {
    super();
    this.items = items;
    this.itemSchema = itemSchema;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): Value {
    return valueOfSchema(this.items[index] as JsonValue, this.itemSchema);
  }

  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof ListValue)) return noSuchOverload(other);
    if (this.size !== other.size) return false;
    for (let i = 0; i < this.size; i++) {
      const same = equalTo(this.at(i), other.at(i));
      if (same !== true) return same;
    }
    return true;
  }

  /** `this + other`: the elements of both. */
  plus(other: ListValue): ListValue {
    return new SchemaList([...this.items, ...itemsOf(other)], this.itemSchema);
  }
}

function itemsOf(list: ListValue): (JsonValue | ForeignItem)[] {
  const items: (JsonValue | ForeignItem)[] = [];
  for (let i = 0; i < list.size; i++) items.push(jsonOf(list.at(i)));
  return items;
}

/** `x-kubernetes-list-type: set`: order does not matter, and a sum is a union. */
class SetList extends SchemaList {
  override readonly goType = '*common.unstructuredSetList';

  override equalTo(other: Value): boolean | CelError {
    if (!(other instanceof ListValue)) return noSuchOverload(other);
    if (this.size !== other.size) return false;
    const members = new Set<unknown>(this.items);
    return itemsOf(other).every((item) => members.has(item));
  }

  override plus(other: ListValue): ListValue {
    const members = new Set(this.items);
    for (const item of itemsOf(other)) members.add(item);
    const added = [...members].slice(new Set(this.items).size);
    return new SetList([...this.items, ...added], this.itemSchema);
  }
}

/** `x-kubernetes-list-type: map`: elements are known by their keys; in a sum the right side's replace the left's. */
class MapList extends SchemaList {
  override readonly goType = '*common.unstructuredMapList';
  readonly #keys: readonly string[];

  constructor(items: readonly (JsonValue | ForeignItem)[], itemSchema: StructuralSchema, keys: readonly string[]) {
    super(items, itemSchema);
    // Upstream looks the escaped names up in the data, and so finds nothing under names that need escaping.
    this.#keys = keys.map((key) => escapeProperty(key) ?? key);
  }

  override equalTo(other: Value): boolean | CelError {
    if (!(other instanceof ListValue)) return noSuchOverload(other);
    if (this.size !== other.size) return false;
    const byKey = new Map(this.items.map((item) => [this.#keyOf(item), item]));
    for (let i = 0; i < other.size; i++) {
      const element = other.at(i);
      const mine = byKey.get(this.#keyOf(jsonOf(element)));
      if (mine === undefined) return false;
      const same = equalTo(valueOfSchema(mine, this.itemSchema), element);
      if (same !== true) return same;
    }
    return true;
  }

  override plus(other: ListValue): ListValue {
    const items = [...this.items];
    const places = new Map(items.map((item, i) => [this.#keyOf(item), i]));
    for (const item of itemsOf(other)) {
      const place = places.get(this.#keyOf(item));
      if (place === undefined) items.push(item);
      else items[place] = item;
    }
    return new MapList(items, this.itemSchema, this.#keys);
  }

  #keyOf(item: JsonValue | ForeignItem): string {
    if (!isObject(item)) return '';
    return JSON.stringify(this.#keys.map((key) => [typeof item[key], String(item[key])]));
  }
}

/** An object of JSON with a schema: fields by their escaped names, or the keys of a map. */
export class SchemaObject extends MapValue {
  readonly goType = '*common.unstructuredMap';
  readonly json: JsonObject;
  readonly #schema: StructuralSchema;
  #size: number | undefined;

  constructor(json: JsonObject, schema: StructuralSchema) {
    super();
    this.json = json;
    this.#schema = schema;
  }

  get size(): number {
    this.#size ??= Object.keys(this.json).length;
    return this.#size;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload(key);
    const hasProperties = this.#schema.properties !== undefined;
    const name = hasProperties ? unescapeProperty(key) : key;
    if (name === undefined || !Object.hasOwn(this.json, name)) return undefined;
    const json = this.json[name] as JsonValue;
    // A null field of an object is a field that is not there.
    if (hasProperties && json === null) return undefined;
    const schema = this.#schemaOf(name);
    return schema === undefined ? undefined : valueOfSchema(json, schema);
  }

  keys(): Iterable<Value> {
    const hasProperties = this.#schema.properties !== undefined;
    const known = Object.keys(this.json).filter((key) => this.#schemaOf(key) !== undefined);
    return hasProperties ? known.map((key) => escapeProperty(key) ?? key) : known;
  }

  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof MapValue)) return noSuchOverload(other);
    if (this.size !== other.size) return false;
    for (const [key, json] of Object.entries(this.json)) {
      const same = this.#sameField(key, json, other);
      if (same !== true) return same;
    }
    return true;
  }

  #sameField(key: string, json: JsonValue, other: MapValue): boolean | CelError {
    if (this.#schemaOf(key) === undefined) {
      if (!(other instanceof SchemaObject)) return noSuchOverload(other);
      return !Object.hasOwn(other.json, key) || deepEqual(json, other.json[key]);
    }
    const [mine, theirs] = [this.find(key), other.find(key)];
    if (mine === undefined || theirs === undefined) return mine === theirs;
    return equalTo(mine, theirs);
  }

  #schemaOf(name: string): StructuralSchema | undefined {
    const { properties, additionalProperties } = this.#schema;
    if (properties !== undefined) return Object.hasOwn(properties, name) ? properties[name] : undefined;
    return typeof additionalProperties === 'object' ? additionalProperties : undefined;
  }
}
