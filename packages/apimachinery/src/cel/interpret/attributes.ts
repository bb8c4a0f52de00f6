import {
  CelError,
  DoubleValue,
  exactInt,
  goText,
  goTypeName,
  isError,
  isInt,
  ListValue,
  MapValue,
  noSuchOverload,
  OptionalValue,
  optionalNone,
  toInt,
  typeName,
  UintValue,
  type Value,
  withoutSchema,
} from '../values/index.ts';
import type { Frame, Step } from './frame.ts';

/**
 * A variable or the result of an expression, with the fields and indices read from it. cel-go plans them as one thing,
 * and what is counted, and left on the cost stack, follows from that: fields each cost one, the whole costs one, and
 * the branches of a conditional share the fields read behind it.
 */
export type Attribute =
  | { readonly kind: 'base'; readonly id: number; readonly base: () => Step; readonly qualifiers: Qualifier[] }
  | {
      readonly kind: 'conditional';
      readonly id: number;
      readonly condition: () => Step;
      readonly conditionId: () => number;
      readonly truthy: Attribute;
      readonly falsy: Attribute;
    };

/** A field or index: a constant, or computed. */
export interface Qualifier {
  readonly id: number;
  /** Written with a question mark: what is missing makes the whole attribute an empty optional. */
  readonly optional: boolean;
  /** Only whether it is there matters. */
  readonly testOnly: boolean;
  readonly key: { readonly constant: Value } | { readonly step: () => Step; readonly costsOwnEntry: boolean };
}

/** The id under which the attribute's value is known: that of the last field read. */
export function attributeId(attribute: Attribute): number {
  if (attribute.kind === 'base') return attribute.qualifiers.at(-1)?.id ?? attribute.id;
  const truthy = attributeId(attribute.truthy);
  return truthy === attributeId(attribute.falsy) ? truthy : attribute.id;
}

export function qualify(attribute: Attribute, qualifier: Qualifier): void {
  if (attribute.kind === 'base') attribute.qualifiers.push(qualifier);
  else {
    qualify(attribute.truthy, qualifier);
    qualify(attribute.falsy, qualifier);
  }
}

/** The step that computes the attribute's value, without the cost of the attribute itself. */
export function linkAttribute(attribute: Attribute): Step {
  if (attribute.kind === 'conditional') {
    const condition = attribute.condition();
    const [truthy, falsy] = [linkAttribute(attribute.truthy), linkAttribute(attribute.falsy)];
    return (frame) => {
      const chosen = condition(frame);
      if (chosen === true) return truthy(frame);
      return chosen === false ? falsy(frame) : noSuchOverload(chosen);
    };
  }
  const base = attribute.base();
  const reads = attribute.qualifiers.map(linkQualifier);
  if (reads.length === 0) return (frame) => throughOptional(base(frame));
  return (frame) => applyReads(frame, base(frame), reads);
}

/** An optional as the base is read through, which takes the schema from what is in it. */
function throughOptional(value: Value): Value {
  if (!(typeof value === 'object' && value instanceof OptionalValue) || value.value === undefined) return value;
  return new OptionalValue(withoutSchema(value.value));
}

interface Read {
  readonly optional: boolean;
  readonly required: (frame: Frame, from: Value) => Value;
  /** Undefined if it is not there. */
  readonly ifPresent: (frame: Frame, from: Value) => Value | undefined;
}

function applyReads(frame: Frame, base: Value, reads: readonly Read[]): Value {
  let value = base;
  let isOptional = false;
  if (typeof base === 'object' && base instanceof OptionalValue) {
    if (base.value === undefined) return base;
    isOptional = true;
    value = withoutSchema(base.value);
  }
  if (isError(value)) return value;
  for (const read of reads) {
    isOptional ||= read.optional;
    const next = isOptional ? read.ifPresent(frame, value) : read.required(frame, value);
    if (next === undefined) return optionalNone;
    if (isError(next)) return next;
    value = next;
  }
  return isOptional ? new OptionalValue(value) : value;
}

function linkQualifier(qualifier: Qualifier): Read {
  const { id, optional, testOnly, key } = qualifier;
  const keyOf = 'constant' in key ? () => key.constant : indexStep(key.step());
  const costsOwnEntry = 'step' in key && key.costsOwnEntry;
  const observe = (frame: Frame, value: Value): Value => {
    if (costsOwnEntry) frame.cost.drop(id);
    frame.cost.cost++;
    frame.cost.push(id, value);
    return value;
  };
  const ifPresent = (frame: Frame, from: Value): Value | undefined => {
    const index = keyOf(frame);
    const value = isError(index) ? index : lookUp(from, index, true);
    return value === undefined || isError(value) ? value : observe(frame, value);
  };
  if (testOnly) {
    const required = (frame: Frame, from: Value): Value => {
      const value = lookUp(from, keyOf(frame), true);
      return observe(frame, value !== undefined && isError(value) ? value : value !== undefined);
    };
    return { optional, required, ifPresent };
  }
  const required = (frame: Frame, from: Value): Value => {
    const index = keyOf(frame);
    return observe(frame, isError(index) ? index : (lookUp(from, index, false) as Value));
  };
  return { optional, required, ifPresent };
}

function indexStep(step: Step): Step {
  return (frame) => {
    const index = step(frame);
    const isIndex = typeof index !== 'object' || isError(index) || index instanceof UintValue;
    if (isIndex || index instanceof DoubleValue) return index;
    return new CelError(`invalid qualifier type: ${index === null ? '<nil>' : goTypeName(index)}`);
  };
}

/** A field, key or index. What is missing is undefined if only presence is asked, else an error. */
export function lookUp(from: Value, key: Value, isTest: boolean): Value | undefined {
  if (typeof from === 'object') {
    if (from instanceof MapValue) {
      const found = from.find(key);
      return found !== undefined || isTest ? found : missingKey(key);
    }
    if (from instanceof ListValue) return elementAt(from, key, isTest);
    if (from instanceof CelError) return from;
  }
  return isTest ? undefined : missingKey(key);
}

const missingKey = (key: Value): CelError => new CelError(`no such key: ${goText(key)}`);

function elementAt(list: ListValue, key: Value, isTest: boolean): Value | undefined {
  const index = listIndex(key);
  if (isError(index)) return index;
  if (typeof index === 'number' && index >= 0 && index < list.size) {
    // A list with a schema is not found by numbers of other types, as upstream has it.
    return list.at(index);
  }
  return isTest ? undefined : new CelError(`index out of bounds: ${goText(key)}`);
}

function listIndex(key: Value): Value {
  if (isInt(key)) return key;
  if (key instanceof DoubleValue || key instanceof UintValue) {
    const index = key instanceof DoubleValue ? exactInt(key.value) : asInt(key.value);
    return index ?? new CelError(`unsupported index value ${goText(key)} in list`);
  }
  return new CelError(`unsupported index type '${typeName(key)}' in list`);
}

const asInt = (value: bigint): Value | undefined => (value < 2n ** 63n ? toInt(value) : undefined);
