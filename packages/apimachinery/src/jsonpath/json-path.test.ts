import { expect, test } from 'vitest';
import { compileJsonPath, JsonPathError } from './index.ts';

const pod = {
  metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'x', plain: 'y' }, empty: null },
  spec: {
    replicas: 3,
    ratio: 0.5,
    big: 9007199254740993n,
    containers: [
      { name: 'a', image: 'i1', ports: [80, 443] },
      { name: 'b', image: 'i2', ports: [8080] },
      { name: 'c', image: 'i3', on: true },
    ],
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', n: 1 },
      { type: 'Synced', status: 'False', n: 2 },
    ],
  },
};

test.each<[string, unknown[]]>([
  ['.metadata.name', ['web']],
  ['{.metadata.name}', ['web']],
  ['{$.metadata.name}', ['web']],
  ['metadata', []],
  ['.spec.replicas', [3]],
  ['.spec.missing.deeper', []],
  ['.metadata.empty', [null]],
  ['.metadata.empty.deeper', []],
  ['.metadata.labels.app\\.kubernetes\\.io/name', ['x']],
  [".metadata.labels['plain']", ['y']],
  [".metadata.labels['app\\.kubernetes\\.io/name']", ['x']],
  ['.spec.containers[0].name', ['a']],
  ['.spec.containers[-1].name', ['c']],
  ['.spec.containers[-1:].name', ['c']],
  ['.spec.containers[0:2].name', ['a', 'b']],
  ['.spec.containers[:-1].name', ['a', 'b']],
  ['.spec.containers[0:3:2].name', ['a', 'c']],
  ['.spec.containers[*].name', ['a', 'b', 'c']],
  ['.spec.containers[7].name', []],
  ['.spec.containers[2:1]', []],
  ['.spec.containers[0,2].name', ['a', 'c']],
  [".metadata['name', 'empty']", ['web', null]],
  ['.spec.containers[*].ports[*]', [80, 443, 8080]],
  ['.metadata.labels.*', ['x', 'y']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Ready')].status", ['True']],
  ['.status.conditions[?(@.type == "Ready")].status', ['True']],
  ['.status.conditions[?(@.type!="Ready")].type', ['Synced']],
  ['.status.conditions[?(@.n>1)].type', ['Synced']],
  ['.status.conditions[?(@.n>=1)].n', [1, 2]],
  ['.status.conditions[?(@.n==1.5)].n', []],
  ['.spec.containers[?(@.on)].name', ['c']],
  ['.spec.containers[?(@.on==true)].name', ['c']],
  ['.spec.containers[?(@.ports[0]==80)].name', ['a']],
  ['.metadata[?(@.x=="y")]', []],
  ['..type', ['Ready', 'Synced']],
  ['.spec..ports[0]', [80, 8080]],
])('%s finds %j', (path, expected) => {
  expect(compileJsonPath(path).find(pod)).toEqual(expected);
});

test.each([
  ['.metadata.labels', '{"app.kubernetes.io/name":"x","plain":"y"}'],
  ['.spec.containers[*].name', 'a b c'],
  ['.spec.containers[0].ports', '[80,443]'],
  ['.spec.ratio', '0.5'],
  ['.spec.big', '9007199254740993'],
  ['.spec.containers[2].on', 'true'],
  ['{.metadata.name}{"\\t"}{.spec.replicas}/x', 'web\t3/x'],
  ['.metadata.empty', '<no value>'],
  ['.missing', ''],
])('%s prints %j', (path, expected) => {
  expect(compileJsonPath(path).print(pod)).toBe(expected);
});

test.each<[number, string]>([
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [-2.5, '-2.5'],
])('the number %d prints as Go prints it', (value, expected) => {
  expect(compileJsonPath('.x').print({ x: value })).toBe(expected);
});

test.each([
  ['{.a', 'unclosed action'],
  ['{.a[0}', 'unterminated array'],
  ['{.a[x]}', 'invalid array index x'],
  ['{.a[?(@.b==1]}', 'unterminated filter'],
  ['{.a[?(@.b==1)}', 'unclosed array expect ]'],
  ['{....a}', 'invalid multiple recursive descent'],
  ["{'a}", 'unterminated quoted string'],
  ['{#}', "unrecognized character in action: U+0023 '#'"],
])('%s cannot be read: %s', (path, message) => {
  expect(() => compileJsonPath(path)).toThrow(new JsonPathError(message));
});

test('inherited names of JavaScript are no fields', () => {
  expect(compileJsonPath('.constructor').find({})).toEqual([]);
  expect(compileJsonPath('.__proto__.x').find(JSON.parse('{"__proto__":{"x":1}}'))).toEqual([1]);
});
