import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { longest, longestFirst } from './longest-first.ts';

test('files that take minutes are begun first, and the others stay in their order', () => {
  const others = ['/x/packages/b.real.ts', '/x/operators/a.real.ts'];
  const found = longestFirst([...others, ...longest.map((path) => `/x/${path}`).toReversed()].map(module));
  expect(found.map(({ moduleId }) => moduleId)).toEqual([...longest.map((path) => `/x/${path}`), ...others]);
});

test('each of them is there', () => {
  expect(longest.filter((path) => !existsSync(path))).toEqual([]);
});

function module(moduleId: string) {
  return { moduleId };
}
