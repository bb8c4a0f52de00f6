import { describe, expect, test } from 'vitest';
import { applyStrategicMergePatch, goValue, StrategicPatchError } from '../patch/index.ts';
import { patchTypeOf } from './patch-type.ts';
import { unstructuredError } from './unstructured.ts';

const podSpec = patchTypeOf('core/v1.PodSpec');
const apply = (target: object, patch: unknown) => applyStrategicMergePatch(target, patch, podSpec).object;
const names = (object: object) =>
  (object as { containers: readonly { name: string }[] }).containers.map(({ name }) => name).join('');
const containers = (text: string) => [...text].map((name) => ({ name }));

function refusal(target: object, patch: unknown, type = podSpec): string {
  try {
    return JSON.stringify(applyStrategicMergePatch(target, patch, type).object);
  } catch (error) {
    return error instanceof StrategicPatchError ? `${error.reason}: ${error.message}` : String(error);
  }
}

describe('a strategic merge patch', () => {
  test('merges objects and lists whose type says so, and replaces other lists', () => {
    const pod = { nodeName: 'n', containers: [{ name: 'a', image: '1', args: ['x', 'y'] }, { name: 'b' }] };
    expect(apply(pod, { nodeName: null, containers: [{ name: 'a', args: ['z'], tty: true }, { name: 'c' }] })).toEqual({
      containers: [{ name: 'a', image: '1', args: ['z'], tty: true }, { name: 'c' }, { name: 'b' }],
    });
  });

  test('leaves both inputs as they are', () => {
    const pod = Object.freeze({ containers: Object.freeze([Object.freeze({ name: 'a', image: '1' })]) });
    const patch = Object.freeze({ containers: Object.freeze([Object.freeze({ name: 'a', image: '2', tty: null })]) });
    expect(apply(pod, patch)).toEqual({ containers: [{ name: 'a', image: '2' }] });
  });

  test('$patch deletes or replaces objects and elements', () => {
    const pod = { securityContext: { runAsUser: 1, fsGroup: 2 }, containers: containers('abc') };
    const replaced = { $patch: 'replace', runAsUser: 3 };
    expect(apply(pod, { securityContext: replaced }).securityContext).toEqual({ runAsUser: 3 });
    expect(apply(pod, { securityContext: { $patch: 'delete' } }).securityContext).toEqual({});
    expect(names(apply(pod, { containers: [{ name: 'b', $patch: 'delete' }] }))).toBe('ac');
    expect(names(apply(pod, { containers: [{ name: 'd' }, { $patch: 'replace' }] }))).toBe('d');
  });

  test('$retainKeys clears what it does not list', () => {
    const deployment = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
    const patch = { strategy: { $retainKeys: ['type'], type: 'Recreate' } };
    const type = patchTypeOf('apps/v1.DeploymentSpec');
    expect(applyStrategicMergePatch(deployment, patch, type).object).toEqual({ strategy: { type: 'Recreate' } });
    const wrong = { strategy: { $retainKeys: ['type'], rollingUpdate: {} } };
    expect(refusal(deployment, wrong, type)).toBe('BadFormat: invalid patch format of retainKeys');
  });

  test('$deleteFromPrimitiveList takes plain values out', () => {
    const meta = patchTypeOf('meta/v1.ObjectMeta');
    const patch = { '$deleteFromPrimitiveList/finalizers': ['b', 'x'], finalizers: ['d'] };
    const { object } = applyStrategicMergePatch({ finalizers: ['a', 'b', 'c'] }, patch, meta);
    expect(object.finalizers).toEqual(['d', 'a', 'c']);
  });

  test.for([
    // what is there, what the patch has, the order it asks for, the outcome
    ['abc', '', 'cba', 'cba'],
    ['abc', 'd', 'adbc', 'adbc'],
    ['abc', 'd', 'da', 'dabc'],
    ['abx', '', 'ba', 'bax'],
    ['xab', 'c', 'acb', 'xacb'],
    ['axb', 'c', 'cba', 'cxba'],
    ['', 'ab', 'ab', 'ab'],
  ])('$setElementOrder: %s with %s in the order %s is %s', ([present, given, order, result]) => {
    const pod = present ? { containers: containers(present) } : {};
    const list = given ? { containers: containers(given) } : {};
    const patch = { ...list, '$setElementOrder/containers': containers(order as string) };
    expect(names(apply(pod, patch))).toBe(result);
  });

  test('with deletions under $setElementOrder, what is new takes the places that became free', () => {
    const patch = {
      '$setElementOrder/containers': containers('db'),
      containers: [{ name: 'd' }, { name: 'a', $patch: 'delete' }],
    };
    expect(names(apply({ containers: containers('abc') }, patch))).toBe('cdb');
  });

  test('nulls and directives in what is added are dropped, within a new element they stay', () => {
    const patch = {
      securityContext: { runAsUser: null, fsGroup: 1 },
      affinity: { $patch: 'delete' },
      containers: [{ name: 'a', tty: null }],
    };
    expect(apply({}, patch)).toEqual({ securityContext: { fsGroup: 1 }, containers: [{ name: 'a' }] });
    expect(apply({ containers: containers('b') }, { containers: [{ name: 'a', tty: null }] })).toEqual({
      containers: [{ name: 'a', tty: null }, { name: 'b' }],
    });
  });

  test('names such as __proto__ are names like any other', () => {
    const patch = JSON.parse('{"nodeSelector":{"__proto__":"x"}}');
    const { nodeSelector } = apply({ nodeSelector: { a: 'b' } }, patch);
    expect(JSON.stringify(nodeSelector)).toBe('{"a":"b","__proto__":"x"}');
    expect(Object.keys({}.constructor.prototype)).toEqual([]);
  });

  test.for([
    [{ containers: [{ image: 'x' }] }, 'Other: map: map[image:x] does not contain declared merge key: name'],
    [{ containers: ['x'] }, 'Other: list element types are not identical: [[map[name:a]] [x]]'],
    [{ containers: [null] }, 'Other: list element types are not identical: [[map[name:a]] [<nil>]]'],
    [{ containers: [{ name: 'a', $patch: 'x' }] }, 'Other: unknown patch type: x in map: map[$patch:x name:a]'],
    [{ containers: [{ $patch: 'merge' }] }, 'Other: merging lists cannot yet be specified in the patch'],
    [{ $patch: 7 }, 'Other: unknown patch type: %!s(int64=7) in map: map[$patch:7]'],
    [{ '$setElementOrder/containers': 'x' }, 'Other: expected a []interface {}, but received a string'],
    [{ $setElementOrder: [] }, 'BadFormat: invalid patch format of setElementOrder list'],
    [{ $deleteFromPrimitiveList: [] }, 'BadFormat: invalid patch format of primitive list'],
    [{ '$setElementOrder/x': [] }, 'Other: unable to find api field in struct PodSpec for the json field "x"'],
    [
      { containers: [{ name: 'b' }], '$setElementOrder/containers': [{ name: 'c' }] },
      "Other: The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:c]]\n",
    ],
  ] as const)('%j is refused in the words of the server', ([patch, message]) => {
    expect(refusal({ containers: containers('a') }, patch)).toBe(message);
  });

  test('a list of a hundred thousand elements is merged in little time', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `c${i}` }));
    const patch = { containers: many, '$setElementOrder/containers': many };
    expect(names(apply({ containers: many.toReversed() }, patch)).startsWith('c0c1c2')).toBe(true);
  });
});

test('values are printed as Go prints them', () => {
  const value = { b: [1, 1.5, 1e21, true, null, 'x y'], a: {}, é: [] };
  expect(goValue(value)).toBe('map[a:map[] b:[1 1.5 1e+21 true <nil> x y] é:[]]');
});

test('what cannot be converted to a struct is named as Go names it', () => {
  const error = (spec: unknown) => unstructuredError('apps/v1.Deployment', { spec });
  expect(error({ replicas: 1, paused: true, selector: null })).toBeUndefined();
  expect(error({ replicas: 'x' })).toBe('unrecognized type: int32');
  expect(error({ replicas: 1.5 })).toBe('cannot convert float64 to int32');
  expect(error([])).toBe('cannot restore struct from: slice');
  expect(error({ selector: { matchLabels: ['a'] } })).toBe('cannot restore map from slice');
  expect(error({ selector: { matchLabels: { a: 1 } } })).toBe('cannot convert int64 to string');
  expect(error({ template: { spec: { containers: {} } } })).toBe('cannot restore slice from map');
  expect(error({ strategy: { type: 5 } })).toBe('cannot convert int64 to v1.DeploymentStrategyType');
});
