import { expect, test } from 'vitest';
import { compareSuites, withSecondAttempt } from '../test/envtest/compare.ts';
import { goTests, type SpecState, type SuiteResult } from '../test/envtest/run.ts';

const output = [
  'log of an operator\n',
  '=== RUN   TestA\n',
  '=== RUN   TestA/one\n    a_test.go:3: got 1, want 2\n',
  '    --- FAIL: TestA/one (0.00s)\n',
  '    --- PASS: TestA/two (0.00s)\n',
  '--- FAIL: TestA (0.01s)\n',
  '=== RUN   TestB\n',
  '=== NAME  TestB\n    b_test.go:9: cleaning up failed\n',
  '    --- PASS: TestB/one (0.00s)\n',
  '--- FAIL: TestB (0.01s)\n',
  '--- PASS: TestSuite (0.01s)\n',
  '--- SKIP: TestC (0.00s)\n',
].join('\x16');

test('the innermost of Go tests count, and an outer one that failed by itself', () => {
  expect(goTests(output, new Set(['TestSuite']))).toEqual([
    { name: 'TestA/one', state: 'failed', message: '    a_test.go:3: got 1, want 2\n' },
    { name: 'TestA/two', state: 'passed' },
    { name: 'TestB/one', state: 'passed' },
    { name: 'TestB', state: 'failed', message: '    b_test.go:9: cleaning up failed\n' },
    { name: 'TestC', state: 'skipped' },
  ]);
});

const result = (states: Readonly<Record<string, SpecState>>): SuiteResult => ({
  specs: Object.entries(states).map(([name, state]) => ({ name, state })),
  seconds: 1,
});

test('what passes on the real server alone counts, and what did not run has failed', () => {
  const real = result({ a: 'passed', b: 'failed', c: 'passed', d: 'passed' });
  const comparison = compareSuites('x', real, result({ a: 'passed', b: 'passed', c: 'failed' }));
  expect(comparison.passed).toBe(1);
  expect(comparison.failed.map(({ name }) => name)).toEqual(['c', 'd']);
});

test('a second attempt is told apart, and takes nothing from the first', () => {
  const real = result({ a: 'passed', b: 'passed', c: 'passed' });
  const first = compareSuites('x', real, result({ a: 'passed', b: 'failed', c: 'failed' }));
  const both = withSecondAttempt(first, result({ a: 'failed', b: 'passed', c: 'failed' }));
  expect(both.passed).toBe(2);
  expect(both.late).toBe(1);
  expect(both.failed.map(({ name }) => name)).toEqual(['c']);
});
