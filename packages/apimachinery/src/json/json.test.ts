import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import goFacts from './generated/go-facts.json' with { type: 'json' };
import { compareBytes, JsonSyntaxError, parseJson, quoteJsonString, stringifyJson } from './index.ts';
import { parseLossless } from './lossless.ts';

interface GoFact {
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly duplicates?: readonly string[];
}

// What sigs.k8s.io/json (UnmarshalStrict) and then encoding/json (Marshal) of Go 1.26 made of generated texts.
test.each(goFacts as GoFact[])('$input becomes what Go makes of it', ({ input, output, error, duplicates }) => {
  const seen: string[] = [];
  const read = () => parseJson(input, { onDuplicate: (path) => seen.push(path) });
  if (error !== undefined) {
    expect(read).toThrow(new JsonSyntaxError(error));
    expect(seen).toEqual([]);
  } else {
    expect(stringifyJson(read(), { sortKeys: true })).toBe(output);
    expect(seen).toEqual(duplicates ?? []);
  }
});

describe('parsing', () => {
  test('reads what JSON.parse reads, on both paths', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected = JSON.parse(text, (_, value) => (Object.is(value, -0) ? 0 : value));
        const plain = parseJson(text, { onDuplicate: () => {} });
        // Both differ from JSON.parse only where that loses digits.
        if (!/\d{16}/.test(text) && !/-0/.test(text) && text.isWellFormed() && !/\\u[dD]/.test(text)) {
          expect(plain).toEqual(expected);
          expect(parseLossless(text)).toEqual(expected);
        }
      }),
    );
  });

  test('refuses what JSON.parse refuses, and numbers that no double holds, as Go does', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', '[', '1', 'x', '\\', '\n'), (text, at, c) => {
        const cut = at % (text.length + 1);
        const broken = text.slice(0, cut) + c + text.slice(cut + (at % 2));
        let valid = true;
        try {
          JSON.parse(broken, (_, value) => {
            valid &&= typeof value !== 'number' || Number.isFinite(value);
            return value;
          });
        } catch {
          valid = false;
        }
        if (valid) expect(() => parseLossless(broken)).not.toThrow();
        else expect(() => parseLossless(broken)).toThrow(JsonSyntaxError);
      }),
      { examples: [['[-1.0792490795170372e+112]', 22, '1']] },
    );
  });

  test('integers beyond 2^53 stay exact while they fit 64 bits, and become doubles after that, as in Go', () => {
    expect(parseJson('{"a":9007199254740993,"b":-9223372036854775808,"c":9223372036854775807}')).toEqual({
      a: 9007199254740993n,
      b: -9223372036854775808n,
      c: 9223372036854775807n,
    });
    expect(parseJson('[9223372036854775808,18446744073709551615]')).toEqual([2 ** 63, 2 ** 64]);
    expect(parseJson('9007199254740991')).toBe(9007199254740991);
    expect(parseJson('1234567890123456789')).toBe(1234567890123456789n);
    expect(parseJson('-0')).toBe(0);
    expect(parseJson('[-0]')).toEqual([0]);
    expect(() => parseJson('[1e400]')).toThrow('json: cannot unmarshal number 1e400 into Go value of type float64');
  });

  test('a key called __proto__ is a key like any other, on both paths', () => {
    for (const text of ['{"__proto__":{"polluted":1},"n":1}', '{"__proto__":{"polluted":1},"n":9007199254740993}']) {
      const value = parseJson(text, { onDuplicate: () => {} }) as Record<string, unknown>;
      expect(Object.hasOwn(value, '__proto__')).toBe(true);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(value.polluted).toBeUndefined();
      expect(stringifyJson(value, { sortKeys: true })).toBe(text);
    }
  });

  test('repeated keys are reported with their path, in the order of the text, each once; the last one wins', () => {
    const seen: string[] = [];
    const text =
      '{"metadata":{"labels":{"a":"1","a":"2","a":"3"}},"spec":{"containers":[{"name":"x"},{"name":"a","name":"b"}],' +
      '"m":[[{"k":1,"k":2}]]},"data":{"a":"b","a":"c"},"data":{"z":"1"}}';
    expect(parseJson(text, { onDuplicate: (path) => seen.push(path) })).toMatchObject({
      metadata: { labels: { a: '3' } },
      data: { z: '1' },
    });
    expect(seen).toEqual(['metadata.labels.a', 'spec.containers[1].name', 'spec.m[0][0].k', 'data.a', 'data']);
  });

  test('a repeated key is seen whatever its value and spelling', () => {
    for (const text of ['{"a":{},"a":{}}', '{"a":1,"\\u0061":1}', '{"__proto__":1,"__proto__":2}', '{"1":1,"1":2}']) {
      let reports = 0;
      parseJson(text, { onDuplicate: () => reports++ });
      expect(reports, text).toBe(1);
    }
  });

  test('at most 100 repeated keys are reported', () => {
    const text = `{${Array.from({ length: 300 }, (_, i) => `"k${i % 150}":1`).join(',')}}`;
    let reports = 0;
    parseJson(text, { onDuplicate: () => reports++ });
    expect(reports).toBe(100);
  });

  test('halves of surrogate pairs become U+FFFD, as in Go', () => {
    expect(parseJson('["\\ud800","\\ud83d\\ude00","\\udc00x"]')).toEqual(['\ufffd', '😀', '\ufffdx']);
  });

  test('nesting deeper than 1,000 is refused instead of overflowing the stack', () => {
    const text = '['.repeat(100_001) + ']'.repeat(100_001);
    expect(() => parseJson(text, { onDuplicate: () => {} })).toThrow('exceeded max depth');
  });

  test.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{"a":}', "invalid character '}' looking for beginning of value"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{} trailing', "invalid character 't' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['01', "invalid character '1' after top-level value"],
  ])('%j is refused in the words of Go', (text, message) => {
    expect(() => parseJson(text)).toThrow(new JsonSyntaxError(message));
    expect(() => parseJson(new TextEncoder().encode(text))).toThrow(new JsonSyntaxError(message));
  });
});

describe('writing', () => {
  test('the escapes are those of Go', () => {
    expect(stringifyJson({ a: '<b>&\u2028\u2029\u0001"\\\n\b\f😀\u007f' })).toBe(
      '{"a":"\\u003cb\\u003e\\u0026\\u2028\\u2029\\u0001\\"\\\\\\n\\b\\f😀\u007f"}',
    );
    expect(quoteJsonString('<')).toBe('"\\u003c"');
    expect(stringifyJson('\ud800')).toBe('"\ufffd"');
  });

  test('doubles are written as Go writes them', () => {
    expect(stringifyJson([1e20, 1e21, 1e-6, 1e-7, 1.5e-9, 0.1, 1e100, 123456789012345680000])).toBe(
      '[100000000000000000000,1e+21,0.000001,1e-7,1.5e-9,0.1,1e+100,123456789012345680000]',
    );
    expect(() => stringifyJson({ a: Number.NaN }, { sortKeys: true })).toThrow('NaN cannot be written as JSON');
  });

  test('bigint is written as an integer, undefined is left out', () => {
    expect(stringifyJson({ b: 9007199254740993n, a: undefined, c: [undefined] })).toBe(
      '{"b":9007199254740993,"c":[null]}',
    );
  });

  test('maps with keys like numbers come in byte order, as a map of Go does', () => {
    expect(stringifyJson({ data: { b: 1, 10: 1, 9: 1, '-a': 1 } })).toBe('{"data":{"-a":1,"10":1,"9":1,"b":1}}');
    expect(stringifyJson({ z: 1, a: { 2: 1, 10: 1 } }, { sortKeys: true })).toBe('{"a":{"10":1,"2":1},"z":1}');
  });

  test('without sortKeys the order of other objects stays', () => {
    expect(stringifyJson({ kind: 'a', apiVersion: 'b' })).toBe('{"kind":"a","apiVersion":"b"}');
  });

  test('indented text is what json.MarshalIndent gives', () => {
    const value = { b: [], a: { 9: [1, { c: 'd' }], 10: {} } };
    expect(stringifyJson(value, { indent: 2 })).toBe(
      '{\n  "b": [],\n  "a": {\n    "10": {},\n    "9": [\n      1,\n      {\n        "c": "d"\n      }\n    ]\n  }\n}',
    );
    const plain = { b: [], a: { x: [1, { c: 'd' }], e: {} } };
    expect(stringifyJson(plain, { indent: 2, sortKeys: true })).toBe(
      JSON.stringify({ a: { e: {}, x: [1, { c: 'd' }] }, b: [] }, null, 2),
    );
  });

  test('what was written reads back the same', () => {
    const anything = fc.anything({
      withBigInt: false,
      withNullPrototype: false,
      values: [
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
        fc.boolean(),
        fc.constant(null),
      ],
    });
    fc.assert(
      fc.property(anything, fc.boolean(), fc.constantFrom(0, 2), (value, sortKeys, indent) => {
        const text = stringifyJson(value, { sortKeys, indent });
        const expected = JSON.parse(JSON.stringify(value), (_, v) => (Object.is(v, -0) ? 0 : v));
        expect(parseJson(text)).toEqual(expected);
      }),
    );
  });
});

test('byte order is the order of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});
