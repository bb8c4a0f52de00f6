import { describe, expect, test } from 'vitest';
import { AppliedRecords } from './applied.ts';

const intent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
const answer = (change: object = {}, uid = 'u') => ({
  ...intent,
  metadata: { name: 'a', uid, resourceVersion: '5', labels: { not: 'ours' } },
  ...change,
});

describe('what was applied is applied again', () => {
  const records = new AppliedRecords();
  records.record('a', intent, answer(), 'digest');

  test('not, while intent, fields, object and ownership are the same', () => {
    const reordered = { data: { x: '1' }, metadata: { name: 'a' }, kind: 'ConfigMap', apiVersion: 'v1' };
    expect(records.holds('a', reordered, answer(), 'digest')).toBe(true);
    const touched = answer({ data: { x: '1', y: 'of others' } });
    expect(records.holds('a', intent, touched, 'digest')).toBe(true);
  });

  test('when the intent is another', () => {
    expect(records.holds('a', { ...intent, data: { x: '2' } }, answer(), 'digest')).toBe(false);
    expect(records.holds('a', { ...intent, data: { x: 1n } }, answer({ data: { x: 1n } }), 'digest')).toBe(false);
  });

  test('when one of its fields was changed or removed', () => {
    expect(records.holds('a', intent, answer({ data: { x: '9' } }), 'digest')).toBe(false);
    expect(records.holds('a', intent, answer({ data: {} }), 'digest')).toBe(false);
  });

  test('when another object has the name', () => {
    expect(records.holds('a', intent, answer({}, 'other'), 'digest')).toBe(false);
  });

  test('when another manager took a field over without changing it', () => {
    expect(records.holds('a', intent, answer(), 'another digest')).toBe(false);
  });

  test('when this process has not applied it, or the object was seen to go', () => {
    expect(new AppliedRecords().holds('a', intent, answer(), 'digest')).toBe(false);
    records.forget('a');
    expect(records.holds('a', intent, answer(), 'digest')).toBe(false);
  });
});
