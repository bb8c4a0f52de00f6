import { describe, expect, it } from 'vitest';
import { kubernetesEnvironment } from './checker/index.ts';
import { compile } from './compile.ts';
import { dynType } from './types/index.ts';
import { goText, OptionalValue, valueOfJson, valueOfSchema } from './values/index.ts';

const environment = kubernetesEnvironment({
  variables: ['self', 'oldSelf'].map((name) => ({ name, type: dynType })),
});

const self = valueOfJson({ a: 1, n: null, s: 'x', list: [1, 2, 3], m: { k: 'v' } });

function evaluate(expression: string, options: { costLimit?: number; signal?: AbortSignal } = {}) {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return { failed: compiled.issues === undefined ? compiled.message : String(compiled.issues) };
  const outcome = compiled.program.evaluate({ self, oldSelf: valueOfJson(null) }, options);
  return 'error' in outcome
    ? { error: outcome.error, cost: outcome.cost }
    : { is: goText(outcome.value), cost: outcome.cost };
}

describe('an expression', () => {
  it.each([
    ['self.missing || true', 'true'],
    ['true || self.missing', 'true'],
    ['self.missing && false', 'false'],
    ['self.list.exists(i, self.missing == i || i == 2)', 'true'],
    ['self.list.all(i, i < 2 && self.missing)', 'false'],
    ['self.n == null', 'true'],
    ['has(self.n)', 'true'],
    ['has(self.m.x)', 'false'],
    ['self.?m.?k.orValue("none")', 'v'],
    ['self.?x.k.orValue("none")', 'none'],
    ['self.list.map(i, i * 2)', '[2, 4, 6]'],
    ['self.list.transformMap(i, v, v > 1, i)', '{1: 1, 2: 2}'],
    ['type(self.a) == int', 'true'],
    ['[1, 2.0, 3u].map(x, dyn(x))[1] == 2', 'true'],
  ])('%s is %s', (expression, expected) => {
    const outcome = evaluate(expression.replace('[1, 2.0, 3u]', '[dyn(1), dyn(2.0), dyn(3u)]'));
    expect(outcome).toMatchObject({ is: expected });
  });

  it.each([
    ['self.missing', 'no such key: missing'],
    ['self.list[3]', 'index out of bounds: 3'],
    ['self.a / 0', 'division by zero'],
    ['9223372036854775807 + self.a', 'integer overflow'],
    ['self.a + self.s', 'no such overload'],
    ['self.s[0]', 'no such key: 0'],
    ['self.a.size()', 'no such overload: size'],
    ['self.a.map(x, x)', "got 'types.Int', expected iterable type"],
    ['self.missing && true', 'no such key: missing'],
    ['optional.none().value()', 'optional.none() dereference'],
    ['self.s.charAt(9)', 'index out of range: 9'],
  ])('%s fails: %s', (expression, message) => {
    expect(evaluate(expression)).toMatchObject({ error: message });
  });

  it.each([
    ['int("x") == 1', "type conversion error from 'string' to 'int'"],
    ['self.s.find("[") == ""', 'error parsing regexp: missing closing ]: `[`'],
    ['self[dyn(null)]', 'invalid qualifier type: types.Null'],
  ])('%s cannot be made a program', (expression, message) => {
    expect(evaluate(expression)).toEqual({ failed: message });
  });

  // Figures of cel-go 0.26 with Kubernetes' costs.
  it.each([
    ['1 + 2', 1],
    ['self.a', 2],
    ['has(self.a)', 1],
    ['self.a == 1', 3],
    ['self.a in [1, 2]', 2],
    ['[1, 2, 3].map(x, x * 2)', 43],
    ['self.list.all(i, i > 0)', 18],
    ['self.a > 0 ? self.a : self.b', 4],
    ['[self.a]', 12],
    ['{"a": self.a}', 32],
  ])('%s costs %d', (expression, cost) => {
    expect(evaluate(expression)).toMatchObject({ cost });
  });

  it('ends at its cost limit', () => {
    expect(evaluate('self.list.all(i, self.list.all(j, i + j > 0))', { costLimit: 20 })).toMatchObject({
      error: 'operation cancelled: actual cost limit exceeded',
      cost: 21,
    });
  });

  it.each([
    'lists.range(9000000000000000).size() > 0',
    "['x'].map(x, 'a'.replace('a', '%.900000f'.format([1.0]))).map(x, x.replace('0', x))[0].size() > 0",
  ])('%s takes neither much time nor memory', (expression) => {
    expect(evaluate(expression)).toHaveProperty('error');
  });

  it('ends when it is interrupted', () => {
    const nested = 'self.list.all(a, self.list.all(b, self.list.all(c, self.list.all(d, self.list.all(e, e > 0)))))';
    expect(evaluate(nested, { signal: AbortSignal.abort() })).toMatchObject({ error: 'operation interrupted' });
  });

  it('evaluates many times to the same', () => {
    const compiled = compile('self.list.filter(i, i > 1).map(i, i + 1)', environment);
    if (!compiled.ok) throw new Error(String(compiled.issues));
    const once = () => compiled.program.evaluate({ self });
    const first = once();
    expect(once()).toEqual(first);
    expect(first).toMatchObject({ value: { size: 2 } });
  });

  it('loses the schema of what stands in an optional variable, as upstream does', () => {
    const schema = { type: 'object', properties: { 'a-b': { type: 'integer' } } } as const;
    const compiled = compile('oldSelf.?a__dash__b.hasValue()', environment);
    if (!compiled.ok) throw new Error(String(compiled.issues));
    const evaluate = (oldSelf: Parameters<typeof goText>[0]) => compiled.program.evaluate({ oldSelf });
    const object = valueOfSchema({ 'a-b': 1 }, schema);
    expect(evaluate(object)).toMatchObject({ value: true });
    expect(evaluate(new OptionalValue(object))).toMatchObject({ value: false });
  });
});
