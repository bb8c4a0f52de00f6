import { expect, test } from 'vitest';
import { decodeBody } from './decode.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const expected = { kind: 'ConfigMap', apiVersion: 'v1' };
const json = (text: string) => decodeBody(bytes(text), 'json', expected);
const yaml = async (text: string) => decodeBody(bytes(text), 'yaml', expected);
const prefix = 'the object provided is unrecognized (must be of type ConfigMap): ';

test('JSON comes with its repeated keys', () => {
  expect(json('{"spec":{"a":1,"a":2}}')).toEqual({
    object: { spec: { a: 2 } },
    problems: ['duplicate field "spec.a"'],
  });
});

test.each([
  ['{', "couldn't get version/kind; json parse error: unexpected end of JSON input ({)"],
  ['', "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"],
  ['x', "couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value (78)"],
  [
    '{"apiVersion":"v1","kind":"ConfigMap","a":tru}',
    'couldn\'t get version/kind; json parse error: invalid character \'}\' in literal true (expecting \'e\') ({"apiVersion":"v1","kind":"Con ...)',
  ],
  [
    '[1]',
    'couldn\'t get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)',
  ],
])('the body %j is refused as a real server refuses it', (text, message) => {
  expect(() => json(text)).toThrow(prefix + message);
});

test('YAML is read as kubectl reads it', async () => {
  const { object } = await yaml(`
octal: 0644
modern: 0o644
hex: 0x1F
binary: 0b11
under: 1_000
yes: yes
on: on
y: y
no: No
quoted: "yes"
date: 2024-01-01
time: 2024-01-01T00:00:00Z
minutes: 1:30
null1: ~
null2:
float: 1.5
exponent: 1e3
big: 9007199254740993
1: one
true: t
block: |
  a
  b
list:
- a
- b: c
base: &base {x: 1, z: 1}
merged:
  <<: *base
  z: 2
again: *base
`);
  expect(object).toEqual({
    octal: 420,
    modern: 420,
    hex: 31,
    binary: 3,
    under: 1000,
    // `yes`, `on`, `y` and `true` are all the key "true"; the last one stays.
    true: 't',
    false: false,
    quoted: 'yes',
    date: '2024-01-01',
    time: '2024-01-01T00:00:00Z',
    minutes: '1:30',
    null1: null,
    null2: null,
    float: 1.5,
    exponent: 1000,
    big: 9007199254740993n,
    1: 'one',
    block: 'a\nb\n',
    list: ['a', { b: 'c' }],
    base: { x: 1, z: 1 },
    merged: { x: 1, z: 2 },
    again: { x: 1, z: 1 },
  });
});

test('keys given twice in YAML are reported with their line', async () => {
  const decoded = await yaml(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: q\n  name: r\ndata:\n  a: "1"\n  a: "2"\n',
  );
  expect(decoded.problems).toEqual([
    'yaml: unmarshal errors:\n  line 5: key "name" already set in map\n  line 8: key "a" already set in map',
  ]);
  expect(decoded.object).toMatchObject({ metadata: { name: 'r' }, data: { a: '2' } });
});

test('only the first document counts, an empty one is an empty object', async () => {
  expect((await yaml('a: 1\n---\nb: 2\n')).object).toEqual({ a: 1 });
  expect((await yaml('')).object).toEqual({});
});

test('YAML that is none is refused with its line, and so are aliases that explode', async () => {
  await expect(yaml('a: 1\nb: [')).rejects.toThrow(`${prefix}yaml: line `);
  await expect(yaml('a: b: c')).rejects.toThrow(
    `${prefix}yaml: mapping values are not allowed in this context (613a20623a2063)`,
  );
  await expect(yaml('a: 1\nb: c: d')).rejects.toThrow('yaml: line 2: mapping values are not allowed in this context');
  await expect(yaml('a: [1')).rejects.toThrow("yaml: line 1: did not find expected ',' or ']' (613a205b31)");
  await expect(yaml('a: "x')).rejects.toThrow('yaml: found unexpected end of stream (61');
  await expect(yaml('- a')).rejects.toThrow('cannot unmarshal array');
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`),
  ].join('\n');
  await expect(yaml(bomb)).rejects.toThrow('document contains excessive aliasing');
});

test('a key called __proto__ is an ordinary key in YAML too', async () => {
  const { object } = await yaml('__proto__: {polluted: 1}\n');
  expect(Object.hasOwn(object, '__proto__')).toBe(true);
  expect((object as Record<string, unknown>).polluted).toBeUndefined();
});
