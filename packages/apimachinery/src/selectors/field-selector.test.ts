import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeFieldValue, parseFieldSelector } from './index.ts';

// Each answer was given by kube-apiserver 1.36 to GET …/configmaps?fieldSelector=….
test.each([
  ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
  ['metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
  ['metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
  ['metadata.name=a\\', 'invalid field selector: invalid escape sequence: \\'],
])('%s is refused in the words of the API server', (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(message);
});

test('terms are sorted, empty ones skipped, == read as =, and spaces kept as they are', () => {
  expect(parseFieldSelector('b!=2,,a==1,').requirements).toEqual([
    { field: 'a', operator: '=', value: '1' },
    { field: 'b', operator: '!=', value: '2' },
  ]);
  expect(parseFieldSelector(',').empty).toBe(true);
  expect(parseFieldSelector('a=1, b=2').requirements[0]?.field).toBe(' b');
  expect(parseFieldSelector('=x').requirements).toEqual([{ field: '', operator: '=', value: 'x' }]);
});

test('all requirements must be met, and a field that is not there is empty', () => {
  const selector = parseFieldSelector('metadata.name=web,status.phase!=Running');
  expect(selector.matches({ 'metadata.name': 'web', 'status.phase': 'Pending' })).toBe(true);
  expect(selector.matches({ 'metadata.name': 'web' })).toBe(true);
  expect(selector.matches({ 'metadata.name': 'web', 'status.phase': 'Running' })).toBe(false);
  expect(parseFieldSelector('toString=').matches({})).toBe(true);
});

test('any value survives escaping', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\\', ',', '=', '!', 'é', '😀', '\n') }), (value) => {
      const selector = parseFieldSelector(`spec.x=${escapeFieldValue(value)}`);
      expect(selector.requirements).toEqual([{ field: 'spec.x', operator: '=', value }]);
      expect(parseFieldSelector(String(selector)).requirements).toEqual(selector.requirements);
    }),
  );
});
