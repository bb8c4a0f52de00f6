import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityFromNumber,
} from '../../quantity/index.ts';
import type { FunctionLibrary } from '../interpret/index.ts';
import { CelError, DoubleValue, type Int, noSuchOverload, OpaqueValue, toInt, type Value } from '../values/index.ts';

/** Kubernetes' `quantity`. */

const maximum = 2n ** 63n - 1n;
const fits = (value: bigint): boolean => value <= maximum && value >= -maximum - 1n;

export class QuantityValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Quantity';
  readonly goType = 'cel.Quantity';
  readonly quantity: Quantity;
  /** Upstream keeps amounts with many digits in another form, which is never taken for an integer. */
  readonly isLong: boolean;
  /** A sum or difference: upstream finds none of these on the right side of `==`. */
  readonly isComputed: boolean;

  constructor(quantity: Quantity, isLong: boolean, isComputed: boolean) {
    super();
    this.quantity = quantity;
    this.isLong = isLong;
    this.isComputed = isComputed;
  }

  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof QuantityValue) || other.isComputed) return noSuchOverload(other);
    return compareQuantities(this.quantity, other.quantity) === 0;
  }

  /** The amount as an int64; undefined where there is none. */
  integer(): Int | undefined {
    const { unscaled, scale } = this.quantity;
    if (this.isLong || (scale < 0 && unscaled !== 0n)) return undefined;
    const value = scale > 0 ? unscaled * 10n ** BigInt(scale) : unscaled;
    return fits(value) ? toInt(value) : undefined;
  }
}

function readQuantity(text: string): QuantityValue | CelError {
  try {
    return new QuantityValue(parseQuantity(text), isLongText(text), false);
  } catch (error) {
    return new CelError((error as Error).message);
  }
}

const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** Whether upstream's fast path, which reads up to 18 digits, leaves the text to arbitrary precision. */
function isLongText(text: string): boolean {
  const match = /^[+-]?0*(\d*)(?:\.(\d*?)0*)?([A-Za-zµ].*)?$/.exec(text);
  const [, whole = '', rest = '', suffix = ''] = match ?? [];
  const exponent = binaryExponents[suffix];
  if (exponent === undefined) return 18 - (whole.length + rest.length) < 0;
  return rest !== '' || 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 < 0;
}

function plus(a: QuantityValue, b: Quantity, isLong: boolean): QuantityValue {
  const sum = addQuantities(a.quantity, b);
  return new QuantityValue(sum, a.isLong || isLong || !fits(sum.unscaled), true);
}

const quantityOf = (value: Value): QuantityValue => value as QuantityValue;
const decimalExponent = (value: Value): Quantity => quantityFromNumber(value as Int, 'DecimalExponent');
const order = (a: Value, b: Value) => compareQuantities(quantityOf(a).quantity, quantityOf(b).quantity);

/** Amounts with many digits are kept in nano units, which shows in the last digits of the double. */
function approximateFloat({ quantity, isLong }: QuantityValue): DoubleValue {
  const scale = isLong ? -9 : quantity.scale;
  const unscaled = isLong ? quantity.unscaled * 10n ** BigInt(quantity.scale + 9) : quantity.unscaled;
  return new DoubleValue(scale === 0 ? Number(unscaled) : Number(unscaled) * Number(`1e${scale}`));
}

/** As upstream: in 64 bits, where the least integer is its own opposite, and exactly if that overflows. */
function minus(a: QuantityValue, b: Quantity, isLong: boolean): QuantityValue {
  const opposite = { unscaled: -b.unscaled, scale: b.scale, format: b.format };
  const short = plus(a, { ...opposite, unscaled: BigInt.asIntN(64, opposite.unscaled) }, isLong);
  return short.isLong ? plus(a, opposite, true) : short;
}

function sign(value: Value): Value {
  const { unscaled } = quantityOf(value).quantity;
  return unscaled > 0n ? 1 : unscaled < 0n ? -1 : 0;
}

export const quantityFunctions: FunctionLibrary = {
  quantity: { overloads: { string_to_quantity: { unary: (text) => readQuantity(text as string) } } },
  isQuantity: {
    overloads: { is_quantity_string: { unary: (text) => readQuantity(text as string) instanceof QuantityValue } },
  },
  sign: { overloads: { quantity_sign: { unary: sign } } },
  isGreaterThan: { overloads: { quantity_is_greater_than: { binary: (a, b) => order(a, b) === 1 } } },
  isLessThan: { overloads: { quantity_is_less_than: { binary: (a, b) => order(a, b) === -1 } } },
  compareTo: { overloads: { quantity_compare_to: { binary: order } } },
  asApproximateFloat: { overloads: { quantity_get_float: { unary: (value) => approximateFloat(quantityOf(value)) } } },
  asInteger: {
    overloads: {
      quantity_get_int: {
        unary: (value) => quantityOf(value).integer() ?? new CelError('cannot convert value to integer'),
      },
    },
  },
  isInteger: { overloads: { quantity_is_integer: { unary: (value) => quantityOf(value).integer() !== undefined } } },
  add: {
    overloads: {
      quantity_add: { binary: (a, b) => plus(quantityOf(a), quantityOf(b).quantity, quantityOf(b).isLong) },
      quantity_add_int: { binary: (a, b) => plus(quantityOf(a), decimalExponent(b), false) },
    },
  },
  sub: {
    overloads: {
      quantity_sub: {
        binary: (a, b) => minus(quantityOf(a), quantityOf(b).quantity, quantityOf(b).isLong),
      },
      quantity_sub_int: { binary: (a, b) => minus(quantityOf(a), decimalExponent(b), false) },
    },
  },
};
