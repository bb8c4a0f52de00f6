import { isJsonObject } from '../../json/index.ts';
import type { JsonObject, JsonValue } from '../../meta/index.ts';
import { DoubleValue, ListValue, MapValue, type Value } from './value.ts';

/**
 * JSON of which no schema is known, as values: whole numbers are integers. Containers stay what they are and are
 * converted where they are read.
 */
export function valueOfJson(json: JsonValue): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json + 0 : new DoubleValue(json);
  if (typeof json !== 'object' || json === null) return json;
  return isJsonObject(json) ? new JsonMap(json) : new JsonList(json as readonly JsonValue[]);
}

export class JsonList extends ListValue {
  readonly goType = '[]interface {}';
  readonly json: readonly JsonValue[];

  constructor(json: readonly JsonValue[]) {
    super();
    this.json = json;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): Value {
    return valueOfJson(this.json[index] as JsonValue);
  }
}

export class JsonMap extends MapValue {
  readonly goType = 'map[string]interface {}';
  readonly json: JsonObject;
  #size: number | undefined;

  constructor(json: JsonObject) {
    super();
    this.json = json;
  }

  get size(): number {
    this.#size ??= Object.keys(this.json).length;
    return this.#size;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    return valueOfJson(this.json[key] as JsonValue);
  }

  keys(): Iterable<Value> {
    return Object.keys(this.json);
  }
}
