import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import { connectTimeout } from '../connect.ts';
import { connectFailure, lostConnection } from '../failure.ts';
import { incomingHeaders, outgoingHeaders } from '../headers.ts';
import { StreamBody } from '../stream-body.ts';
import type { TransportRequest, TransportResponse } from '../transport.ts';

export interface Http2ConnectionOptions {
  readonly host: string;
  readonly clock: Clock;
  /** Bytes the peer may send ahead on one stream: what an unread answer holds in memory at most. */
  readonly streamWindow: number;
  /** @default 30_000 */
  readonly pingInterval?: number | undefined;
  /** Milliseconds to wait for a ping's answer before the connection counts as dead. @default 15_000 */
  readonly pingTimeout?: number | undefined;
}

/** Node hands received bytes of all streams on at once, so this only bounds what is on the wire. */
const connectionWindow = 32 * 1024 * 1024;
/** Node resets streams (ENHANCE_YOUR_CALM) of a connection that holds more; at its own 10 MB one large body would do. */
const sessionMegabytes = 1024;
/** Without a word from the peer, RFC 9113 suggests no less than this many streams. */
const assumedStreams = 100;
/** More streams than this on one TCP connection serve nobody, whatever the peer allows. */
const mostStreams = 250;
const idleLimit = 90_000;

/**
 * One HTTP/2 connection: counts its streams, pings its peer, and stops taking requests when the peer says GOAWAY.
 * A slot is reserved before a stream is opened (`reserve`), so that the peer's limit is never reached:
 * the stream after it would block all others.
 */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #options: Http2ConnectionOptions;
  readonly #onChange: () => void;
  #active = 0;
  #limit = assumedStreams;
  #usable = true;
  #holdsProcess: boolean | undefined;
  #failure: unknown;
  #idleSince: number;
  #tick: Timer | undefined;
  #pong: Timer | undefined;

  private constructor(session: ClientHttp2Session, options: Http2ConnectionOptions, onChange: () => void) {
    this.#session = session;
    this.#options = options;
    this.#onChange = onChange;
    this.#idleSince = options.clock.monotonic();
  }

  /** Takes over a TLS socket that agreed on `h2`; resolves when the peer's settings are known. */
  static open(socket: TLSSocket, options: Http2ConnectionOptions, onChange: () => void): Promise<Http2Connection> {
    const session = http2.connect(`https://${options.host}`, {
      createConnection: () => socket,
      maxSessionMemory: sessionMegabytes,
      settings: { enablePush: false, initialWindowSize: options.streamWindow },
    });
    const connection = new Http2Connection(session, options, onChange);
    return new Promise((resolve, reject) => {
      const timer = options.clock.timer(connectTimeout, () =>
        session.destroy(new Error('no HTTP/2 settings within 30 s')),
      );
      let opened = false;
      session.once('remoteSettings', () => {
        timer.cancel();
        opened = true;
        session.setLocalWindowSize(connectionWindow);
        connection.#scheduleTick();
        connection.#ref();
        resolve(connection);
      });
      session.on('remoteSettings', (settings) => {
        connection.#limit = Math.max(1, Math.min(settings.maxConcurrentStreams ?? assumedStreams, mostStreams));
      });
      session.on('goaway', () => connection.#retire(undefined));
      session.on('error', (error) => connection.#retire(error));
      session.on('close', () => {
        timer.cancel();
        connection.#retire(undefined);
        connection.#stopTimers();
        onChange();
        if (!opened) reject(connectFailure(options.host, connection.#failure));
      });
    });
  }

  /** Whether new requests may go here. */
  get usable(): boolean {
    return this.#usable && !this.#session.destroyed && !this.#session.closed;
  }

  get closed(): boolean {
    return this.#session.destroyed;
  }

  get active(): number {
    return this.#active;
  }

  /** From here on a second connection should be at hand. */
  get crowded(): boolean {
    return this.#active >= Math.floor(this.#limit * 0.8);
  }

  get full(): boolean {
    return this.#active >= this.#limit;
  }

  /** Takes a stream's place; given back by `release`, or by the end of the request that uses it. */
  reserve(): void {
    this.#active++;
    this.#ref();
  }

  release(): void {
    this.#active--;
    if (this.#active === 0) this.#idleSince = this.#options.clock.monotonic();
    this.#ref();
    this.#onChange();
  }

  /** Sends a request on a reserved slot. */
  request(request: TransportRequest): Promise<TransportResponse> {
    let stream: ClientHttp2Stream;
    try {
      request.signal.throwIfAborted();
      request.onSending?.();
      stream = this.#openStream(request);
    } catch (error) {
      this.release();
      return Promise.reject(
        request.signal.aborted ? request.signal.reason : lostConnection(this.#options.host, error, false),
      );
    }
    return new Promise((resolve, reject) => {
      const { signal } = request;
      let body: StreamBody | undefined;
      let streamError: unknown;
      const cancel = () => stream.close(http2.constants.NGHTTP2_CANCEL);
      const onAbort = () => {
        if (body) body.fail(signal.reason);
        else reject(signal.reason);
        cancel();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      stream.on('error', (error) => {
        streamError = error;
      });
      endWithPeer(stream, () => body !== undefined);
      stream.on('close', () => {
        signal.removeEventListener('abort', onAbort);
        this.release();
        if (!body) reject(this.#lost(stream, streamError));
      });
      stream.on('response', (headers) => {
        // A peer that ends a stream by a reset and one that ends it well both only end it; the code tells.
        const failure = () =>
          stream.rstCode === http2.constants.NGHTTP2_NO_ERROR && !streamError && stream.readableEnded
            ? undefined
            : this.#lost(stream, streamError);
        body = new StreamBody(stream, { failure, cancel });
        resolve({ status: Number(headers[':status']), headers: incomingHeaders(headers), body });
      });
    });
  }

  /** No new streams; closes when the present ones have ended. */
  drain(): void {
    this.#retire(undefined);
    if (!this.#session.destroyed) this.#session.close();
  }

  destroy(error?: Error): void {
    this.#retire(error);
    this.#stopTimers();
    this.#session.destroy(error);
  }

  #openStream(request: TransportRequest): ClientHttp2Stream {
    const headers: OutgoingHttpHeaders = {
      ...outgoingHeaders(request.headers),
      ':method': request.method,
      ':path': request.url,
    };
    if (request.body) headers['content-length'] = request.body.length;
    const stream = this.#session.request(headers, { endStream: !request.body });
    if (request.body) stream.end(request.body);
    return stream;
  }

  #lost(stream: ClientHttp2Stream, streamError: unknown): Error {
    // REFUSED_STREAM is the peer's word (or, after GOAWAY, nghttp2's) that the request was not looked at.
    const refused = stream.id === undefined || stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM;
    const cause =
      this.#failure ??
      streamError ??
      new Error(`the server ended the stream (HTTP/2 code ${stream.rstCode ?? 'none'})`);
    return lostConnection(this.#options.host, cause, !refused);
  }

  #retire(error: unknown): void {
    this.#failure ??= error;
    if (!this.#usable) return;
    this.#usable = false;
    this.#onChange();
  }

  /** An idle connection keeps no process alive. */
  #ref(): void {
    const busy = this.#active > 0;
    if (busy === this.#holdsProcess || this.#session.destroyed) return;
    this.#holdsProcess = busy;
    if (busy) this.#session.ref();
    else this.#session.unref();
  }

  #scheduleTick(): void {
    const { clock, pingInterval = 30_000, pingTimeout = 15_000 } = this.#options;
    this.#tick = clock.timer(
      pingInterval,
      () => {
        if (this.#session.destroyed) return;
        if (this.#active === 0 && clock.monotonic() - this.#idleSince >= idleLimit) {
          this.drain();
          return;
        }
        this.#pong = clock.timer(
          pingTimeout,
          () => this.destroy(new Error(`no answer to a ping within ${pingTimeout / 1000} s`)),
          { background: true },
        );
        this.#session.ping(() => {
          this.#pong?.cancel();
        });
        this.#scheduleTick();
      },
      { background: true },
    );
  }

  #stopTimers(): void {
    this.#tick?.cancel();
    this.#pong?.cancel();
  }
}

/**
 * Lets a stream end once its peer has ended it. Node would wait for ever where nobody reads because no head came,
 * or where the rest of a request body finds no taker after an early answer.
 *
 * Where a whole answer comes at once, Node may tell of its body and its end before it tells of its head, all in one turn:
 * what is there belongs to whoever reads once the head is known.
 */
export function endWithPeer(stream: Duplex, hasHead: () => boolean): void {
  stream.on('readable', () => {
    if (hasHead()) return;
    setImmediate(() => {
      if (!stream.destroyed && !hasHead()) stream.read();
    });
  });
  stream.on('end', () =>
    setImmediate(() => {
      if (!stream.destroyed && (!hasHead() || !stream.writableFinished)) stream.destroy();
    }),
  );
}
