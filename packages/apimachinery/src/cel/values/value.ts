/**
 * The values of CEL at run time. What JavaScript has itself stands for itself: null, booleans, strings, and integers
 * (a number while it is exact, a bigint beyond 2^53, never a bigint within). Everything else is an object of a class below.
 * An error is a value too, as in cel-go: functions return it, and logical operators may absorb it.
 */
export type Value = null | boolean | string | Int | ObjectValue;

/** An int64. Kept canonical, so that two equal integers are `===`. */
export type Int = number | bigint;

/** What all values that JavaScript does not have share: the name `type(x)` shows. */
export abstract class ObjectValue {
  abstract readonly typeName: string;
}

/** The evaluation failed at this place; the message is cel-go's. */
export class CelError extends ObjectValue {
  readonly typeName = 'error';
  readonly message: string;

  constructor(message: string) {
    super();
    this.message = message;
  }
}

/** A uint64. */
export class UintValue extends ObjectValue {
  readonly typeName = 'uint';
  readonly value: bigint;

  constructor(value: bigint) {
    super();
    this.value = value;
  }
}

/** A float64: boxed, because plain numbers are integers. */
export class DoubleValue extends ObjectValue {
  readonly typeName = 'double';
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }
}

export class BytesValue extends ObjectValue {
  readonly typeName = 'bytes';
  readonly value: Uint8Array;

  constructor(value: Uint8Array) {
    super();
    this.value = value;
  }
}

/** A moment with nanoseconds. The zone it was written in matters only where it is printed. */
export class TimestampValue extends ObjectValue {
  readonly typeName = 'google.protobuf.Timestamp';
  /** Since 1970, rounded down. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Seconds east of UTC. */
  readonly offset: number;

  constructor(seconds: number, nanoseconds: number, offset = 0) {
    super();
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.offset = offset;
  }
}

export class DurationValue extends ObjectValue {
  readonly typeName = 'google.protobuf.Duration';
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = nanoseconds;
  }
}

/** A type as a value: what the identifier `int` denotes, and `type(x)` returns. */
export class TypeValue extends ObjectValue {
  readonly typeName = 'type';
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A value that may be missing. */
export class OptionalValue extends ObjectValue {
  readonly typeName = 'optional_type';
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }
}

export const optionalNone = new OptionalValue(undefined);

/**
 * Values of Kubernetes' own types (quantities, addresses, …): they know how they compare, and how long they are where
 * costs depend on it.
 */
export abstract class OpaqueValue extends ObjectValue {
  /** The Go type, as some messages of cel-go show it. */
  abstract readonly goType: string;
  /** Equality with another value; an error where upstream has no overload for it. */
  abstract equalTo(other: Value): boolean | CelError;
  /** For the cost of functions that take it; undefined is 1. */
  size(): number | undefined {
    return undefined;
  }
  /** What `string(x)` gives; undefined where there is no such conversion. */
  text(): string | undefined {
    return undefined;
  }
}

/** A list. Elements are made when they are asked for. */
export abstract class ListValue extends ObjectValue {
  readonly typeName = 'list';
  abstract readonly size: number;
  /** The element at an index that is in range. */
  abstract at(index: number): Value;
}

/** A map, or an object whose fields are read like keys. */
export abstract class MapValue extends ObjectValue {
  readonly typeName: string = 'map';
  abstract readonly size: number;
  /** The value of a key; undefined if it is not there; an error if the key cannot be one. */
  abstract find(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
}

export const isError = (value: Value): value is CelError => typeof value === 'object' && value instanceof CelError;

export const isInt = (value: Value): value is Int => typeof value === 'number' || typeof value === 'bigint';

const noSuchOverloadError = new CelError('no such overload');

/** The error itself, if the value is one; else that there is no such overload. */
export const noSuchOverload = (value?: Value): CelError =>
  value !== undefined && isError(value) ? value : noSuchOverloadError;

/** The name of the value's type as CEL shows it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      return value === null ? 'null_type' : value.typeName;
  }
}
