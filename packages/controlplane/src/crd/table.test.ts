import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import { columnsOf } from './table.ts';

const now = Date.parse('2026-01-10T00:00:00Z');
const object = {
  apiVersion: 'example.com/v1',
  kind: 'Foo',
  metadata: { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { a: 'hey', n: 3, f: 1.5, b: true, o: { z: 1, a: ['q'] }, l: ['p', 'q'], bad: 'foo' },
} as unknown as KubeObject;

const cell = (type: string, jsonPath: string) => columnsOf([{ name: 'C', type, jsonPath }]).cells(object, now)[1];

describe('cells of printer columns', () => {
  it.each([
    ['string', '.spec.a', 'hey'],
    ['string', '.spec.n', '3'],
    ['string', '.spec.b', 'true'],
    ['string', '.spec.l', '["p","q"]'],
    ['string', '.spec.l[0]', 'p'],
    ['string', '.spec.o', '{"a":["q"],"z":1}'],
    ['string', '.spec.missing', null],
    ['integer', '.spec.n', 3],
    ['integer', '.spec.f', 1],
    ['integer', '.spec.a', null],
    ['number', '.spec.f', 1.5],
    ['boolean', '.spec.b', true],
    ['boolean', '.spec.a', null],
    ['date', '.metadata.creationTimestamp', '9d'],
    ['date', '.spec.bad', '<invalid>'],
    ['date', '.spec.n', null],
  ])('%s of %s', (type, path, expected) => {
    expect(cell(type, path)).toEqual(expected);
  });

  it('show the age where a definition has no columns', () => {
    const table = columnsOf(undefined);
    expect(table.columns.map((column) => column.name)).toEqual(['Name', 'Age']);
    expect(table.cells(object, now)).toEqual(['x', '9d']);
  });

  it('end at a path that cannot be read', () => {
    const good = { name: 'A', type: 'string', jsonPath: '.spec.a' };
    const table = columnsOf([good, { name: 'B', type: 'string', jsonPath: '.spec[' }, good]);
    expect(table.columns.map((column) => column.name)).toEqual(['Name', 'A']);
  });

  it('describe themselves by their path when nothing else does', () => {
    const [, column] = columnsOf([{ name: 'A', type: 'string', jsonPath: '.spec.a' }]).columns;
    expect(column?.description).toBe('Custom resource definition column (in JSONPath format): .spec.a');
  });
});
