import { describe, expect, test } from 'vitest';
import { encodeEvent, encodeJson, encodeList, encodeObject } from './encode.ts';
import type { Output } from './negotiate.ts';
import { parseYaml } from './yaml.ts';

const output = (more: Partial<Output>): Output => ({
  format: 'json',
  pretty: false,
  contentType: 'application/json',
  ...more,
});
const text = async (bytes: Uint8Array | Promise<Uint8Array>) => new TextDecoder().decode(await bytes);
const object = { kind: 'X', apiVersion: 'v1', b: { 10: 1, 9: '<' } };

test('JSON ends in a line feed unless it is indented', async () => {
  expect(await text(encodeObject(object, output({})))).toBe(
    '{"kind":"X","apiVersion":"v1","b":{"10":1,"9":"\\u003c"}}\n',
  );
  expect(await text(encodeObject({ b: 1, a: 2 }, output({ pretty: true }), { sortKeys: true }))).toBe(
    '{\n  "a": 2,\n  "b": 1\n}',
  );
});

describe('YAML', () => {
  test('is sorted, and lists stand where their key stands', async () => {
    expect(await text(encodeObject({ b: [{ c: 1 }], a: {}, e: [] }, output({ format: 'yaml' })))).toBe(
      'a: {}\nb:\n- c: 1\ne: []\n',
    );
  });

  test('whatever a YAML 1.1 reader might take for something else reads back as text', async () => {
    const texts = [
      'yes',
      'on',
      'y',
      'n',
      'No',
      '~',
      '',
      '2024-01-01',
      '0644',
      '1_000',
      '1:30',
      '0o7',
      '1e3',
      '.inf',
      'a: b',
      '- x',
      '#c',
      ' x ',
      'a\nb\n',
      '<<',
      'é😀',
    ];
    for (const value of texts) {
      const written = await text(encodeObject({ [value]: value }, output({ format: 'yaml' })));
      expect(parseYaml(written).value, written).toEqual({ [value]: value });
    }
  });
});

test('lists are put together from items that are encoded already', async () => {
  const items = [encodeJson({ a: 1 }), encodeJson({ b: 2 })];
  const head = { kind: 'XList', apiVersion: 'g/v1', metadata: { resourceVersion: '5' } };
  expect(await text(encodeList(head, items))).toBe(
    '{"kind":"XList","apiVersion":"g/v1","metadata":{"resourceVersion":"5"},"items":[{"a":1},{"b":2}]}\n',
  );
  expect(await text(encodeList(head, [], { sortKeys: true }))).toBe(
    '{"apiVersion":"g/v1","items":[],"kind":"XList","metadata":{"resourceVersion":"5"}}\n',
  );
});

test('an event is one line', async () => {
  expect(await text(encodeEvent('ADDED', encodeJson({ a: 1 })))).toBe('{"type":"ADDED","object":{"a":1}}\n');
});
