// Random objects of built-in kinds, made from the tables: each field now and then, lists without two elements of the
// same merge key, few different words so that objects meet.
import type { Random } from '@setpoint/apimachinery/clock';
import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
export type Json = any;

export class Maker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  struct(key: string, depth = 0): Json {
    const result: Json = {};
    for (const field of structType(key).fields) {
      if (['apiVersion', 'kind', 'managedFields'].includes(field.name)) continue;
      const probability = depth < 3 ? 0.7 : depth < 5 ? 0.3 : 0.08;
      if (field.patchMergeKey || isKey(field.name) || this.chance(probability)) {
        const value = this.field(field, depth);
        if (value !== undefined) result[field.name] = value;
      }
    }
    return result;
  }

  field(field: Field, depth: number): Json {
    if (field.type.kind !== 'list') return this.value(field.type, depth + 1);
    const { items } = field.type;
    const count = depth > 6 ? 1 : this.below(field.patchMergeKey ? 5 : 3);
    const elements = Array.from({ length: count }, () => this.value(items, depth + 1));
    const distinct = field.patchMergeKey ? distinctBy(elements, field.patchMergeKey) : distinctBy(elements, undefined);
    return distinct.length === 0 ? undefined : distinct;
  }

  value(type: TypeRef, depth: number): Json {
    switch (type.kind) {
      case 'string':
        return this.pick(type.enum ?? ['a', 'b', 'c', 'd', 'e']);
      case 'bool':
        return this.chance(0.5);
      case 'integer':
        return this.below(6);
      case 'float64':
        return this.below(8) / 2;
      case 'bytes':
        return this.pick(['', 'AA==', '/w8=', 'aGVsbG8=']);
      case 'list':
        return Array.from({ length: 1 + this.below(2) }, () => this.value(type.items, depth + 1));
      case 'map': {
        const keys = this.shuffled(['k', 'l', 'm/n', '__x']).slice(0, 1 + this.below(3));
        return Object.fromEntries(keys.map((key) => [key, this.value(type.values, depth + 1)]));
      }
      case 'struct':
        return this.struct(type.type, depth);
      default:
        return this.#special(type.kind);
    }
  }

  #special(kind: string): Json {
    switch (kind) {
      case 'Quantity':
        return this.pick(['0', '1', '100m', '1Gi', '1500m', '2k', '-1', '1e3']);
      case 'IntOrString':
        return this.chance(0.5) ? this.below(9000) : this.pick(['http', '25%', '']);
      case 'Time':
        return this.pick(['2001-09-09T01:46:40Z', '1969-12-31T23:59:59Z', '2040-02-29T00:00:00Z']);
      case 'MicroTime':
        return this.pick(['2001-09-09T01:46:40.123456Z', '2001-09-09T01:46:40.000000Z']);
      case 'Duration':
        return this.pick(['1s', '1m0s']);
      case 'FieldsV1':
        return { 'f:a': {} };
      default:
        return this.pick([{ a: 1 }, { b: [true, 'x'] }]);
    }
  }

  /** The object somewhat later: fields come, go and change, elements too, and change their places. */
  varied(key: string, object: Json, depth = 0): Json {
    const result: Json = {};
    for (const field of structType(key).fields) {
      const old = object[field.name];
      if (['apiVersion', 'kind', 'managedFields'].includes(field.name)) {
        if (old !== undefined) result[field.name] = old;
      } else if (old === undefined) {
        const made = this.chance(0.08) ? this.field(field, depth + 3) : undefined;
        if (made !== undefined) result[field.name] = made;
      } else if (isKey(field.name) || !this.chance(0.1)) {
        result[field.name] = this.#variedValue(field, old, depth);
      }
    }
    return result;
  }

  #variedValue(field: Field, old: Json, depth: number): Json {
    const { type } = field;
    if (type.kind === 'struct') return this.varied(type.type, old, depth + 1);
    if (type.kind === 'list' && type.items.kind === 'struct') {
      const { type: element } = type.items;
      const kept = old.filter(() => !this.chance(0.2)).map((one: Json) => this.varied(element, one, depth + 1));
      const added = this.chance(0.3) ? [this.struct(element, depth + 3)] : [];
      const all = distinctBy([...kept, ...added], field.patchMergeKey);
      return this.chance(0.3) ? this.shuffled(all) : all;
    }
    return isKey(field.name) || this.chance(0.7) ? old : (this.field(field, depth + 3) ?? old);
  }
}

/** Names by which elements are told apart: always there, so that most objects are ones that can be patched. */
function isKey(name: string): boolean {
  return ['name', 'type', 'mountPath', 'devicePath', 'containerPort', 'port', 'ip', 'topologyKey', 'uid'].includes(
    name,
  );
}

function distinctBy(elements: readonly Json[], key: string | undefined): Json[] {
  const seen = new Set<string>();
  return elements.filter((element) => {
    const identity = JSON.stringify(key === undefined ? element : element[key]);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}
