import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  isZeroQuantity,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from '@setpoint/apimachinery/quantity';

/** Amounts of resources by name, as an object has them. */
export type ResourceList = Readonly<Record<string, string | number>>;

/** Amounts of resources by name, to count with. */
export type Amounts = ReadonlyMap<string, Quantity>;

export const one = parseQuantity('1');
export const zero = parseQuantity('0');

export function readAmounts(list: ResourceList | undefined): Map<string, Quantity> {
  return new Map(Object.entries(list ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));
}

/** Sorted by name, as the server writes them. */
export function writeAmounts(amounts: Amounts): Record<string, string> {
  const names = [...amounts.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, formatQuantity(amounts.get(name) as Quantity)]));
}

/** `cpu=1,memory=1Gi` */
export function formatAmounts(amounts: Amounts): string {
  return Object.entries(writeAmounts(amounts))
    .map(([name, amount]) => `${name}=${amount}`)
    .join(',');
}

export function addAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  return addTo(new Map(a), b);
}

/** Adds to the amounts in place. */
export function addTo(to: Map<string, Quantity>, amounts: Amounts): Map<string, Quantity> {
  for (const [name, amount] of amounts) {
    const present = to.get(name);
    to.set(name, present ? addQuantities(present, amount) : amount);
  }
  return to;
}

/** Raises amounts in place to those that are larger. */
export function raiseTo(to: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const present = to.get(name);
    if (!present || compareQuantities(amount, present) > 0) to.set(name, amount);
  }
}

/** What is more in `a` than in `b`; nothing is less than zero. */
export function increase(a: Amounts, b: Amounts): Map<string, Quantity> {
  const result = new Map<string, Quantity>();
  for (const [name, amount] of a) {
    const before = b.get(name);
    const rest = before ? subtractQuantities(amount, before) : amount;
    result.set(name, compareQuantities(rest, zero) > 0 ? rest : zero);
  }
  return result;
}

export function only(amounts: Amounts, has: (name: string, amount: Quantity) => boolean): Map<string, Quantity> {
  return new Map([...amounts].filter(([name, amount]) => has(name, amount)));
}

export function withoutZeros(amounts: Amounts): Map<string, Quantity> {
  return only(amounts, (_, amount) => !isZeroQuantity(amount));
}

export function equalAmounts(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, amount]) => {
    const other = b.get(name);
    return other !== undefined && compareQuantities(amount, other) === 0;
  });
}
