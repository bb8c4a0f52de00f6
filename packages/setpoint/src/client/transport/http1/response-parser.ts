/** What a parser tells of one answer after the other. */
export interface AnswerSink {
  /** The final head; those of 1xx are passed over. */
  head(status: number, headers: AnswerHeaders): void;
  /** Bytes of the body; they are the reader's only until it returns. */
  data(bytes: Buffer): void;
  /** @param keep whether the connection may carry another request */
  end(keep: boolean): void;
}

/** Names in lower case; of repeated fields but set-cookie the values are joined by `, `. */
export type AnswerHeaders = Record<string, string | readonly string[] | undefined>;

/** A head is a few hundred bytes; Go's server writes no more than this. */
const longestHead = 256 * 1024;
/** Of a line between chunks, or a trailer. */
const longestLine = 16 * 1024;
const mostNames = 100;
const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

type State = 'idle' | 'head' | 'counted' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'trailer' | 'untilClose';

/**
 * Answers of HTTP/1.1 from bytes as they come (RFC 9112), as strict as a client may be: bare line feeds, folded fields,
 * lengths that contradict each other and bytes that nobody asked for are errors, after which the connection is of no use.
 */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #names = new NameCache();
  #state: State = 'idle';
  #method = '';
  /** What has come of a head or a line that is not whole yet. */
  #partial: Buffer | undefined;
  /** Bytes still to come of a counted body or a chunk. */
  #left = 0;
  #keep = false;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** Whether an answer is awaited or under way. */
  get busy(): boolean {
    return this.#state !== 'idle';
  }

  /** An answer to a request of this method comes next. */
  expect(method: string): void {
    this.#method = method;
    this.#state = 'head';
  }

  /** Throws where the bytes are no answer. */
  feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  /** The peer ended the connection; answers whether that was the proper end of the answer. */
  finish(): boolean {
    if (this.#state !== 'untilClose') return false;
    this.#end(false);
    return true;
  }

  /** Takes what it can from there; answers how far it came. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'idle':
        throw new Error('the server sent bytes that nobody asked for');
      case 'head':
        return this.#takeUntil(headEnd, longestHead, bytes, at, (text) => this.#head(text));
      case 'counted':
      case 'chunk':
        return this.#body(bytes, at);
      case 'chunkSize':
        return this.#takeUntil(lineEnd, longestLine, bytes, at, (text) => this.#chunkSize(text));
      case 'chunkEnd':
        return this.#takeUntil(lineEnd, longestLine, bytes, at, (text) => {
          if (text !== '') throw new Error('a chunk is longer than it said');
          this.#state = 'chunkSize';
        });
      case 'trailer':
        return this.#takeUntil(lineEnd, longestLine, bytes, at, (text) => {
          if (text === '') this.#end(this.#keep);
        });
      case 'untilClose':
        this.#sink.data(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      default:
        return this.#state satisfies never;
    }
  }

  /** Text up to a delimiter, which may come in pieces. */
  #takeUntil(delimiter: Buffer, limit: number, bytes: Buffer, at: number, take: (text: string) => void): number {
    const before = this.#partial;
    if (before) {
      // The delimiter itself may have been torn apart.
      const whole = Buffer.concat([before, bytes.subarray(at)]);
      const found = whole.indexOf(delimiter, Math.max(0, before.length - delimiter.length + 1));
      if (found < 0) return this.#putBy(whole, limit, bytes.length);
      this.#partial = undefined;
      take(whole.toString('latin1', 0, found));
      return at + found + delimiter.length - before.length;
    }
    const found = bytes.indexOf(delimiter, at);
    if (found < 0) return this.#putBy(Buffer.from(bytes.subarray(at)), limit, bytes.length);
    if (found - at > limit) throw new Error(`a head or line is longer than ${limit} bytes`);
    take(bytes.toString('latin1', at, found));
    return found + delimiter.length;
  }

  #putBy(partial: Buffer, limit: number, next: number): number {
    if (partial.length > limit) throw new Error(`a head or line is longer than ${limit} bytes`);
    this.#partial = partial;
    return next;
  }

  #head(text: string): void {
    const end = text.indexOf('\r\n');
    const statusLine = end < 0 ? text : text.slice(0, end);
    const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine);
    if (!match) throw new Error('the server does not answer in HTTP/1.1');
    const status = Number(match[2]);
    const headers = end < 0 ? {} : fieldsOf(text, end + 2, this.#names);
    if (status < 200) {
      if (status === 101) throw new Error('the server switched protocols, which nobody asked for');
      return;
    }
    this.#keep = isKept(match[1] === '1', headers.connection);
    this.#left = 0;
    const next = this.#bodyKind(status, headers);
    this.#sink.head(status, headers);
    if (next === 'none') this.#end(this.#keep);
    else this.#state = next;
  }

  /** How the end of the body is found: RFC 9112, 6.3. */
  #bodyKind(status: number, headers: AnswerHeaders): State | 'none' {
    if (this.#method === 'HEAD' || status === 204 || status === 304) return 'none';
    const coding = headers['transfer-encoding'];
    if (coding !== undefined) {
      if (!/^chunked$/i.test(String(coding))) throw new Error('the transfer coding of the answer is not known');
      // Who says both may mean something else by the end than its proxy.
      if (headers['content-length'] !== undefined) this.#keep = false;
      return 'chunkSize';
    }
    const length = headers['content-length'];
    if (length === undefined) {
      this.#keep = false;
      return 'untilClose';
    }
    // Said more than once, it has to be the same.
    const [count = '', ...others] = String(length).split(', ');
    if (!/^\d{1,15}$/.test(count) || others.some((other) => other !== count)) {
      throw new Error('the answer has no valid content-length');
    }
    this.#left = Number(count);
    return this.#left === 0 ? 'none' : 'counted';
  }

  #chunkSize(line: string): void {
    const match = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line);
    if (!match) throw new Error('a chunk of the answer has no valid size');
    this.#left = Number.parseInt(match[1] as string, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #body(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const done = this.#left === 0;
    const data = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
    const counted = this.#state === 'counted';
    if (done && !counted) this.#state = 'chunkEnd';
    this.#sink.data(data);
    if (done && counted) this.#end(this.#keep);
    return end;
  }

  #end(keep: boolean): void {
    this.#state = 'idle';
    this.#sink.end(keep);
  }
}

/** Whether the connection may be used again: RFC 9112, 9.3. */
function isKept(isCurrent: boolean, connection: AnswerHeaders[string]): boolean {
  if (connection === undefined) return isCurrent;
  const options = String(connection).toLowerCase();
  return isCurrent ? !/\bclose\b/.test(options) : /\bkeep-alive\b/.test(options);
}

/** The fields from there on, as Node names and joins them; what is not ASCII is UTF-8, as warnings of the API server are. */
function fieldsOf(text: string, from: number, names: NameCache): AnswerHeaders {
  // One look at all of it costs less than one at each field.
  if (/\0|\r(?!\n)|(?<!\r)\n/.test(text)) throw new Error('a field of the head has no valid value');
  const isAscii = !/[\x80-\xff]/.test(text);
  const headers: AnswerHeaders = {};
  for (let at = from; at < text.length; ) {
    const next = text.indexOf('\r\n', at);
    const end = next < 0 ? text.length : next;
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) throw new Error('a field of the head is no field');
    const value = text.slice(colon + 1, end).trim();
    add(headers, names.of(text.slice(at, colon)), isAscii ? value : Buffer.from(value, 'latin1').toString('utf8'));
    at = end + 2;
  }
  return headers;
}

function add(headers: AnswerHeaders, name: string, value: string): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (name === 'set-cookie') headers[name] = before === undefined ? [value] : [...before, value];
  else if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true });
  else headers[name] = before === undefined ? value : `${before}, ${value}`;
}

/** The names of fields, which are the same in each answer: checked and put into lower case once. */
class NameCache {
  readonly #names = new Map<string, string>();

  of(written: string): string {
    const known = this.#names.get(written);
    if (known !== undefined) return known;
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(written)) throw new Error('a field of the head has no valid name');
    const name = written.toLowerCase();
    if (this.#names.size < mostNames) this.#names.set(written, name);
    return name;
  }
}
