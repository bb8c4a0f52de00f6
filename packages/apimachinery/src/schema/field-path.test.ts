import { describe, expect, it } from 'vitest';
import { followFieldPath } from './field-path.ts';
import type { StructuralSchema } from './types.ts';

const text: StructuralSchema = { type: 'string' };
const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        'a-b': text,
        labels: { type: 'object', additionalProperties: text },
        list: { type: 'array', items: text },
      },
    },
  },
};

describe('paths of fields', () => {
  it.each([
    ['.spec.a-b', 'spec.a-b'],
    [".spec['a-b']", 'spec.a-b'],
    [".spec.labels['it\\'s']", "spec.labels[it's]"],
    [".spec.labels['a.b[c]']", 'spec.labels[a.b[c]]'],
    ['.spec.labels.app', 'spec.labels[app]'],
    ['.spec.list', 'spec.list'],
  ])('lead to fields and values of maps: %s', (path, shown) => {
    expect(followFieldPath(path, schema)).toMatchObject({ path: shown, root: 'spec' });
  });

  it.each([
    ['spec', 'expected [ or . but got: spec'],
    ['.', 'unexpected end of JSON path'],
    ['.none', 'does not refer to a valid field'],
    ['.spec.list[0]', 'expected single quoted string but got 0'],
    ['.spec.list.x', 'does not refer to a valid field'],
    [".spec['a-b'", 'unexpected end of JSON path'],
    [".spec['a-b'x", 'expected ] but got x'],
    [".spec.labels['\\q']", 'invalid string literal: invalid escape char \\q'],
  ])('say why they lead nowhere: %s', (path, error) => {
    expect(followFieldPath(path, schema)).toEqual({ error });
  });

  it('may have to do without brackets', () => {
    const followed = followFieldPath(".spec['a-b']", schema, { brackets: false });
    expect(followed).toEqual({ error: 'array notation is not allowed' });
  });
});
