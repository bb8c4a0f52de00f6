// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.
import { expect, test } from 'vitest';
import { at, small, start } from '../../test/fake/children.ts';
import { type Call, FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain } from '../../test/fake/kinds.ts';
import { ApiError } from '../errors/index.ts';

const message = 'Plain "one" is invalid: spec.size: Invalid value: 2: field is immutable';

/** A server on which the size of a Plain cannot be changed, and is at most 5. */
function immutableSizes(): FakeApi {
  const api = new FakeApi();
  const invalid = (field: string, text: string) => {
    const { status } = problem(422, 'Invalid', message);
    const causes = [{ reason: 'FieldValueInvalid', message: text, field }];
    return new ApiError({
      request: { verb: 'patch', kind: 'Plain' },
      httpStatus: 422,
      status: { ...status, details: { causes } } as never,
    });
  };
  api.fault = ({ verb, kind, name, body }: Call) => {
    const wanted = (body as any)?.spec?.size;
    if (kind !== 'Plain' || wanted === undefined) return undefined;
    if (wanted > 5) return invalid('spec.size', `Invalid value: ${wanted}: too large`);
    const present = api.object(Plain, at(name ?? ''));
    return verb === 'patch' && present && present.spec.size !== wanted
      ? invalid('spec.size', `Invalid value: ${'{"much": "text"}'.repeat(20)}: field is immutable`)
      : undefined;
  };
  return api;
}

function sizes(onImmutable?: 'replace' | 'fail') {
  let size = 1;
  const rig = start(() => ({ children: [small('one', size, onImmutable ? { onImmutable } : {})] }), {
    api: immutableSizes(),
  });
  return {
    ...rig,
    resize: async (to: number) => {
      size = to;
      await rig.touch();
    },
    uid: () => rig.api.object(Plain, at('one'))?.metadata.uid,
  };
}

test('a change of what cannot be changed fails with the field and what to do, and nothing is deleted', async () => {
  const { operator, resize, condition, uid, sent } = sizes();
  await using _ = operator;
  await operator.settle();
  const before = uid();
  await resize(2);
  expect(condition('Reconciled')).toBe(
    "False ReconcileError: Plain.test.example.com default/one is there, and the server refuses to change spec.size of it (field is immutable): keep that as it is, name the child anew when it changes, or have it replaced (`onImmutable: 'replace'` of the child)",
  );
  expect([uid(), sent().filter((line) => line.startsWith('delete'))]).toEqual([before, []]);
});

test('one that may be replaced is deleted and made anew, which is told', async () => {
  const { api, operator, resize, condition, uid, events } = sizes('replace');
  await using _ = operator;
  await operator.settle();
  const before = uid();
  await resize(2);
  expect(uid()).not.toBe(before);
  expect(api.object(Plain, at('one')).spec.size).toBe(2);
  expect(condition('Ready')).toBe('True ReconcileSuccess: ');
  const told = events().filter((event) => event.includes('ChildReplaced'));
  expect(told).toEqual([
    'Normal ChildReplaced: Plain.test.example.com default/one is deleted to be made anew: the server refuses to change spec.size',
  ]);
});

test('it is made anew when the old one is gone, not before', async () => {
  const { api, operator, resize, condition, uid } = sizes('replace');
  await using _ = operator;
  await operator.settle();
  api.edit(Plain, at('one'), (object) => {
    object.metadata.finalizers = ['test/hold'];
  });
  await operator.settle();
  const before = uid();
  await resize(2);
  expect(uid()).toBe(before);
  expect(condition('Reconciled')).toBe(
    'False ChildTerminating: Plain.test.example.com default/one is being deleted; held by test/hold; it is made anew when it is gone',
  );
  api.edit(Plain, at('one'), (object) => {
    object.metadata.finalizers = [];
  });
  await operator.settle();
  expect(uid()).not.toBe(before);
  expect(api.object(Plain, at('one')).spec.size).toBe(2);
});

test('what would be refused as a new object too is never deleted for it', async () => {
  const { operator, resize, condition, uid } = sizes('replace');
  await using _ = operator;
  await operator.settle();
  const before = uid();
  await resize(9);
  expect(uid()).toBe(before);
  expect(condition('Reconciled')).toContain(`False ReconcileError: cannot patch Plain: ${message}`);
});
