// biome-ignore-all lint/suspicious/noExplicitAny: what a compiler would refuse is what this is about.
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { controller as checked } from '../controller/index.ts';

const controller = checked as any;

/** What the first pass over a Widget comes to, by the log and by its condition. */
async function firstPass(declaration: object) {
  const api = new FakeApi();
  api.create(Widget, plain('a'));
  await using operator = new TestOperator([controller(Widget, { owns: [Plain], ...declaration })], { api });
  await operator.settle();
  const { conditions } = api.object(Widget, { namespace: 'default', name: 'a' }).status ?? {};
  const outcome = conditions?.find(({ type }: any) => type === 'Reconciled');
  return { error: operator.messages('error')[0], condition: `${outcome?.status}: ${outcome?.message}` };
}

describe('code whose types nobody has looked at', () => {
  test.each([
    ['requeue', { reconcile: () => ({ requeue: true }) }, /`requeue`, which is nothing: throw an error/],
    [
      'words for a time',
      { reconcile: () => ({ requeueAfter: '30 seconds' }) },
      /requeueAfter "30 seconds": write it as/,
    ],
    ['no list of children', { reconcile: () => ({ children: {} }) }, /`children` is no list/],
    ['plain objects', { reconcile: () => ({ children: [{ kind: 'Plain' }] }) }, /children\[0\] is not made by child/],
    ['a sentence', { validate: () => 'too big', reconcile() {} }, /`validate` answered with a string: give a list/],
    ['a promise', { validate: async () => [], reconcile() {} }, /`validate` answered with a promise, and has to/],
    ['a late default', { default: async () => {}, reconcile() {} }, /`default` of a controller answers with a promise/],
    [
      'no status',
      { reconcile: (_: any, c: any) => c.conditions.set({ type: 'Lit' }) },
      /condition Lit: its status is undef/,
    ],
    [
      'no reason',
      { reconcile: (_: any, c: any) => c.conditions.set({ type: 'Lit', status: 'True' }) },
      /and a `reason`/,
    ],
    ['a text', { reconcile: (_: any, c: any) => c.status.patch('on') }, /status.patch was given string: give members/],
    ['no name', { reconcile: (_: any, c: any) => c.cache.get(Plain, 'a') }, /cannot get a Plain without a name/],
    [
      'no metadata',
      { reconcile: (_: any, c: any) => c.apply({ apiVersion: Plain.apiVersion, kind: 'Plain' }) },
      /the name of/,
    ],
    [
      'nothing to delete',
      { reconcile: (_: any, c: any) => c.delete(undefined) },
      /delete was given undefined: read what/,
    ],
    ['a write to what is shared', { reconcile: (w: any) => delete w.spec.size }, /draft\(object, change\) makes a/],
  ])('fails its pass with what to do: %s', async (_, declaration, message) => {
    const { error, condition } = await firstPass(declaration);
    expect(error).toMatch(message);
    expect(condition).toMatch(message);
    expect(condition).toMatch(/^False/);
  });
});

test('a promise of `default` that is rejected troubles nobody else', async () => {
  const rejects = async () => {
    throw new Error('too late');
  };
  const { error } = await firstPass({ default: rejects, reconcile() {} });
  expect(error).toContain('answers with a promise');
});
