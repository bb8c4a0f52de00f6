import { describe, expect, test } from 'vitest';
import { AppliedRecords } from './applied.ts';

const intent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
const answer = (change: object = {}, uid = 'u', resourceVersion = '5') => ({
  ...intent,
  metadata: { name: 'a', uid, resourceVersion, labels: { not: 'ours' } },
  ...change,
});
let revision = 5;
/** The same object at a later revision. */
const later = (change: object = {}) => answer(change, 'u', String(++revision));
const ours = (fields: object = { 'f:data': { 'f:x': {} } }) => JSON.stringify([['Apply', 'v1', fields]]);

describe('what was applied is applied again', () => {
  const records = new AppliedRecords();
  records.record('a', intent, answer(), ours());

  test('not, while intent, fields, object and ownership are the same', () => {
    const reordered = { data: { x: '1' }, metadata: { name: 'a' }, kind: 'ConfigMap', apiVersion: 'v1' };
    expect(records.holds('a', reordered, answer(), ours())).toBe(true);
    const touched = later({ data: { x: '1', y: 'of others' } });
    expect(records.holds('a', intent, touched, ours())).toBe(true);
  });

  test('when the intent is another', () => {
    const other = (x: unknown) => ({ ...intent, data: { x } });
    expect(records.holds('a', other('2'), answer(), ours())).toBe(false);
    expect(records.holds('a', other(1n), answer({ data: { x: 1n } }), ours())).toBe(false);
  });

  test('when one of its fields was changed or removed', () => {
    expect(records.holds('a', intent, later({ data: { x: '9' } }), ours())).toBe(false);
    expect(records.holds('a', intent, later({ data: {} }), ours())).toBe(false);
  });

  test('when another object has the name, unless it is as it should be', () => {
    expect(records.holds('a', intent, answer({ data: { x: '9' } }, 'other'), ours())).toBe(false);
    expect(new AppliedRecords().holds('a', intent, answer({}, 'other'), ours())).toBe(true);
  });

  test('when another manager took a field over without changing it', () => {
    expect(records.holds('a', intent, later(), ours({}))).toBe(false);
    expect(records.holds('a', intent, later(), undefined)).toBe(false);
  });

  test('when what there is was applied by nobody of this name', () => {
    expect(new AppliedRecords().holds('a', intent, answer(), undefined)).toBe(false);
    expect(new AppliedRecords().holds('a', intent, answer(), '[["Update","v1",{"f:data":{"f:x":{}}}]]')).toBe(false);
  });

  test('not, where the process before this one applied it and nothing was changed since', () => {
    const anew = new AppliedRecords();
    expect(anew.holds('a', intent, answer(), ours())).toBe(true);
    // Known from then on as if this process had applied it.
    expect(anew.holds('a', intent, later(), ours())).toBe(true);
    expect(anew.holds('a', intent, later({ data: { x: '2' } }), ours())).toBe(false);
  });

  test('when the object was seen to go', () => {
    records.forget('a');
    expect(records.holds('a', intent, answer({ data: {} }), ours())).toBe(false);
  });

  test('when an item of a list of ours was changed, not when others add theirs', () => {
    const fields = { 'f:spec': { 'f:ports': { 'k:{"port":80}': { '.': {}, 'f:port': {}, 'f:name': {} } } } };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80, name: 'a' }] },
    };
    const live = (revision: string, ...ports: object[]) => ({
      ...service,
      metadata: { name: 's', uid: 'u', resourceVersion: revision },
      spec: { ports },
    });
    const services = new AppliedRecords();
    services.record('s', service, live('1', { port: 80, name: 'a', protocol: 'TCP' }), ours(fields));
    const others = live('2', { port: 9, name: 'b' }, { port: 80, name: 'a', protocol: 'TCP', nodePort: 3 });
    expect(services.holds('s', service, others, ours(fields))).toBe(true);
    expect(services.holds('s', service, live('3', { port: 80, name: 'z' }), ours(fields))).toBe(false);
  });
});
