import type { Constant } from './ast.ts';
import { type Token, token } from './tokens.ts';
import { unescapeBytes, unescapeString } from './unescape.ts';

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;

/** The value of an int literal, decimal or `0x…`; undefined if 64 bits cannot hold it. */
const parseIntLiteral = (text: string, negative: boolean): Constant | undefined => {
  const magnitude = BigInt(text);
  const value = negative ? -magnitude : magnitude;
  return value > maxInt || value < minInt ? undefined : { kind: 'int', value };
};

/** The value of a uint literal, its `u` included; undefined if 64 bits cannot hold it. */
const parseUintLiteral = (text: string): Constant | undefined => {
  const value = BigInt(text.slice(0, -1));
  return value > maxUint ? undefined : { kind: 'uint', value };
};

/** The value of a double literal; undefined if it is out of range. */
const parseFloatLiteral = (text: string, negative: boolean): Constant | undefined => {
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'double', value: negative ? -value : value } : undefined;
};

const refused = (what: string) => ({ error: `invalid ${what} literal` });

/** What a token stands for, or why it cannot; undefined if it is no literal. */
export const literalOf = (found: Token, negative: boolean): Constant | { readonly error: string } | undefined => {
  switch (found.type) {
    case token.int:
      return parseIntLiteral(found.text, negative) ?? refused('int');
    case token.uint:
      return parseUintLiteral(found.text) ?? refused('uint');
    case token.float:
      return parseFloatLiteral(found.text, negative) ?? refused('double');
    case token.string: {
      const text = unescapeString(found.text);
      return 'error' in text ? text : { kind: 'string', value: text.value };
    }
    case token.bytes: {
      const bytes = unescapeBytes(found.text.slice(1));
      return 'error' in bytes ? bytes : { kind: 'bytes', value: bytes.value };
    }
    case token.true:
    case token.false:
      return { kind: 'bool', value: found.type === token.true };
    case token.null:
      return { kind: 'null' };
    default:
      return undefined;
  }
};
