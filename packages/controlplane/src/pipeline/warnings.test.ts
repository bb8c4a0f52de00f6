import { describe, expect, test } from 'vitest';
import { warningHeaders } from './warnings.ts';

const repeat = (count: number, length: number) => Array.from({ length: count }, (_, i) => `${i}${'x'.repeat(length)}`);

describe('warnings of an answer', () => {
  test('are quoted, and those with control characters left out', () => {
    expect(warningHeaders(['a "b" \\', 'c\nd', 'e\u0001'])).toEqual(['299 - "a \\"b\\" \\\\"', '299 - "c d"']);
  });

  test('are all there, and whole, up to 4096 runes', () => {
    expect(warningHeaders(['é'.repeat(4096)])[0]).toHaveLength(4096 + 8);
    expect(warningHeaders(repeat(300, 8))).toHaveLength(300);
  });

  test('are cut short beyond, and no more follow once that is too much as well', () => {
    expect(warningHeaders(['é'.repeat(4097)])[0]).toHaveLength(256 + 8);
    const many = warningHeaders(repeat(100_000, 30));
    expect(many.length).toBeLessThan(200);
    expect(many.join('').length).toBeLessThan(8000);
    expect(warningHeaders(repeat(30, 400)).every((header) => header.length === 256 + 8)).toBe(true);
  });
});
