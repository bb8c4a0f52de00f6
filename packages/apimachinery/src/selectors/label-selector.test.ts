import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { everything, labelSelectorOf, nothing, parseLabelSelector, SelectorError, selectorOfLabels } from './index.ts';

const keyRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function messageOf(text: string): string {
  try {
    return `accepted as ${parseLabelSelector(text)}`;
  } catch (error) {
    expect(error).toBeInstanceOf(SelectorError);
    return (error as Error).message;
  }
}

describe('what cannot be parsed is refused in the words of the API server', () => {
  // Each answer was given by kube-apiserver 1.36 to GET …/configmaps?labelSelector=….
  test.each([
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a gt 1', "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (b,!)', "unable to parse requirement: found '!', expected: ',', or identifier"],
    ['a in ((b))', "unable to parse requirement: found '(', expected: ',', ')' or identifier"],
    ['x,', "found '', expected: identifier after ','"],
    [',x', "found ',', expected: !, identifier, or 'end of string'"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a=b,)', "found ')', expected: identifier after ','"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!a', "unable to parse requirement: found '!', expected: identifier"],
    ['a!', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a>=1', "unable to parse requirement: found '=', expected: identifier"],
    ['a=(b)', "unable to parse requirement: found '(', expected: identifier"],
    [
      'a>b',
      `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      'x>99999999999999999999',
      `unable to parse requirement: values[0]: Invalid value: "99999999999999999999": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['-a=b', `unable to parse requirement: <nil>: Invalid value: "-a": ${keyRule}`],
    ['a/=b', `unable to parse requirement: <nil>: Invalid value: "a/": name part must be non-empty; ${keyRule}`],
    ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
    ['a=-b', `unable to parse requirement: values[0][a]: Invalid value: "-b": ${valueRule}`],
    ['a>-1', `unable to parse requirement: values[0][a]: Invalid value: "-1": ${valueRule}`],
  ])('%s', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });
});

test.each([
  ['', ''],
  ['  app = web ,!legacy', 'app=web,!legacy'],
  ['z=1,a=2', 'a=2,z=1'],
  ['tier in (front,back)', 'tier in (back,front)'],
  ['tier notin ()', 'tier notin ()'],
  ['a in (,b)', 'a in (,b)'],
  ['x in (foo,,baz),y,z notin ()', 'x in (,baz,foo),y,z notin ()'],
  ['a==', 'a=='],
  ['a=,b', 'a=,b'],
  ['in in (in,notin)', 'in in (in,notin)'],
  ['a>1,b<2', 'a>1,b<2'],
  ['a=b\0,c=d', 'a=b'],
])('%j is understood as %j', (text, canonical) => {
  expect(String(parseLabelSelector(text))).toBe(canonical);
});

test.each([
  ['app=web', { app: 'web' }, true],
  ['app=web', {}, false],
  ['app!=web', { app: 'api' }, true],
  ['app!=web', {}, true],
  ['app notin (web,api)', {}, true],
  ['app notin (web,api)', { app: 'api' }, false],
  ['app in (web,api)', { app: 'api' }, true],
  ['app', { app: '' }, true],
  ['!app', { app: '' }, false],
  ['a=', { a: '' }, true],
  ['a=', {}, false],
  ['n>9', { n: '10' }, true],
  ['n>9', { n: '9' }, false],
  ['n<9', { n: 'x' }, false],
  ['n<9', {}, false],
  ['n>9007199254740992', { n: '9007199254740993' }, true],
  ['toString', {}, false],
  ['', {}, true],
] as const)('%j on %j: %s', (text, labels, expected) => {
  expect(parseLabelSelector(text).matches(labels)).toBe(expected);
});

test('an object without labels is matched like one with empty labels', () => {
  expect(parseLabelSelector('!a').matches(undefined)).toBe(true);
  expect(parseLabelSelector('a').matches(undefined)).toBe(false);
});

test('an absent selector selects nothing, an empty one everything', () => {
  expect(labelSelectorOf(undefined)).toBe(nothing);
  expect(nothing.matches({})).toBe(false);
  expect(nothing.empty).toBe(false);
  expect(labelSelectorOf({}).matches(undefined)).toBe(true);
  expect(labelSelectorOf({}).empty).toBe(true);
  expect(everything.empty).toBe(true);
});

test('labels and expressions of a selector are all required', () => {
  const selector = labelSelectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'env', operator: 'NotIn', values: ['dev'] },
      { key: 'legacy', operator: 'DoesNotExist' },
      { key: 'owner', operator: 'Exists' },
    ],
  });
  expect(String(selector)).toBe('app=web,env notin (dev),!legacy,owner,tier in (back,front)');
  expect(selector.matches({ app: 'web', tier: 'back', owner: '' })).toBe(true);
  expect(selector.matches({ app: 'web', tier: 'back' })).toBe(false);
});

test('a selector of an object is checked as the API server checks it', () => {
  const of = (operator: string, values: string[]) => () =>
    labelSelectorOf({ matchExpressions: [{ key: 'a', operator: operator as 'In', values }] });
  expect(of('Near', [])).toThrow('"Near" is not a valid label selector operator');
  expect(of('toString', [])).toThrow('"toString" is not a valid label selector operator');
  expect(of('In', [])).toThrow("for 'in', 'notin' operators, values set can't be empty");
  expect(of('Exists', ['b'])).toThrow('values: Invalid value: ["b"]: values set must be empty for exists');
  expect(() => selectorOfLabels({ 'a b': 'c' })).toThrow(`key: Invalid value: "a b": ${keyRule}`);
});

test('the text form of any selector parses to the same selector', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/);
  const one = fc.oneof(
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join('')),
    fc.tuple(word, fc.constantFrom('<', '>'), fc.nat()).map((parts) => parts.join('')),
    word,
    word.map((key) => `!${key}`),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.array(fc.oneof(word, fc.constant('')), { maxLength: 3 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 4 }), (parts) => {
      const selector = parseLabelSelector(parts.join(','));
      const again = parseLabelSelector(String(selector));
      expect(String(again)).toBe(String(selector));
      expect(again.requirements).toEqual(selector.requirements);
    }),
  );
});

test('any text is either understood or refused with a SelectorError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-b=!(),<> in]{0,12}$/)), (text) => {
      messageOf(text);
    }),
  );
});
