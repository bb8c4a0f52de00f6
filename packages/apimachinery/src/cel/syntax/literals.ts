import type { Constant } from './ast.ts';

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;

/** The value of an int literal, decimal or `0x…`; undefined if 64 bits cannot hold it. */
export const parseIntLiteral = (text: string, negative: boolean): Constant | undefined => {
  const magnitude = BigInt(text);
  const value = negative ? -magnitude : magnitude;
  return value > maxInt || value < minInt ? undefined : { kind: 'int', value };
};

/** The value of a uint literal, its `u` included; undefined if 64 bits cannot hold it. */
export const parseUintLiteral = (text: string): Constant | undefined => {
  const value = BigInt(text.slice(0, -1));
  return value > maxUint ? undefined : { kind: 'uint', value };
};

/** The value of a double literal; undefined if it is out of range. */
export const parseFloatLiteral = (text: string, negative: boolean): Constant | undefined => {
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'double', value: negative ? -value : value } : undefined;
};
