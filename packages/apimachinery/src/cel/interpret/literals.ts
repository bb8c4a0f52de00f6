import type { Constant, MapExpr, StructExpr } from '../syntax/index.ts';
import {
  ArrayList,
  BytesValue,
  CelError,
  DoubleValue,
  goText,
  HashMap,
  isError,
  OptionalValue,
  StructValue,
  toInt,
  UintValue,
  type Value,
} from '../values/index.ts';
import type { Frame } from './frame.ts';
import { link, type Planned, plannedId } from './planned.ts';

/** List and map literals. Those of constants are made once and cost nothing. */

export function constantValue(constant: Constant): Value {
  switch (constant.kind) {
    case 'null':
      return null;
    case 'int':
      return toInt(constant.value);
    case 'uint':
      return new UintValue(constant.value);
    case 'double':
      return new DoubleValue(constant.value);
    case 'bytes':
      return new BytesValue(constant.value);
    case 'bool':
    case 'string':
      return constant.value;
    default:
      return constant satisfies never;
  }
}

const listCost = 10;
const mapCost = 30;
const structCost = 40;

const constantsOf = (planned: readonly Planned[]): Value[] | undefined => {
  const values = planned.flatMap((each) => (each.kind === 'constant' ? [each.value] : []));
  return values.length === planned.length ? values : undefined;
};

/** A step over the values of parts, which stops at the first that fails. */
function built(
  id: number,
  parts: readonly Planned[],
  cost: number,
  make: (values: readonly Value[]) => Value,
): Planned {
  return {
    kind: 'step',
    id,
    link: () => {
      const steps = parts.map(link);
      const ids = parts.map(plannedId);
      const evaluate = (frame: Frame): Value => {
        const values: Value[] = [];
        for (const step of steps) {
          const value = step(frame);
          if (isError(value)) return value;
          values.push(value);
        }
        return make(values);
      };
      return (frame) => {
        const value = evaluate(frame);
        frame.cost.take(ids);
        frame.cost.cost += cost;
        frame.cost.push(id, value);
        return value;
      };
    },
  };
}

export function listLiteral(id: number, elements: readonly Planned[], optionals: ReadonlySet<number>): Planned {
  const make = (values: readonly Value[]): Value => {
    if (optionals.size === 0) return new ArrayList(values);
    const present: Value[] = [];
    for (const [i, value] of values.entries()) {
      if (!optionals.has(i)) present.push(value);
      else if (!(value instanceof OptionalValue)) {
        return new CelError(`cannot initialize optional list element from non-optional value ${goText(value)}`);
      } else if (value.value !== undefined) present.push(value.value);
    }
    return new ArrayList(present);
  };
  const constants = constantsOf(elements);
  return constants === undefined
    ? built(id, elements, listCost, make)
    : { kind: 'constant', id, value: make(constants) };
}

export function mapLiteral(expr: MapExpr, parts: readonly Planned[]): Planned {
  const { id, entries } = expr;
  const make = (values: readonly Value[]): Value => {
    const map = new HashMap();
    for (const [i, entry] of entries.entries()) {
      const [key, value] = [values[2 * i] as Value, values[2 * i + 1] as Value];
      if (!entry.optional) map.set(key, value);
      else if (!(value instanceof OptionalValue)) {
        return new CelError(
          `cannot initialize optional entry '${goText(key)}' from non-optional value ${goText(value)}`,
        );
      } else if (value.value === undefined) map.delete(key);
      else map.set(key, value.value);
    }
    return map;
  };
  const constants = constantsOf(parts);
  return constants === undefined ? built(id, parts, mapCost, make) : { kind: 'constant', id, value: make(constants) };
}

/** Never constant: also one without fields is made anew, at the cost of a struct. */
export function structLiteral({ id, typeName, fields }: StructExpr, values: readonly Planned[]): Planned {
  return built(id, values, structCost, (given) => {
    const struct = new StructValue(typeName);
    for (const [i, { name, optional }] of fields.entries()) {
      const value = given[i] as Value;
      if (!optional) struct.set(name, value);
      else if (!(value instanceof OptionalValue)) {
        return new CelError(`cannot initialize optional entry '${name}' from non-optional value ${goText(value)}`);
      } else if (value.value !== undefined) struct.set(name, value.value);
    }
    return struct;
  });
}

/** `x in [constants]`, which cel-go turns into a look-up that costs nothing; undefined where it does not. */
export function constantMembership(id: number, element: Planned, list: Planned): Planned | undefined {
  if (list.kind !== 'constant' || !(list.value instanceof ArrayList)) return undefined;
  const { elements } = list.value;
  if (elements.length === 0) return { kind: 'constant', id, value: false };
  const set = new HashMap();
  for (const member of elements) {
    const isPrimitive = typeof member !== 'object' || member instanceof DoubleValue || member instanceof UintValue;
    if (!isPrimitive) return undefined;
    set.set(member, true);
  }
  return {
    kind: 'step',
    id,
    link: () => {
      const step = link(element);
      return (frame) => {
        const value = step(frame);
        const found = isError(value) ? value : set.find(value) !== undefined || isMember(set, value);
        frame.cost.push(id, found);
        return found;
      };
    },
  };
}

/** An integer is also found among doubles here, unlike among the keys of a map. */
function isMember(set: HashMap, value: Value): boolean {
  if (typeof value === 'number' || typeof value === 'bigint')
    return set.find(new DoubleValue(Number(value))) !== undefined;
  return value instanceof UintValue && set.find(new DoubleValue(Number(value.value))) !== undefined;
}
