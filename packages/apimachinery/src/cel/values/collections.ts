import { exactInt, exactUint, maxInt64, toInt } from './integers.ts';
import { goText } from './text.ts';
import { CelError, DoubleValue, isInt, ListValue, MapValue, TypeValue, UintValue, type Value } from './value.ts';

/** Lists and maps that expressions make, and plain JSON as lists and maps. */

/** A list of values at hand. */
export class ArrayList extends ListValue {
  readonly elements: readonly Value[];

  constructor(elements: readonly Value[]) {
    super();
    this.elements = elements;
  }

  get size(): number {
    return this.elements.length;
  }

  at(index: number): Value {
    return this.elements[index] as Value;
  }
}

/** Two lists seen as one; concatenating copies nothing. */
export class ConcatenatedList extends ListValue {
  readonly size: number;
  readonly #first: ListValue;
  readonly #second: ListValue;

  constructor(first: ListValue, second: ListValue) {
    super();
    this.#first = first;
    this.#second = second;
    this.size = first.size + second.size;
  }

  at(index: number): Value {
    // A loop, for a long chain of sums would exhaust the stack.
    let list: ListValue = this;
    let at = index;
    while (list instanceof ConcatenatedList) {
      if (at < list.#first.size) list = list.#first;
      else {
        at -= list.#first.size;
        list = list.#second;
      }
    }
    return list.at(at);
  }
}

/** The list a macro is building: adding to it changes it, as nobody else can see it. */
export class GrowingList extends ListValue {
  readonly elements: Value[] = [];

  get size(): number {
    return this.elements.length;
  }

  at(index: number): Value {
    return this.elements[index] as Value;
  }

  add(list: ListValue): this {
    for (let i = 0; i < list.size; i++) this.elements.push(list.at(i));
    return this;
  }

  /** The list as it is now; it grows no more. */
  done(): ListValue {
    return new ArrayList(this.elements);
  }
}

type HashKey = string | number | bigint | boolean;

/**
 * A map of values at hand. Keys are told apart by type, but found across the numeric types, as cel-go does:
 * `1u` finds the entry of `1`, and `1.0` too.
 */
export class HashMap extends MapValue {
  readonly #entries = new Map<HashKey, Value>();
  /** Keys that JavaScript has no primitive for, by type and text. */
  #others: Map<unknown, { readonly key: Value; readonly value: Value }> | undefined;

  get size(): number {
    return this.#entries.size + (this.#others?.size ?? 0);
  }

  find(key: Value): Value | undefined {
    const found = this.#exact(key);
    if (found !== undefined || typeof key === 'string' || typeof key === 'boolean') return found;
    if (isInt(key)) return key >= 0 ? this.#exact(new UintValue(BigInt(key))) : undefined;
    if (key instanceof UintValue) return key.value <= maxInt64 ? this.#exact(toInt(key.value)) : undefined;
    if (!(key instanceof DoubleValue)) return undefined;
    const whole = exactInt(key.value);
    const asInt = whole === undefined ? undefined : this.#exact(whole);
    if (asInt !== undefined) return asInt;
    const unsigned = exactUint(key.value);
    return unsigned === undefined ? undefined : this.#exact(unsigned);
  }

  *keys(): Iterable<Value> {
    yield* this.#entries.keys();
    for (const { key } of this.#others?.values() ?? []) yield key;
  }

  /** Only while it is being made. */
  set(key: Value, value: Value): this {
    if (isPrimitive(key)) this.#entries.set(key, value);
    else {
      this.#others ??= new Map();
      this.#others.set(otherKey(key), { key, value });
    }
    return this;
  }

  /** Only while it is being made. */
  delete(key: Value): void {
    if (isPrimitive(key)) this.#entries.delete(key);
    else this.#others?.delete(otherKey(key));
  }

  #exact(key: Value): Value | undefined {
    return isPrimitive(key) ? this.#entries.get(key) : this.#others?.get(otherKey(key))?.value;
  }
}

/** What a struct literal has made: read like a map with names as keys. */
export class StructValue extends HashMap {
  override readonly typeName: string;

  constructor(typeName: string) {
    super();
    this.typeName = typeName;
  }
}

/** The map a macro is building: inserting changes it, as nobody else can see it. */
export class GrowingMap extends HashMap {
  isDone = false;

  /** From now on it is a map like any other. */
  done(): HashMap {
    this.isDone = true;
    return this;
  }
}

/** The map with one more key; an error if it has it already. */
export function insertKey(map: MapValue, key: Value, value: Value): MapValue | CelError {
  if (map.find(key) !== undefined) return new CelError(`insert failed: key ${goText(key)} already exists`);
  if (map instanceof GrowingMap && !map.isDone) return map.set(key, value);
  const copy = new HashMap();
  for (const each of map.keys()) copy.set(each, map.find(each) as Value);
  return copy.set(key, value);
}

const isPrimitive = (key: Value): key is HashKey => typeof key !== 'object';

/** Lists and maps as keys are themselves, by identity: they can be put in, and only the same one finds them. */
function otherKey(key: Exclude<Value, HashKey>): unknown {
  if (key === null) return null;
  if (key instanceof ListValue || key instanceof MapValue) return key;
  return key instanceof TypeValue ? `type ${key.name}` : `${key.typeName} ${goText(key)}`;
}
