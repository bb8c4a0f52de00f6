import { describe, expect, it } from 'vitest';
import {
  bindingMacros,
  type Expr,
  listMacros,
  optionalMacros,
  type ParseOptions,
  parse,
  standardMacros,
  twoVariableMacros,
  unparse,
} from './index.ts';

const everything: ParseOptions = {
  macros: [...standardMacros, ...optionalMacros, ...twoVariableMacros, ...listMacros, ...bindingMacros],
};

const treeOf = (text: string, options = everything): Expr => {
  const result = parse(text, options);
  if (!result.ok) throw new Error(result.issues.toString());
  return result.ast.expr;
};

const errorOf = (text: string, options = everything): string => {
  const result = parse(text, options);
  return result.ok ? 'no error' : result.issues.toString();
};

const expression =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

describe('literals', () => {
  const constantOf = (text: string): unknown => {
    const expr = treeOf(text);
    return expr.kind === 'literal' ? (expr.value as { value?: unknown }).value : expr.kind;
  };

  it.each([
    ['0x1F', 31n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['18446744073709551615u', 2n ** 64n - 1n],
    ['1.5e3', 1500],
    ['.5', 0.5],
    ["r'a\\n'", 'a\\n'],
    ["'''a'b\r\nc'''", "a'b\nc"],
    ["'\\x41\\u00e9\\U0001f600\\101'", 'Aé😀A'],
    ['true', true],
  ])('%s is a value', (text, value) => {
    expect(constantOf(text)).toEqual(value);
  });

  it('writes bytes as UTF-8, with escapes as single bytes', () => {
    expect(constantOf("b'é\\xff\\377'")).toEqual(Uint8Array.of(0xc3, 0xa9, 0xff, 0xff));
    expect(errorOf("b'\\u00ff'")).toContain('ERROR: <input>:1:1: unable to unescape string');
  });

  it('refuses numbers that 64 bits cannot hold', () => {
    expect(errorOf('9223372036854775808')).toContain('ERROR: <input>:1:1: invalid int literal');
    expect(errorOf('1 + 18446744073709551616u')).toContain('ERROR: <input>:1:5: invalid uint literal');
    expect(errorOf('1e400')).toContain('invalid double literal');
  });

  it('takes a minus before a number as its sign, and two of them as none', () => {
    expect(treeOf('-1')).toMatchObject({ kind: 'literal', value: { value: -1n } });
    expect(treeOf('--1')).toMatchObject({ kind: 'literal', value: { value: 1n } });
    expect(treeOf('-a')).toMatchObject({ kind: 'call', function: '-_' });
  });
});

describe('ids and places', () => {
  it('counts nodes from left to right, a call after its target and before its arguments', () => {
    const result = parse('a.b(1) + [2]', everything);
    expect(result).toMatchObject({
      ok: true,
      ast: {
        expr: {
          id: 4,
          args: [
            { id: 2, target: { id: 1 }, args: [{ id: 3 }] },
            { id: 5, elements: [{ id: 6 }] },
          ],
        },
      },
    });
    expect(result.ok && result.ast.info.positions.get(4)).toMatchObject({ start: 7 });
  });

  it('balances long chains of && and ||', () => {
    expect(treeOf('a && b && c && d')).toMatchObject({
      function: '_&&_',
      args: [{ args: [{ name: 'a' }, { name: 'b' }] }, { args: [{ name: 'c' }, { name: 'd' }] }],
    });
  });
});

describe('macros', () => {
  it('expands all to a fold that stops at the first false', () => {
    expect(treeOf('x.all(v, v > 0)')).toMatchObject({
      kind: 'comprehension',
      iterVar: 'v',
      iterVar2: '',
      accuVar: '@result',
      accuInit: { value: { value: true } },
      condition: { function: '@not_strictly_false' },
      step: { function: '_&&_' },
      result: { name: '@result' },
    });
  });

  it('knows macros of two variables, optional values, sorting and binding', () => {
    expect(treeOf('x.transformMap(k, v, v + 1)')).toMatchObject({
      iterVar: 'k',
      iterVar2: 'v',
      accuInit: { kind: 'map' },
    });
    expect(treeOf('x.optMap(v, v)')).toMatchObject({
      function: '_?_:_',
      args: [{ function: 'hasValue' }, { function: 'optional.of' }, {}],
    });
    expect(treeOf('x.sortBy(v, v.a)')).toMatchObject({ accuVar: '@__sortBy_input__', iterVar: '#unused' });
    expect(treeOf('cel.bind(v, 1, v)')).toMatchObject({ accuVar: 'v', range: { elements: [] } });
    expect(treeOf('other.bind(v, 1, v)')).toMatchObject({ kind: 'call', function: 'bind' });
  });

  it('knows existsOne with two variables only', () => {
    expect(treeOf('x.existsOne(k, v, v)')).toMatchObject({ kind: 'comprehension' });
    expect(treeOf('x.existsOne(v, v)')).toMatchObject({ kind: 'call', function: 'existsOne' });
  });

  it('remembers the call that was written', () => {
    const result = parse('x.exists(v, has(v.a))', everything);
    expect(result.ok && [...result.ast.info.macroCalls.values()].at(-1)).toMatchObject({
      function: 'exists',
      args: [{ name: 'v' }, { kind: 'unspecified' }],
    });
  });

  it.each([
    ['has(a)', '1:5: invalid argument to has() macro'],
    ['x.all(1, true)', '1:7: argument must be a simple name'],
    ['x.map(1, true)', '1:7: argument is not an identifier'],
    ['x.all(__result__, true)', '1:7: iteration variable overwrites accumulator variable'],
    ['x.all(a, a, true)', '1:10: duplicate variable name: a'],
  ])('%s is refused', (text, error) => {
    expect(errorOf(text)).toContain(`ERROR: <input>:${error}`);
  });
});

describe('errors', () => {
  it.each([
    ['a +', `1:4: Syntax error: mismatched input '<EOF>' expecting ${expression}`],
    ['a b', "1:3: Syntax error: extraneous input 'b' expecting <EOF>"],
    ['(a', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['a = b', "1:3: Syntax error: token recognition error at: '= '"],
    ['a.', "1:3: Syntax error: no viable alternative at input '.'"],
    ["'abc", "1:1: Syntax error: token recognition error at: ''abc'"],
    ['a.true', "1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
    ['for', '1:1: reserved identifier: for'],
    ['a.`b-c`', "1:3: unsupported syntax: '`'"],
    ['', `1:0: Syntax error: mismatched input '<EOF>' expecting ${expression}`],
  ])('%j', (text, error) => {
    expect(errorOf(text)).toContain(`ERROR: <input>:${error}`);
  });

  it('show the line and mark the column, twice as wide under wide letters', () => {
    expect(errorOf('a &&\n\t"é" in in')).toBe(
      `ERROR: <input>:2:9: Syntax error: mismatched input 'in' expecting ${expression}\n |  "é" in in\n | ..．.....^\n` +
        `ERROR: <input>:2:11: Syntax error: mismatched input '<EOF>' expecting ${expression}\n |  "é" in in\n | ..．.......^`,
    );
  });

  it('are all reported, in the order of their places', () => {
    expect(errorOf('has(1) && has(2)').match(/<input>:1:\d+/g)).toEqual(['<input>:1:5', '<input>:1:15']);
  });

  it('end at a nesting of 250 and at 100,000 characters', () => {
    expect(errorOf(`${'('.repeat(251)}1${')'.repeat(251)}`)).toBe(
      'ERROR: <input>:-1:0: expression recursion limit exceeded: 250',
    );
    expect(errorOf(Array(252).fill('1').join('+'))).toBe('ERROR: <input>:-1:0: max recursion depth exceeded');
    expect(errorOf('a'.repeat(100_001))).toBe(
      'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000',
    );
  });

  it('say so where optional syntax is not allowed', () => {
    expect(errorOf('a.?b', { optionalSyntax: false })).toContain("1:2: unsupported syntax '.?'");
    expect(errorOf('[?a]', { optionalSyntax: false })).toContain("1:2: unsupported syntax '?'");
  });
});

describe('unparse', () => {
  it.each([
    ['(a+b)*c', '(a + b) * c'],
    ['a-(b-c)', 'a - (b - c)'],
    ["a ? 'x' : (b ? 1u : 2.0)", 'a ? "x" : (b ? 1u : 2.0)'],
    ['[1, ?a].all(x, has(x.y) && x[0] != null)', '[1, ?a].all(x, has(x.y) && x[0] != null)'],
    ['{?"a": b}.?c.d(!e, -f)', '{?"a": b}.?c.d(!e, -f)'],
    ['T{a: b"\\x00z"}', 'T{a: b"\\000\\172"}'],
  ])('%s', (text, written) => {
    const result = parse(text, everything);
    expect(result.ok && unparse(result.ast)).toBe(written);
  });
});
