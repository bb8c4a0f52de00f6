import { describe, expect, it } from 'vitest';
import { FieldError, FieldPath, formatFieldErrors, goFloat, goNumber, goQuote } from './index.ts';

describe('a field error', () => {
  const at = FieldPath.of('spec').child('ports').index(0).child('name');

  it('begins with the path, members by dots, items and keys in brackets', () => {
    expect(String(FieldError.required(at))).toBe('spec.ports[0].name: Required value');
    const label = FieldPath.of('metadata', 'labels').key('app');
    expect(String(FieldError.forbidden(label, 'no'))).toBe('metadata.labels[app]: Forbidden: no');
  });

  it.each([
    [FieldError.invalid('a', 'x\ty', 'bad'), 'Invalid value: "x\\ty": bad'],
    [FieldError.invalid('a', 9007199254740993n, 'bad'), 'Invalid value: 9007199254740993: bad'],
    [FieldError.invalid('a', 1.5, 'bad'), 'Invalid value: 1.5: bad'],
    [FieldError.invalid('a', true, 'bad'), 'Invalid value: true: bad'],
    [FieldError.invalid('a', null, 'bad'), 'Invalid value: null: bad'],
    [FieldError.invalid('a', { b: '<', a: [1] }, 'bad'), 'Invalid value: {"b":"\\u003c","a":[1]}: bad'],
    [FieldError.typeInvalid('a', 'integer', 'bad'), 'Invalid value: "integer": bad'],
    [FieldError.duplicate('a', { k: 'v' }), 'Duplicate value: {"k":"v"}'],
    [FieldError.notFound('a', 'x'), 'Not found: "x"'],
    [FieldError.notSupported('a', 'c', ['b', 'a']), 'Unsupported value: "c": supported values: "b", "a"'],
    [FieldError.notSupported('a', 'c', []), 'Unsupported value: "c"'],
    [FieldError.tooLong('a', 'secret', 5), 'Too long: may not be more than 5 bytes'],
    [FieldError.tooLong('a', 'secret', 1), 'Too long: may not be more than 1 byte'],
    [FieldError.tooLong('a', 'secret', -1), 'Too long: value is too long'],
    [FieldError.tooShort('a', 'x', 2), 'Too short: must be at least 2 characters'],
    [FieldError.tooMany('a', 4, 3), 'Too many: 4: must have at most 3 items'],
    [FieldError.tooMany('a', 4, 1), 'Too many: 4: must have at most 1 item'],
    [FieldError.tooMany('a', -1, -1), 'Too many: has too many items'],
    [FieldError.tooFew('a', 0, 1), 'Too few: 0: must have at least 1 item'],
    [FieldError.internal('a', 'oops'), 'Internal error: oops'],
  ])('reads as on the server: %s', (error, body) => {
    expect(error.body).toBe(body);
  });

  it('is told once in an aggregate, and alone without brackets', () => {
    const one = FieldError.required('a');
    expect(formatFieldErrors([one, FieldError.required('a')])).toBe('a: Required value');
    expect(formatFieldErrors([one, FieldError.required('b')])).toBe('[a: Required value, b: Required value]');
  });
});

describe("values in Go's form", () => {
  it('quotes as %q', () => {
    expect(goQuote('a\x7f\u00ad\u2028\u{1f600}\u{e0001}"\\')).toBe('"a\\x7f\\u00ad\\u2028\u{1f600}\\U000e0001\\"\\\\"');
    expect(goQuote('\u00a0\u200b\u0007')).toBe('"\\u00a0\\u200b\\a"');
  });

  it('prints floats as %v', () => {
    const printed = [1e6, 123456.5, 1234567.5, 1e21, 2 ** 63, 0.0001, 0.00001, -1.5, 100000.25].map(goFloat);
    expect(printed.join(' ')).toBe(
      '1e+06 123456.5 1.2345675e+06 1e+21 9.223372036854776e+18 0.0001 1e-05 -1.5 100000.25',
    );
  });

  it('prints whole numbers as integers', () => {
    expect([goNumber(1_000_000), goNumber(2n ** 63n - 1n), goNumber(-0.5)]).toEqual([
      '1000000',
      '9223372036854775807',
      '-0.5',
    ]);
  });
});
