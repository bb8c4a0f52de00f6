import type { ManagedFieldsEntry } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../store/index.ts';
import { capUpdateManagers } from './cap.ts';
import { identifierOf } from './identity.ts';
import { createFieldsEncoder, decodeManagedFields, encodeManagedFields, isReset } from './managed.ts';
import { managerName } from './manager-name.ts';
import { FieldSet } from './merge/index.ts';

const entry = (manager: string, more: object = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': { 'f:a': {} } },
  ...more,
});

const roundTrip = (...entries: readonly ManagedFieldsEntry[]) =>
  encodeManagedFields(decodeManagedFields(entries), createFieldsEncoder());

describe('managedFields', () => {
  test('come back as they were, in the order of the server', () => {
    const later = { time: '2026-01-01T00:00:01Z' };
    const sorted = [
      entry('z', { operation: 'Apply' }),
      entry('a'),
      entry('b', { apiVersion: 'v2' }),
      entry('b', { apiVersion: 'v2', subresource: 'status' }),
      entry('a', { ...later, subresource: 'scale' }),
    ];
    expect(roundTrip(...sorted.toReversed())).toEqual(sorted);
    expect(roundTrip()).toBeUndefined();
  });

  test('of one identity the last entry counts', () => {
    const fieldsV1 = { 'f:data': { 'f:b': {} } };
    expect(roundTrip(entry('a'), entry('a', { fieldsV1 }))).toEqual([entry('a', { fieldsV1 })]);
    const applied = entry('a', { operation: 'Apply' });
    expect(roundTrip(applied, { ...applied, apiVersion: 'v2' })).toEqual([{ ...applied, apiVersion: 'v2' }]);
  });

  test('that say nothing readable are refused in the words of the server', () => {
    const why = (more: object) => () => decodeManagedFields([entry('a', more)]);
    expect(why({ operation: 'Other' })).toThrow('operation must be `Apply` or `Update`');
    expect(why({ apiVersion: '' })).toThrow('apiVersion must not be empty');
    expect(why({ fieldsType: '' })).toThrow('missing fieldsType in managed fields entry 0');
    expect(why({ fieldsType: 'FieldsV2' })).toThrow('invalid fieldsType "FieldsV2" in managed fields entry 0');
    expect(why({ fieldsV1: { data: {} } })).toThrow(/^error decoding set: /);
    expect(why({ fieldsV1: 5 })).toThrow(/^error decoding set: /);
    expect(decodeManagedFields([entry('a', { fieldsV1: undefined })]).fields.size).toBe(1);
  });

  test('that are frozen are read once, and equal fields are kept once', () => {
    const entries = deepFreeze([entry('a')]);
    expect(decodeManagedFields(entries)).toBe(decodeManagedFields(entries));
    const encode = createFieldsEncoder(1);
    const fields = encode.fields(FieldSet.of(['data', 'a']));
    expect(encode.fields(FieldSet.of(['data', 'a']))).toBe(fields);
    expect(Object.isFrozen(fields)).toBe(true);
    encode.fields(FieldSet.of(['data', 'b']));
    expect(encode.fields(FieldSet.of(['data', 'a']))).toEqual(fields);
  });

  test('one empty entry or an empty list ends the tracking', () => {
    expect([isReset([]), isReset([{}]), isReset(undefined), isReset([entry('a')])]).toEqual([true, true, false, false]);
  });

  test('identities are told apart as the server does', () => {
    expect(identifierOf(entry('a', { subresource: 'status' }))).toBe(
      '{"manager":"a","operation":"Update","apiVersion":"v1","subresource":"status"}',
    );
    expect(identifierOf(entry('<a>', { operation: 'Apply' }))).toBe(
      '{"manager":"\\u003ca\\u003e","operation":"Apply"}',
    );
  });
});

describe('more than ten managers that update', () => {
  const managers = (count: number, more: (index: number) => object = () => ({})) =>
    Array.from({ length: count }, (_, index) =>
      entry(`m${String(index).padStart(2, '0')}`, {
        time: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
        fieldsV1: { [`f:k${index}`]: {} },
        ...more(index),
      }),
    );
  const capped = (...entries: readonly ManagedFieldsEntry[]) =>
    encodeManagedFields(capUpdateManagers(decodeManagedFields(entries)), createFieldsEncoder()) ?? [];

  test('are kept up to ten, with any number that apply', () => {
    const applying = managers(12, (index) => ({ manager: `a${index}`, operation: 'Apply' }));
    expect(capped(...applying, ...managers(10))).toHaveLength(22);
  });

  test('the longest unheard of become one, with the later time', () => {
    const [first, ...others] = capped(...managers(12));
    expect(first).toEqual(
      entry('ancient-changes', {
        time: '2026-01-01T00:00:02Z',
        fieldsV1: { 'f:k0': {}, 'f:k1': {}, 'f:k2': {} },
      }),
    );
    expect(others.map(({ manager }) => manager)).toEqual(
      managers(12)
        .slice(3)
        .map(({ manager }) => manager),
    );
  });

  test('those of another version are merged among themselves', () => {
    const found = capped(...managers(12, (index) => ({ apiVersion: index % 2 === 0 ? 'v1' : 'v2' })));
    const ancient = found.filter(({ manager }) => manager === 'ancient-changes');
    expect(ancient.map(({ apiVersion, fieldsV1 }) => [apiVersion, fieldsV1])).toEqual([
      ['v1', { 'f:k0': {}, 'f:k2': {} }],
      ['v2', { 'f:k1': {}, 'f:k3': {} }],
    ]);
  });
});

test('the user agent names the manager that the request does not name', () => {
  expect(managerName('me', 'curl/8')).toBe('me');
  expect(managerName('', 'kubectl/v1.36.3 (linux/amd64)')).toBe('kubectl');
  expect(managerName('', undefined)).toBe('');
  expect(managerName('', `${'x'.repeat(140)}/1`)).toBe('x'.repeat(128));
  expect(managerName('', 'tab\tbed')).toBe('tabbed');
  expect(managerName('', Buffer.from('café/1').toString('latin1'))).toBe('café');
});
