import { describe, expect, it } from 'vitest';
import { Correlated, checkStructuralSchema, type StructuralSchema, type ValidationRule } from '../schema/index.ts';
import { ruleEngine } from './index.ts';

const rules = (...list: readonly (string | ValidationRule)[]): StructuralSchema => ({
  'x-kubernetes-validations': list.map((one) => (typeof one === 'string' ? { rule: one } : one)),
});
const object = (properties: Readonly<Record<string, StructuralSchema>>, more: StructuralSchema = {}) =>
  ({ type: 'object', properties, ...more }) as const;
const int: StructuralSchema = { type: 'integer' };
const text: StructuralSchema = { type: 'string' };

const check = (schema: StructuralSchema) => checkStructuralSchema(schema, 'schema', ruleEngine).map(String);

function errorsOf(schema: StructuralSchema, value: unknown, options: object = {}): string[] {
  const validator = ruleEngine.validator(schema, false);
  return (validator?.validate(value, { path: 'v', ...options }).errors ?? []).map(String);
}

describe('rules of a definition', () => {
  it('are compiled against the types of the schema', () => {
    const [error] = check(object({ a: int }, rules("self.a == 'x'")));
    expect(error).toContain("found no matching overload for '_==_' applied to '(int, string)'");
    expect(check(object({ a: int }, rules('self.a == 1')))).toEqual([]);
  });

  it('know properties by their escaped names', () => {
    const schema = object({ 'a-b': int, namespace: int }, rules('self.a__dash__b == self.__namespace__'));
    expect(check(schema)).toEqual([]);
    expect(check(object({ 'a b': int }, rules('has(self.a)')))[0]).toContain("undefined field 'a'");
  });

  it('see names and type at the root and in embedded resources alone', () => {
    expect(check(object({}, rules("self.metadata.name + self.kind != ''")))).toEqual([]);
    expect(check(object({ a: object({}, rules("self.kind != ''")) }))[0]).toContain("undefined field 'kind'");
  });

  it('may cost so much and no more, times the items of the lists above', () => {
    const list = (more: StructuralSchema) => object({ l: { type: 'array', items: { ...text, ...more } } });
    expect(check(list(rules("self.contains('abc')")))[0]).toContain('estimated rule cost exceeds budget by factor of');
    const bounded = object({
      l: { type: 'array', maxItems: 100, items: { ...text, maxLength: 100, ...rules("self.contains('abc')") } },
    });
    expect(check(bounded)).toEqual([]);
  });

  it('may cost so much together', () => {
    const item = { ...text, maxLength: 30, ...rules("self.contains('abc')") };
    const lists = Array.from({ length: 24 }, (_, i) => [
      `f${i}`,
      { type: 'array', maxItems: 500_000 + i, items: item },
    ]);
    const errors = check(object(Object.fromEntries(lists)));
    expect(errors).toHaveLength(5);
    expect(errors[0]).toContain('properties[f23]');
    expect(errors.at(-1)).toMatch(/^schema: Forbidden: .* entire OpenAPIv3 schema exceeds budget by factor of 1\.\d+x/);
  });

  it('may use old values where parts can be told to be the same', () => {
    const items = object({ k: text }, { required: ['k'], ...rules('self.k == oldSelf.k') });
    expect(check(object({ l: { type: 'array', maxItems: 9, items } }))[0]).toContain('uncorrelatable portion');
    const keyed: StructuralSchema = {
      type: 'array',
      maxItems: 9,
      items,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    };
    expect(check(object({ l: keyed }))).toEqual([]);
  });

  it('are not compiled while something else is wrong', () => {
    const errors = check(object({ a: { ...int, uniqueItems: true } }, rules('self.b')));
    expect(errors).toEqual([expect.stringContaining('uniqueItems')]);
  });

  it('judge defaults', () => {
    const [error] = check(object({ a: { ...int, default: 0, ...rules('self > 0') } }));
    expect(error).toBe('schema.properties[a].default: Invalid value: 0: failed rule: self > 0');
  });
});

describe('rules of an object', () => {
  it('fail with their rule, message or messageExpression, at their field', () => {
    const schema = object(
      { a: int },
      rules(
        'self.a > 0',
        { rule: 'self.a > 0', message: 'more', reason: 'FieldValueForbidden', fieldPath: '.a' },
        { rule: 'self.a > 0', messageExpression: "'a is ' + string(self.a)" },
        { rule: 'self.a > 0', message: 'fallback', messageExpression: 'string(1 / self.a)' },
      ),
    );
    expect(errorsOf(schema, { a: 0 })).toEqual([
      'v: Invalid value: failed rule: self.a > 0',
      'v.a: Forbidden: more',
      'v: Invalid value: a is 0',
      'v: Invalid value: fallback',
    ]);
    expect(errorsOf(schema, { a: 1 })).toEqual([]);
  });

  it('report where they stumble', () => {
    expect(errorsOf(object({ a: int }, rules('self.a > 0')), {})).toEqual([
      'v: Invalid value: "object": no such key: a evaluating rule: self.a > 0',
    ]);
  });

  it('of transition need an old value, found by name and key', () => {
    const schema = object({ m: { type: 'object', additionalProperties: { ...int, ...rules('self >= oldSelf') } } });
    expect(errorsOf(schema, { m: { x: 1 } })).toEqual([]);
    expect(errorsOf(schema, { m: { x: 1, y: 0 } }, { old: { m: { x: 2 } } })).toEqual([
      'v.m[x]: Invalid value: 1: failed rule: self >= oldSelf',
    ]);
  });

  it('become warnings where nothing changed', () => {
    const schema = object({ a: { ...int, ...rules('self > 0') }, b: int });
    const [value, old] = [
      { a: 0, b: 2 },
      { a: 0, b: 1 },
    ];
    const warnings: string[] = [];
    const options = {
      old,
      correlated: new Correlated(value, old, schema),
      warn: (text: string) => warnings.push(text),
    };
    expect(errorsOf(schema, value, options)).toEqual([]);
    expect(warnings).toEqual(['v.a: Invalid value: 0: failed rule: self > 0']);
  });

  it('end when the budget is used up', () => {
    const validator = ruleEngine.validator(object({ a: int }, rules('self.a == 0', 'self.a == 1')), false);
    const { errors, remaining } = validator?.validate({ a: 0 }, { path: 'v', budget: 3 }) ?? {
      errors: [],
      remaining: 0,
    };
    expect(remaining).toBe(-1);
    expect(errors.map(String)).toEqual([
      'v: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });

  it('are none where there are none', () => {
    expect(ruleEngine.validator(object({ a: int }), true)).toBeUndefined();
  });
});
