// Random schemas of custom resources, values that mostly fit them, and sequences of applies and updates: few names and few
// values, so that managers meet.
import type { Json, Maker } from './objects.ts';

export interface Step {
  readonly op: 'apply' | 'update' | 'type';
  readonly type?: number;
  readonly manager?: string;
  readonly version?: string;
  readonly force?: boolean;
  readonly object?: Json;
}

const names = ['a', 'b', 'c', 'd'];
const scalars: readonly Json[] = [
  { type: 'string' },
  { type: 'string' },
  { type: 'integer' },
  { type: 'number' },
  { type: 'boolean' },
  { type: 'string', format: 'date-time' },
  { 'x-kubernetes-int-or-string': true },
];

/** A schema of an object; two of the same seed but for how their lists and maps are merged. */
export function randomSchema(maker: Maker, depth = 0): Json {
  const properties: Json = {};
  for (const name of names) if (depth === 0 || maker.chance(0.7)) properties[name] = property(maker, depth + 1);
  const schema: Json = { type: 'object', properties };
  if (maker.chance(0.1)) schema['x-kubernetes-preserve-unknown-fields'] = true;
  if (depth > 0) Object.assign(schema, mapType(maker));
  return schema;
}

function mapType(maker: Maker): Json {
  return maker.chance(0.25) ? { 'x-kubernetes-map-type': maker.pick(['atomic', 'granular']) } : {};
}

function property(maker: Maker, depth: number): Json {
  const choice = depth > 4 ? 0 : maker.below(10);
  switch (choice) {
    case 0:
    case 1:
      return { ...maker.pick(scalars) };
    case 2:
    case 3:
      return randomSchema(maker, depth);
    case 4:
      return { type: 'object', additionalProperties: property(maker, depth + 1), ...mapType(maker) };
    case 5:
      return {
        type: 'array',
        items: { ...maker.pick(scalars) },
        ...(maker.chance(0.8) ? { 'x-kubernetes-list-type': 'set' } : {}),
      };
    case 6:
    case 7:
      return keyedList(maker, depth);
    case 8:
      return {
        type: 'array',
        items: property(maker, depth + 1),
        ...(maker.chance(0.5) ? { 'x-kubernetes-list-type': 'atomic' } : {}),
      };
    default:
      return { 'x-kubernetes-preserve-unknown-fields': true, ...(maker.chance(0.5) ? { type: 'object' } : {}) };
  }
}

function keyedList(maker: Maker, depth: number): Json {
  const items = randomSchema(maker, depth + 1);
  delete items['x-kubernetes-map-type'];
  const keys = maker.chance(0.3) ? ['k', 'l'] : ['k'];
  for (const key of keys) {
    items.properties[key] = { type: maker.pick(['string', 'string', 'integer', 'boolean']) };
    // Without large numbers: in the program, unlike in the server, those of a schema are doubles.
    if (maker.chance(0.3)) items.properties[key].default = smallValue(maker, items.properties[key].type);
  }
  return { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

function smallValue(maker: Maker, type: string): Json {
  return maker.pick<Json>(type === 'string' ? texts : type === 'integer' ? [0, 1, 80] : [true, false]);
}

/** The schema with other lists and objects that are merged as a whole, or not. */
export function otherSchema(maker: Maker, schema: Json): Json {
  const other: Json = { ...schema };
  if (schema.properties) {
    other.properties = {};
    for (const [name, below] of Object.entries(schema.properties)) other.properties[name] = otherSchema(maker, below);
  }
  if (schema.items) other.items = otherSchema(maker, schema.items);
  if (schema.additionalProperties) other.additionalProperties = otherSchema(maker, schema.additionalProperties);
  if (!maker.chance(0.2)) return other;
  if (schema.type === 'object') other['x-kubernetes-map-type'] = maker.pick(['atomic', 'granular']);
  if (schema.type === 'array') {
    delete other['x-kubernetes-list-map-keys'];
    other['x-kubernetes-list-type'] = 'atomic';
  }
  return other;
}

const texts = ['x', 'y', 'z', '<&>', 'ü💻', '', '"'];

/** A value of a schema, null and empty now and then; without a schema whatever comes. */
export function randomValue(maker: Maker, schema: Json, wild = 0): Json {
  if (maker.chance(0.04)) return null;
  if (wild > 0 && maker.chance(wild)) return anything(maker, 1);
  switch (schema.type) {
    case 'string':
      return maker.pick(texts);
    case 'integer':
      return maker.pick([0, 1, 2, 80, 1_000_000, 123_456_789]);
    case 'number':
      return maker.pick([0, 1.5, 2, 1e-7, 1e21, -3]);
    case 'boolean':
      return maker.chance(0.5);
    case 'array':
      return randomList(maker, schema, wild);
    case 'object':
      return randomObject(maker, schema, wild);
    default:
      if (schema['x-kubernetes-int-or-string']) return maker.pick([1, 2, 'x', 'y']);
      return anything(maker, 0);
  }
}

function randomObject(maker: Maker, schema: Json, wild: number): Json {
  const object: Json = {};
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  for (const [name, below] of Object.entries(schema.properties ?? {})) {
    if (maker.chance(0.6) || keys.includes(name)) object[name] = randomValue(maker, below, wild);
  }
  if (schema.additionalProperties) {
    for (const name of ['m', 'n/o', '__proto__', '1', '']) {
      if (maker.chance(0.3)) define(object, name, randomValue(maker, schema.additionalProperties, wild));
    }
  } else if (schema['x-kubernetes-preserve-unknown-fields'] || !schema.properties) {
    for (const name of ['u', 'v', 'constructor']) if (maker.chance(0.4)) object[name] = anything(maker, 1);
  } else if (wild > 0 && maker.chance(wild)) object.undeclared = 1;
  return object;
}

function define(object: Json, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function randomList(maker: Maker, schema: Json, wild: number): Json {
  const items = Array.from({ length: maker.below(5) }, () => randomValue(maker, schema.items, wild));
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return items;
  const keys: readonly string[] = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  return items.filter((item) => {
    if (type === 'map') {
      if (item === null && !maker.chance(wild)) return false;
      for (const key of keys) {
        if (item && typeof item === 'object' && item[key] === undefined && maker.chance(0.9)) {
          item[key] = randomValue(maker, schema.items.properties[key]);
        }
      }
      if (item && keys.every((key) => item[key] === undefined) && !maker.chance(wild)) return false;
    } else if ((item === null || typeof item === 'object') && !maker.chance(wild)) return false;
    const text = JSON.stringify(type === 'set' ? item : keys.map((key) => item?.[key]));
    if (seen.has(text) && !maker.chance(Math.max(wild, 0.05))) return false;
    seen.add(text);
    return true;
  });
}

function anything(maker: Maker, depth: number): Json {
  switch (maker.below(depth > 3 ? 4 : 7)) {
    case 0:
      return maker.pick(texts);
    case 1:
      return maker.below(3);
    case 2:
      return maker.chance(0.5);
    case 3:
      return maker.pick([null, {}, []]);
    case 4:
      return Array.from({ length: maker.below(3) }, () => anything(maker, depth + 1));
    default:
      return Object.fromEntries(
        maker
          .shuffled(names)
          .slice(0, maker.below(4))
          .map((name) => [name, anything(maker, depth + 1)]),
      );
  }
}

/** The value with some of its parts another. */
export function variedValue(maker: Maker, schema: Json, value: Json, wild = 0): Json {
  if (maker.chance(0.12) || value === null || typeof value !== 'object') {
    return maker.chance(0.5) ? value : randomValue(maker, schema, wild);
  }
  if (Array.isArray(value)) {
    const extra = schema.type === 'array' ? randomList(maker, schema, wild).slice(0, 2) : [];
    const kept = value.filter(() => maker.chance(0.8)).map((item) => variedItem(maker, schema, item, wild));
    return maker.chance(0.4) ? maker.shuffled([...kept, ...extra]) : kept;
  }
  const object: Json = {};
  for (const [name, below] of Object.entries(value)) {
    const type = schema.properties?.[name] ?? schema.additionalProperties ?? {};
    if (maker.chance(0.85)) define(object, name, variedValue(maker, type, below, wild));
  }
  if (maker.chance(0.3) && schema.type === 'object') {
    for (const [name, below] of Object.entries(randomObject(maker, schema, wild))) {
      if (!Object.hasOwn(object, name)) define(object, name, below);
    }
  }
  return object;
}

/** Keys stay as they are, so that it is still the same item. */
function variedItem(maker: Maker, schema: Json, item: Json, wild: number): Json {
  if (schema['x-kubernetes-list-type'] === 'set' || !schema.items) return item;
  const varied = variedValue(maker, schema.items, item, wild);
  const keys: readonly string[] = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!varied || typeof varied !== 'object' || Array.isArray(varied)) return keys.length > 0 ? item : varied;
  for (const key of keys) {
    if (item && Object.hasOwn(item, key)) varied[key] = item[key];
    else delete varied[key];
  }
  return varied;
}

/** Three to twelve steps of three managers. */
export function randomSteps(maker: Maker, first: Json, vary: (object: Json) => Json, types: number): Step[] {
  const steps: Step[] = [];
  const count = 3 + maker.below(10);
  let object = first;
  let type = 0;
  while (steps.length < count) {
    object = maker.chance(0.15) ? first : vary(object);
    if (types > 1 && maker.chance(0.1)) {
      type = (type + 1) % types;
      steps.push({ op: 'type', type });
    }
    const manager = maker.pick(['left', 'middle', 'right']);
    const op = maker.chance(0.6) ? 'apply' : 'update';
    // A version that is not served any more; only who wrote in it is left.
    const version = op === 'update' && maker.chance(0.1) ? 'gone' : maker.pick(['v1', 'v1', 'v1', 'v2']);
    steps.push({ op, manager, version, force: maker.chance(0.5), object });
  }
  return steps;
}

/** FieldsV1, spelled in any order and now and then in other ways. */
export function randomFields(maker: Maker, depth = 0): Json {
  const keys = [
    'f:a',
    'f:b',
    'f:c',
    'f:',
    'k:{"a":"x"}',
    'k:{"b":1,"a":"x"}',
    'k:{"a":"x","b":2}',
    'v:1',
    'v: 1',
    'v:"x"',
  ];
  keys.push('v:true', 'v:1.5', 'v:null', 'i:0', 'i:2', 'i:10', 'x:what', 'k:{"a":"<"}', 'v:"ü"', 'v:1000000', 'f:💻');
  const fields: Json = {};
  if (depth > 0 && maker.chance(0.4)) fields['.'] = {};
  for (const key of maker.shuffled(keys)) {
    if (maker.chance(depth === 0 ? 0.35 : 0.15)) fields[key] = depth > 1 ? {} : randomFields(maker, depth + 1);
  }
  return fields;
}
