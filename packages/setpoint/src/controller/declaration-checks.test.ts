// biome-ignore-all lint/suspicious/noExplicitAny: what a compiler would refuse is what this is about.
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, Widget } from '../../test/fake/kinds.ts';
import { ConfigMap } from '../kinds/builtin/core/v1.ts';
import { operator } from '../manager/index.ts';
import { controller as checked, watch as checkedWatch, generationChanged } from './index.ts';

const controller = checked as any;
const watch = checkedWatch as any;
const reconcile = () => undefined;

describe('a declaration whose types nobody has looked at', () => {
  test.each([
    [
      'a kind that is not there yet',
      () => controller(undefined, { reconcile }),
      /undefined: do two modules import each/,
    ],
    ['what is no kind', () => controller({}, { reconcile }), /controller\(\) was given an object, which is no kind/],
    ['a function', () => controller(Plain, reconcile), /give it an object with `reconcile`, not a function/],
    ['nothing', () => controller(Plain), /controller plain: give it an object with `reconcile`, not undefined/],
    ['no reconcile', () => controller(Plain, {}), /controller plain: `reconcile` is undefined/],
    [
      'an unknown option',
      () => controller(Plain, { reconcile, maxConcurrent: 2 }),
      /`maxConcurrent`; is it `maxConcurrentRe/,
    ],
    [
      'another',
      () => controller.keyed({ name: 'k', reconcile, finalise: 1 }),
      /controller k: there is no option `finalise`$/,
    ],
    [
      'a name in owns',
      () => controller(Plain, { reconcile, owns: ['ConfigMap'] }),
      /owns\[0\] is "ConfigMap", which is no/,
    ],
    [
      'a hole in writes',
      () => controller(Plain, { reconcile, writes: [undefined] }),
      /writes\[0\] is undefined: do two/,
    ],
    [
      'a name in reads',
      () => controller(Plain, { reconcile, reads: ['Pod'] }),
      /reads\[0\] is "Pod", which is no kind/,
    ],
    [
      'a kind in watches',
      () => controller(Plain, { reconcile, watches: [Widget] }),
      /watches\[0\] is an object; write watch/,
    ],
    [
      'no list',
      () => controller(Plain, { reconcile, predicates: generationChanged }),
      /`predicates` is a function; give a/,
    ],
    [
      'no predicate',
      () => controller(Plain, { reconcile, predicates: ['generation'] }),
      /predicates\[0\] is "generation", and/,
    ],
    ['a watch that leads nowhere', () => watch(ConfigMap, {}), /watch of ConfigMap: give it `enqueue`/],
    ['a watch of nothing', () => watch(undefined, { enqueue: reconcile }), /watch\(\) was given undefined/],
  ])('is refused with what to do: %s', (_, declare, message) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(message);
  });

  test('is refused for an instance, whose methods would lose their `this`', () => {
    class Reconciler {
      readonly size = 3;
      reconcile() {
        return this.size;
      }
    }
    expect(() => controller(Plain, new Reconciler())).toThrow(/instance\.reconcile\(object, context\)/);
  });

  test('may come from another realm', () => {
    expect(controller(Plain, runInNewContext('({ name: "other", reconcile() {} })')).name).toBe('other');
  });
});

describe('a declaration that could not work', () => {
  test.each([
    ['no workers', { maxConcurrentReconciles: 0 }, /maxConcurrentReconciles is 0: give a whole number from 1 on/],
    ['half a worker', { maxConcurrentReconciles: 1.5 }, /maxConcurrentReconciles is 1.5/],
    ['no threshold', { failureThreshold: 0 }, /failureThreshold is 0/],
    ['no burst', { rateLimit: { interval: '1s', burst: 0 } }, /rateLimit.burst is 0/],
    ['no duration', { timeout: '5 minutes' }, /controller plain: timeout is "5 minutes": write it as '30s'/],
    ['no delay', { backoff: { initial: 0, maximum: '1s' } }, /backoff goes from 0 to 1000 ms/],
    [
      'a last delay that is shorter',
      { backoff: { initial: '2s', maximum: '1s' } },
      /backoff goes from 2000 to 1000 ms/,
    ],
    ['a finalizer that nobody takes off', { finalizer: 'example.com/x' }, /names a finalizer and has no `finalize`/],
  ])('is refused: %s', (_, options, message) => {
    expect(() => controller(Plain, { reconcile, ...options })).toThrow(message);
  });
});

test.each([
  ['of labels', { labelSelector: 'a in b' }, /controller plain, a selector of Plain: unable to parse requirement/],
  [
    'of fields',
    { watches: [watch(ConfigMap, { fieldSelector: 'x', enqueue() {} })] },
    /selector of ConfigMap: invalid/,
  ],
])('a selector %s that cannot be read ends the start, with the name of the controller', async (_, options, message) => {
  const manager = operator({ controllers: [controller(Plain, { reconcile, ...options })] }).manager({
    client: new FakeApi().client,
  });
  await expect(manager.run()).rejects.toThrow(message);
});
