import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerHeaders, AnswerParser } from './response-parser.ts';

interface Answer {
  status: number;
  headers: AnswerHeaders;
  body: string;
  keep: boolean | undefined;
}

/** The answers in a text, fed in pieces that end at these places. */
function parse(text: string, { method = 'GET', cuts = [] as number[], closed = false } = {}): Answer[] {
  const answers: Answer[] = [];
  const parser = new AnswerParser({
    head: (status, headers) => answers.push({ status, headers, body: '', keep: undefined }),
    data: (bytes) => {
      (answers.at(-1) as Answer).body += bytes.toString('latin1');
    },
    end: (keep) => {
      (answers.at(-1) as Answer).keep = keep;
    },
  });
  parser.expect(method);
  const bytes = Buffer.from(text, 'latin1');
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++) parser.feed(bytes.subarray(places[i - 1], places[i]));
  if (closed && !parser.finish()) throw new Error('cut short');
  return answers;
}

const counted = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x="y"\r\n world\r\n0\r\nTrailer: a\r\n\r\n';
const untilClose = 'HTTP/1.1 200 OK\r\n\r\nhello';
const early = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';

describe('an answer', () => {
  it.each([
    ['with a length', counted, 'hello', true],
    ['in chunks', chunked, 'hello world', true],
    ['behind others of 1xx', early + counted, 'hello', true],
    ['that closes the connection', counted.replace('OK\r\n', 'OK\r\nConnection: Close\r\n'), 'hello', false],
    ['of HTTP/1.0', counted.replace('1.1', '1.0'), 'hello', false],
    [
      'of HTTP/1.0 that goes on',
      counted.replace('1.1', '1.0').replace('OK\r\n', 'OK\r\nConnection: keep-alive\r\n'),
      'hello',
      true,
    ],
    ['without a reason', counted.replace(' OK', ''), 'hello', true],
    ['with the same length twice', counted.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n'), 'hello', true],
    [
      'with a length and chunks, after which nobody trusts the connection',
      chunked.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n'),
      'hello world',
      false,
    ],
    ['with no body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    ['that has none by its status', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    [
      'that has none by its status, whatever it says',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      '',
      true,
    ],
  ])('%s is read, wherever its pieces end', (_, text, body, keep) => {
    expect(parse(text)).toMatchObject([{ status: expect.any(Number), body, keep }]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        expect(parse(text, { cuts })).toEqual(parse(text));
      }),
    );
    const everywhere = Array.from(text, (_character, i) => i);
    expect(parse(text, { cuts: everywhere })).toEqual(parse(text));
  });

  it('without a length ends with the connection', () => {
    expect(parse(untilClose, { closed: true })).toMatchObject([{ body: 'hello', keep: false }]);
    expect(parse(untilClose)).toMatchObject([{ body: 'hello', keep: undefined }]);
  });

  it('to HEAD has no body', () => {
    expect(parse(counted.replace('hello', ''), { method: 'HEAD' })).toMatchObject([{ body: '', keep: true }]);
  });

  it('gives its fields in lower case, repeated ones joined, texts as UTF-8', () => {
    const warning = Buffer.from('299 - "für Käse"').toString('latin1');
    const text = `HTTP/1.1 200 OK\r\nWarning: ${warning}\r\nWARNING:  299 - "b" \r\nSet-Cookie: a\r\nset-cookie: b\r\n__proto__: x\r\nContent-Length: 0\r\n\r\n`;
    const headers = parse(text)[0]?.headers as AnswerHeaders;
    expect(headers.warning).toBe('299 - "für Käse", 299 - "b"');
    expect(headers['set-cookie']).toEqual(['a', 'b']);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(Object.entries(headers)).toContainEqual(['__proto__', 'x']);
  });
});

describe('what is no answer', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'does not answer in HTTP/1.1'],
    ['a later version', 'HTTP/2.0 200 OK\r\n\r\n', 'does not answer in HTTP/1.1'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n', 'nobody asked for'],
    ['two lengths', counted.replace('\r\n\r\n', '\r\nContent-Length: 6\r\n\r\n'), 'content-length'],
    ['a negative length', counted.replace(': 5', ': -5'), 'content-length'],
    ['a length in another notation', counted.replace(': 5', ': 0x5'), 'content-length'],
    ['another coding', chunked.replace('chunked', 'gzip, chunked'), 'transfer coding'],
    ['a chunk without a size', chunked.replace('\r\n5\r\n', '\r\n\r\n'), 'no valid size'],
    ['a chunk longer than it says', chunked.replace('hello', 'hello!'), 'longer than it said'],
    ['a folded field', counted.replace('Content-Type:', 'A: b\r\n c\r\nContent-Type:'), 'no '],
    ['a name with a space', counted.replace('Content-Type:', 'Content-Type :'), 'valid name'],
    ['a bare line feed', counted.replace('json\r\n', 'json\nA: b\r\n'), 'valid value'],
    ['bytes behind an answer', `${counted}HTTP/1.1 200 OK\r\n\r\n`, 'nobody asked for'],
  ])('%s is an error', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it.each([
    ['a head without end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(60_000)}`],
    ['a chunk size without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(20_000)}`],
  ])('%s does not fill the memory', (_, text) => {
    expect(() => parse(text, { cuts: [1000, 200_000] })).toThrow('longer than');
  });

  it('cut short is known to be', () => {
    for (const text of [counted, chunked]) {
      for (let length = 0; length < text.length; length++) {
        const answers = parse(text.slice(0, length));
        expect(answers.every(({ keep }) => keep === undefined)).toBe(true);
        expect(() => parse(text.slice(0, length), { closed: true })).toThrow('cut short');
      }
    }
  });

  it('of whatever bytes ends in an error or waits for more', () => {
    const piece = fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\r\n\r\n',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      '3',
      'abc',
      '0',
      ':',
      ' ',
      '\n',
      '\r',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 5 }), (pieces, cuts) => {
        const text = pieces.join('');
        const result = (options: { cuts: number[] }) => {
          try {
            return parse(text, options);
          } catch (error) {
            return (error as Error).message;
          }
        };
        expect(result({ cuts })).toEqual(result({ cuts: [] }));
      }),
      { numRuns: 1000 },
    );
  });
});
