import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAll, sha256 } from '../registry/index.ts';
import { gzipBytes } from './gzip.ts';
import { huffmanCode } from './huffman.ts';

async function gzip(...chunks: readonly Uint8Array[]): Promise<Buffer> {
  return readAll(
    gzipBytes(
      (async function* () {
        yield* chunks;
      })(),
    ),
  );
}

/** Numbers that look like chance and are the same everywhere. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = Math.imul(state, 1664525) + 1013904223;
      return state >>> 24;
    }),
  );
}

const source = readFileSync(import.meta.filename);

test.each([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('a')],
  ['two bytes', Buffer.from('ab')],
  ['a source', source],
  ['zeros, for more than a block', Buffer.alloc(400_000)],
  ['noise', noise(300_000)],
  ['noise that comes again beyond the window', Buffer.concat([noise(40_000), noise(40_000)])],
  ['noise that comes again at the end of the window', Buffer.concat([noise(32_768), noise(32_768)])],
  [
    'one byte more often than others, by far',
    Buffer.from([...Array(24).keys()].flatMap((i) => Array(2 ** Math.min(i, 17)).fill(i))),
  ],
])('%s comes out of it as it went in', async (_, bytes) => {
  expect(gunzipSync(await gzip(bytes)).equals(bytes)).toBe(true);
});

test('whatever bytes, in whatever pieces, come out as they went in, and to the same result', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 40_000, max: 3 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4000 }))
      .map(([bytes, times]) => new Uint8Array(Buffer.concat(Array(times).fill(bytes)))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
      const whole = Buffer.concat(pieces);
      const compressed = await gzip(...pieces);
      expect(gunzipSync(compressed).equals(whole)).toBe(true);
      expect(compressed.equals(await gzip(whole))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('it is about as small as zlib makes it', async () => {
  const text = Buffer.concat([source, readFileSync(join(import.meta.dirname, 'application.test.ts')), source]);
  expect((await gzip(text)).length).toBeLessThan(gzipSync(text).length * 1.1);
  expect((await gzip(noise(200_000))).length).toBeLessThan(201_000);
});

test('it is the same on every machine', async () => {
  const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i % 97} ${i % 31}\n`).join(''));
  // Another one would give every image another digest.
  expect(sha256(await gzip(text))).toBe('sha256:b1358f7f50fc18c84a44a657223f6941d42d06654073f98e1d0f9591ad7f51f0');
});

test('no code is longer than it may be, and none is in vain', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 20), { minLength: 2, maxLength: 19 }), (frequencies) => {
      const { lengths } = huffmanCode(frequencies, 7);
      let room = 0;
      for (const [symbol, length] of lengths.entries()) {
        expect(length).toBeLessThanOrEqual(7);
        if ((frequencies[symbol] ?? 0) > 0) expect(length).toBeGreaterThan(0);
        if (length > 0) room += 2 ** -length;
      }
      // Kraft: all of the room is used, unless there is but one symbol.
      expect(room).toBe(frequencies.filter((frequency) => frequency > 0).length < 2 ? 0.5 : 1);
    }),
  );
});
