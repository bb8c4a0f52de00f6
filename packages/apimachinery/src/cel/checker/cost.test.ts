import { describe, expect, it } from 'vitest';
import { parse } from '../syntax/index.ts';
import { dynType, intType, listType, mapType, objectType, stringType, structTypes } from '../types/index.ts';
import { check, estimateCost, kubernetesEnvironment, type SizeEstimator, unboundedCost } from './index.ts';

const environment = kubernetesEnvironment({
  variables: [
    { name: 'self', type: objectType('Root') },
    { name: 'any', type: dynType },
  ],
  provider: structTypes({
    Root: { name: stringType, count: intType, tags: listType(stringType), labels: mapType(stringType, stringType) },
  }),
});

const limits: Readonly<Record<string, bigint>> = { 'self.name': 100n, 'self.tags': 10n, 'self.tags.@items': 20n };
const sizes: SizeEstimator = (path) => {
  const max = limits[path.join('.')];
  return max === undefined ? undefined : { min: 0n, max };
};

const costOf = (text: string): readonly [bigint, bigint] => {
  const parsed = parse(text, { macros: environment.macros });
  if (!parsed.ok) throw new Error(parsed.issues.toString());
  const result = check(parsed.ast, environment);
  if (!result.ok) throw new Error(result.issues.toString());
  const { min, max } = estimateCost(result.ast, sizes);
  return [min, max];
};

describe('estimated cost', () => {
  it.each([
    ['self.count', 2n, 2n],
    ['has(self.name)', 1n, 1n],
    ['1 + 1', 1n, 1n],
    ['[1, 2]', 10n, 10n],
    ['{"a": 1}', 30n, 30n],
    ['self.name == "abc"', 3n, 3n],
    ['self.name.startsWith("abc")', 3n, 3n],
    ['self.name.matches("^a+$")', 3n, 13n],
    ['self.name.contains(self.name)', 4n, 104n],
    ['self.name + self.name', 4n, 24n],
    ['self.count > 0 && self.name == "a"', 3n, 6n],
    ['self.tags.all(t, t == "abc")', 3n, 53n],
    ['self.tags.isSorted()', 2n, 32n],
    ['self.tags.join(",")', 2n, 23n],
    ['self.tags.sort()', 13n, 223n],
    ['sets.contains(self.tags, ["a"])', 13n, 23n],
    ['quantity("1Gi").add(1)', 2n, 2n],
  ])('of %s is %s to %s', (text, min, max) => {
    expect(costOf(text)).toEqual([min, max]);
  });

  it('has no bound where nobody knows how long the data is', () => {
    expect(costOf('self.labels.all(k, k == "a")')[1]).toBe(unboundedCost);
    expect(costOf('any.all(x, any.all(y, x == y))')[1]).toBe(unboundedCost);
  });

  it('of a question to the authorizer is high', () => {
    const { ok, ...parsed } = parse('authorizer.path("/a").check("get").allowed()', { macros: environment.macros });
    expect(ok).toBe(true);
    const withAuthorizer = kubernetesEnvironment({
      variables: [{ name: 'authorizer', type: objectType('kubernetes.authorization.Authorizer') }],
    });
    const result = 'ast' in parsed ? check(parsed.ast, withAuthorizer) : undefined;
    expect(result?.ok === true && estimateCost(result.ast).max).toBe(350_003n);
  });
});
