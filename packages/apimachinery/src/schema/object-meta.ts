import { stringifyJson } from '../json/index.ts';
import { parseRfc3339 } from './go-time.ts';
import { copyJson, type Fields, isFields, setField } from './objects.ts';

/** What a member of ObjectMeta is in Go, for decoding it and for the words of the error. */
type FieldType =
  | { readonly is: 'string'; readonly name?: string }
  | { readonly is: 'int64' | 'bool' | 'time' | 'any' }
  | { readonly is: 'map' }
  | { readonly is: 'list'; readonly of: 'string' }
  | { readonly is: 'list'; readonly of: StructType };

interface StructType {
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Members that are written even when they are empty. */
  readonly always: readonly string[];
}

const text: FieldType = { is: 'string' };
const uid: FieldType = { is: 'string', name: 'types.UID' };

const ownerReference: StructType = {
  name: 'OwnerReference',
  fields: {
    apiVersion: text,
    kind: text,
    name: text,
    uid,
    controller: { is: 'bool' },
    blockOwnerDeletion: { is: 'bool' },
  },
  always: ['apiVersion', 'kind', 'name', 'uid'],
};

const managedFieldsEntry: StructType = {
  name: 'ManagedFieldsEntry',
  fields: {
    manager: text,
    operation: { is: 'string', name: 'v1.ManagedFieldsOperationType' },
    apiVersion: text,
    time: { is: 'time' },
    fieldsType: text,
    fieldsV1: { is: 'any' },
    subresource: text,
  },
  always: [],
};

const objectMeta: StructType = {
  name: 'ObjectMeta',
  fields: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid,
    resourceVersion: text,
    generation: { is: 'int64' },
    creationTimestamp: { is: 'time' },
    deletionTimestamp: { is: 'time' },
    deletionGracePeriodSeconds: { is: 'int64' },
    labels: { is: 'map' },
    annotations: { is: 'map' },
    ownerReferences: { is: 'list', of: ownerReference },
    finalizers: { is: 'list', of: 'string' },
    managedFields: { is: 'list', of: managedFieldsEntry },
  },
  always: [],
};

/** What came of reading metadata. */
export interface DecodedObjectMeta {
  /** The metadata with known fields only, without empty ones, keys in byte order. */
  readonly value: Fields;
  /** Unknown fields, relative (`ownerReferences[0].x`), in byte order of the keys. */
  readonly unknown: readonly string[];
  /** The words of Go's decoder about the first member of a wrong type. */
  readonly error?: string;
}

/** Reads metadata as the API server does: through its Go type. Never changes its argument. */
export function decodeObjectMeta(value: unknown): DecodedObjectMeta {
  if (value === null || value === undefined) return { value: {}, unknown: [] };
  if (!isFields(value)) {
    return {
      value: {},
      unknown: [],
      error: `json: cannot unmarshal ${jsonType(value)} into Go value of type v1.ObjectMeta`,
    };
  }
  const decoding = new Decoding();
  const decoded = decoding.struct(value, objectMeta, '', []);
  return {
    value: decoded,
    unknown: decoding.unknown,
    ...(decoding.error === undefined ? {} : { error: decoding.error }),
  };
}

class Decoding {
  readonly unknown: string[] = [];
  error: string | undefined;

  struct(value: Fields, type: StructType, path: string, stack: readonly string[]): Fields {
    const result: Fields = {};
    for (const key of type.always) result[key] = '';
    for (const key of Object.keys(value).sort()) {
      const member = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
      const at = path === '' ? key : `${path}.${key}`;
      if (member === undefined) {
        this.unknown.push(at);
        continue;
      }
      const decoded = this.member(value[key], member, type, at, [...stack, key]);
      if (decoded !== undefined) result[key] = decoded;
    }
    return result;
  }

  /** The decoded member, or undefined where Go would leave it out as empty. */
  private member(value: unknown, type: FieldType, owner: StructType, path: string, stack: readonly string[]): unknown {
    if (value === null) return undefined;
    switch (type.is) {
      case 'string':
        if (typeof value !== 'string') return this.fail(value, owner, stack, type.name ?? 'string');
        return value === '' && !owner.always.includes(stack.at(-1) as string) ? undefined : value;
      case 'bool':
        return typeof value === 'boolean' ? value : this.fail(value, owner, stack, 'bool');
      case 'int64':
        return this.integer(value, owner, stack);
      case 'time':
        return this.time(value, owner, stack);
      case 'any':
        return copyJson(value);
      case 'map':
        return this.map(value, owner, stack);
      case 'list':
        return this.list(value, type.of, owner, path, stack);
      default:
        return type satisfies never;
    }
  }

  private integer(value: unknown, owner: StructType, stack: readonly string[]): unknown {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
    if (typeof value !== 'number' && typeof value !== 'bigint') return this.fail(value, owner, stack, 'int64');
    if (typeof value === 'bigint' || !Number.isInteger(value) || Math.abs(value) >= 2 ** 63) {
      const literal = stringifyJson(typeof value === 'bigint' ? Number(value) : value);
      return this.fail(value, owner, stack, 'int64', `number ${literal}`);
    }
    return value === 0 && stack.at(-1) === 'generation' ? undefined : value;
  }

  private time(value: unknown, owner: StructType, stack: readonly string[]): unknown {
    if (typeof value !== 'string') return this.fail(value, owner, stack, 'string');
    const parsed = parseRfc3339(value);
    if ('time' in parsed) return parsed.time;
    this.error ??= parsed.error;
    return undefined;
  }

  private map(value: unknown, owner: StructType, stack: readonly string[]): Fields | undefined {
    if (!isFields(value)) {
      this.fail(value, owner, stack, 'map[string]string');
      return undefined;
    }
    const result: Fields = {};
    for (const key of Object.keys(value).sort()) {
      const item = value[key];
      if (item !== null && typeof item !== 'string') this.fail(item, owner, stack, 'string');
      setField(result, key, typeof item === 'string' ? item : '');
    }
    return Object.keys(result).length === 0 ? undefined : result;
  }

  private list(
    value: unknown,
    of: 'string' | StructType,
    owner: StructType,
    path: string,
    stack: readonly string[],
  ): unknown[] | undefined {
    const name = of === 'string' ? 'string' : `v1.${of.name}`;
    if (!Array.isArray(value)) {
      this.fail(value, owner, stack, `[]${name}`);
      return undefined;
    }
    const result = value.map((item, i) => {
      if (of === 'string') {
        if (item !== null && typeof item !== 'string') this.fail(item, owner, stack, name);
        return typeof item === 'string' ? item : '';
      }
      if (item !== null && !isFields(item)) this.fail(item, owner, stack, name);
      return this.struct(isFields(item) ? item : {}, of, `${path}[${i}]`, stack);
    });
    return result.length === 0 ? undefined : result;
  }

  private fail(
    value: unknown,
    owner: StructType,
    stack: readonly string[],
    type: string,
    what = jsonType(value),
  ): undefined {
    this.error ??= `json: cannot unmarshal ${what} into Go struct field ${owner.name}.${stack.join('.')} of type ${type}`;
    return undefined;
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'number';
    default:
      return typeof value;
  }
}
