import type { ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain } from '../../test/fake/kinds.ts';
import { handOver, upgradeManagedFields } from './hand-over.ts';

const entry = (
  manager: string,
  operation: 'Apply' | 'Update',
  fieldsV1: object,
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1 as never,
  ...more,
});
const upgrade = (...entries: ManagedFieldsEntry[]) => upgradeManagedFields(entries, ['old'], 'new');

describe('what a former manager wrote', () => {
  test('joins what the present one has applied, and its own entry goes', () => {
    const others = entry('others', 'Update', { 'f:x': {} });
    expect(upgrade(entry('new', 'Apply', { 'f:a': {} }), entry('old', 'Update', { 'f:b': {} }), others)).toEqual([
      entry('new', 'Apply', { 'f:a': {}, 'f:b': {} }),
      others,
    ]);
  });

  test('becomes what the present one has applied, if that is nothing yet', () => {
    expect(upgrade(entry('old', 'Update', { 'f:b': {} }))).toEqual([entry('new', 'Apply', { 'f:b': {} })]);
  });

  test('under another apiVersion belongs to nobody then, since its fields may mean something else', () => {
    const older = entry('old', 'Update', { 'f:b': {} }, { apiVersion: 'v1beta1' });
    expect(upgrade(entry('new', 'Apply', { 'f:a': {} }), older)).toEqual([entry('new', 'Apply', { 'f:a': {} })]);
    expect(upgrade(entry('old', 'Update', { 'f:a': {} }), older)).toEqual([entry('new', 'Apply', { 'f:a': {} })]);
  });

  test('through a subresource, and what it applied, stays as it is', () => {
    const entries = [entry('old', 'Update', {}, { subresource: 'status' }), entry('old', 'Apply', {})];
    expect(upgradeManagedFields(entries, ['old'], 'new')).toBe(entries);
  });

  test('of several managers is joined one by one', () => {
    const entries = [entry('b', 'Update', { 'f:b': {} }), entry('a', 'Update', { 'f:a': {} })];
    expect(upgradeManagedFields(entries, ['a', 'b'], 'new')).toEqual([entry('new', 'Apply', { 'f:b': {}, 'f:a': {} })]);
  });

  test('is united field by field: what is owned as a whole on one side stays so', () => {
    const [united] = upgrade(
      entry('new', 'Apply', { 'f:a': { 'f:x': {} }, 'f:b': {}, 'f:c': { '.': {}, 'f:x': {} } }),
      entry('old', 'Update', { 'f:a': { 'f:y': { 'f:z': {} } }, 'f:b': { 'f:x': {} }, 'f:c': { 'f:y': {} } }),
    );
    expect(united?.fieldsV1).toEqual({
      'f:a': { 'f:x': {}, 'f:y': { 'f:z': {} } },
      'f:b': { '.': {}, 'f:x': {} },
      'f:c': { '.': {}, 'f:x': {}, 'f:y': {} },
    });
  });

  test('is handed over by one patch under the revision that was read, and not again', async () => {
    const api = new FakeApi();
    const managedFields = [entry('old', 'Update', { 'f:spec': {} })];
    api.create(Plain, { ...plain('a'), metadata: { ...plain('a').metadata, managedFields } });
    const { resourceVersion } = api.object(Plain, { namespace: 'default', name: 'a' }).metadata;
    const hand = () => handOver(api.client, Plain, { namespace: 'default', name: 'a' }, ['new', 'old']);
    expect((await hand())?.metadata.managedFields).toEqual([entry('new', 'Apply', { 'f:spec': {} })]);
    await hand();
    expect(api.writes.map(({ body }) => body)).toEqual([
      [
        { op: 'replace', path: '/metadata/managedFields', value: [entry('new', 'Apply', { 'f:spec': {} })] },
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      ],
    ]);
    expect(await handOver(api.client, Plain, { namespace: 'default', name: 'gone' }, ['new', 'old'])).toBeUndefined();
  });
});
