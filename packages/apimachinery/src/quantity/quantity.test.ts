import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  QuantityError,
  quantityFromNumber,
  quantityToNumber,
  subtractQuantities,
} from './index.ts';

describe('canonical form', () => {
  test.each([
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1.5', '1500m'],
    ['0.1', '100m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['512Ki', '512Ki'],
    ['1025Ki', '1025Ki'],
    ['1000k', '1M'],
    ['12e6', '12e6'],
    ['12E3', '12E3'],
    ['120e5', '12e6'],
    ['1000', '1k'],
    ['100', '100'],
    ['-1000m', '-1'],
    ['0', '0'],
    ['0Mi', '0'],
    ['-0', '0'],
    ['0.0000000001', '1n'],
    ['0.00000000011', '1n'],
    ['1.0000000001', '1000000001n'],
    ['-0.0000000001', '-1n'],
    ['0.5i', undefined],
    ['1.500', '1.500'],
    ['9223372036854775807', '9223372036854775807'],
    ['99999999999999999999', '99999999999999999999'],
    ['8Ei', '9223372036854775807'],
    ['1.1Ki', '1126400m'],
    ['0.25Ki', '256'],
    ['+5', '+5'],
    ['125000000000000G', '125000E'],
  ])('%s is written %s', (text, canonical) => {
    if (canonical === undefined) expect(() => parseQuantity(text)).toThrow(QuantityError);
    else expect(canonicalQuantity(text)).toBe(canonical);
  });

  test('numbers are accepted as in JSON', () => {
    expect(canonicalQuantity(2)).toBe('2');
    expect(canonicalQuantity(0.5)).toBe('500m');
    expect(canonicalQuantity(1e21)).toBe('1e21');
  });
});

test('what is no quantity is refused with the message of the API server', () => {
  expect(() => parseQuantity('')).toThrow(/must match the regular expression/);
  expect(() => parseQuantity('1 Gi')).toThrow(/must match the regular expression/);
  expect(() => parseQuantity('1Q')).toThrow(/must match the regular expression/);
  expect(() => parseQuantity('1mm')).toThrow("unable to parse quantity's suffix");
  expect(() => parseQuantity('1e')).toThrow("unable to parse quantity's suffix");
});

const quantities = fc
  .tuple(
    fc.bigInt(-(10n ** 15n), 10n ** 15n),
    fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2'),
  )
  .map(([mantissa, suffix]) => `${mantissa}${suffix}`);

test('the canonical form reads as the same amount and is stable', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      const quantity = parseQuantity(text);
      const { text: _, ...bare } = quantity;
      const written = formatQuantity(bare);
      const again = parseQuantity(written);
      expect(compareQuantities(again, quantity)).toBe(0);
      const { text: __, ...bareAgain } = again;
      expect(formatQuantity(bareAgain)).toBe(written);
    }),
  );
});

test('addition and subtraction undo each other exactly, and order agrees with difference', () => {
  fc.assert(
    fc.property(quantities, quantities, (left, right) => {
      const [a, b] = [parseQuantity(left), parseQuantity(right)];
      expect(compareQuantities(subtractQuantities(addQuantities(a, b), b), a)).toBe(0);
      const sign = Math.sign(quantityToNumber(subtractQuantities(a, b)));
      expect(compareQuantities(a, b)).toBe(sign === 0 ? 0 : sign);
    }),
  );
});

test('a sum keeps the notation of its first operand', () => {
  expect(formatQuantity(addQuantities(parseQuantity('1Gi'), parseQuantity('1Gi')))).toBe('2Gi');
  expect(formatQuantity(addQuantities(quantityFromNumber(0), parseQuantity('1Gi')))).toBe('1Gi');
  expect(formatQuantity(addQuantities(parseQuantity('500m'), parseQuantity('500m')))).toBe('1');
});
