import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  constants as http2,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '@setpoint/apimachinery/clock';
import { stringifyJson } from '@setpoint/apimachinery/json';
import { methodNotAllowed } from '../status/index.ts';
import { type Caller, callerOf } from './caller.ts';
import { compress } from './compress.ts';
import { maxBodyBytes } from './limits.ts';
import type { ApiHandler, ApiRequest, ApiResponse } from './message.ts';
import { type Sink, send } from './send.ts';

export interface ServeOptions {
  readonly handler: ApiHandler;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of each authority that signs client certificates; a caller may also come without one. */
  readonly clientAuthority: string | readonly string[];
  /** For the end of a close; wall time unless told, for peers live in it whatever clock the control plane has. */
  readonly clock?: Clock;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

/** Streams that a client may have open at once on one HTTP/2 connection, as a real server allows. */
const maxConcurrentStreams = 100;
/** As much as the real server reads of a request line and headers: selectors can be long. */
const mostHeaderBytes = 1 << 20;
/** How long a body may take to arrive: as long as the real server gives a whole request. */
const mostBodyTime = 60_000;
/** How long close waits for requests under way before it cuts their connections. */
const drainTime = 2000;

/** Opens one TLS socket for HTTP/1.1 and HTTP/2. Rejects if the address is in use. */
export async function serve(options: ServeOptions): Promise<ApiServer> {
  const server = createSecureServer({
    allowHTTP1: true,
    key: options.key,
    cert: options.certificate,
    ca: typeof options.clientAuthority === 'string' ? options.clientAuthority : [...options.clientAuthority],
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ...{ maxHeaderSize: mostHeaderBytes },
    settings: { maxHeaderListSize: mostHeaderBytes, maxConcurrentStreams, initialWindowSize: 1 << 20 },
    // In megabytes; the default of 10 ends connections with a hundred large answers under way.
    maxSessionMemory: 512,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new ApiServer(server, options);
}

/** A listening socket and everything that came in through it. */
export class ApiServer {
  readonly port: number;
  readonly url: string;
  readonly #server: Http2SecureServer;
  readonly #handler: ApiHandler;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();
  readonly #exchanges = new Set<Exchange>();
  readonly #callers = new WeakMap<object, Caller>();
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(server: Http2SecureServer, options: ServeOptions) {
    this.#server = server;
    this.#handler = options.handler;
    this.#clock = options.clock ?? systemClock;
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
    const host = options.host ?? '127.0.0.1';
    this.url = `https://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
    server.on('request', (request: unknown, response: unknown) =>
      this.#onHttp1(request as IncomingMessage, response as ServerResponse),
    );
    // Node answers HTTP/2 through its HTTP/1 look-alike once 'request' has a listener; streams are cheaper as they are.
    server.removeAllListeners('stream');
    server.on('stream', (stream, headers) => this.#onHttp2(stream, headers));
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      session.on('error', () => session.destroy());
    });
    server.on('secureConnection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseMalformed(error, socket));
    // Node leaves a CONNECT of HTTP/1.1 to whoever listens for it, and hangs up otherwise.
    server.on('connect', (message: unknown, socket: unknown) => {
      if ((message as IncomingMessage).httpVersionMajor === 1) refuseMethod(socket as Socket);
    });
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.on('sessionError', () => {});
    server.setTimeout(0);
    // As long as a Go server waits for the next request; Node's 5 s would cut clients that poll.
    (server as { keepAliveTimeout?: number }).keepAliveTimeout = 90_000;
  }

  /** Stops listening, ends watches, lets other requests finish, then cuts what is left. Harmless twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const exchange of this.#exchanges) exchange.stop(new Error('the server is shutting down'));
    if (this.#exchanges.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.timer(drainTime, resolve);
        this.#drained = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    for (const session of this.#sessions) session.close();
    for (const socket of this.#sockets) socket.end();
    // A peer that does not hang up on its side keeps its socket open; nothing is under way on it any more.
    const timer = this.#clock.timer(100, () => {
      for (const session of this.#sessions) session.destroy();
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed;
    timer.cancel();
  }

  #onHttp1(message: IncomingMessage, response: ServerResponse): void {
    // Streams of HTTP/2 come through 'stream'.
    if (message.httpVersionMajor > 1) return;
    const socket = message.socket as TLSSocket;
    const caller = this.#callerOf(socket, socket);
    const hasBody =
      message.headers['content-length'] !== undefined || message.headers['transfer-encoding'] !== undefined;
    const exchange = new Exchange(message.method ?? 'GET', message.url ?? '/', flatten(message.headers), caller);
    response.on('close', () => exchange.end(response.writableFinished));
    this.#run(exchange, hasBody ? readBody(message, this.#clock) : empty, {
      stream: response,
      head: (status, headers) => {
        if (this.#closing || exchange.truncated) response.setHeader('connection', 'close');
        response.writeHead(status, headers as Record<string, string>);
      },
      flush: () => response.flushHeaders(),
    });
  }

  #onHttp2(stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>): void {
    const { session } = stream;
    if (!session) return;
    stream.on('error', () => {});
    // Unread input, even none, keeps a stream that the client gave up from closing.
    if (stream.endAfterHeaders) stream.resume();
    const caller = this.#callerOf(session, session.socket as TLSSocket);
    const exchange = new Exchange(String(headers[':method']), String(headers[':path']), flatten(headers), caller);
    stream.on('close', () => exchange.end(stream.rstCode === http2.NGHTTP2_NO_ERROR && stream.writableFinished));
    this.#run(exchange, stream.endAfterHeaders ? empty : readBody(stream, this.#clock), {
      stream,
      head: (status, responseHeaders) => stream.respond({ ':status': status, ...responseHeaders }),
      flush: () => {},
    });
  }

  #callerOf(connection: object, socket: TLSSocket): Caller {
    let caller = this.#callers.get(connection);
    if (!caller) {
      caller = callerOf(socket);
      this.#callers.set(connection, caller);
    }
    return caller;
  }

  #run(exchange: Exchange, body: Promise<Body> | Body, sink: Sink): void {
    this.#exchanges.add(exchange);
    void this.#answer(exchange, body, sink).finally(() => {
      this.#exchanges.delete(exchange);
      if (this.#closing && this.#exchanges.size === 0) this.#drained?.();
    });
  }

  async #answer(exchange: Exchange, body: Promise<Body> | Body, sink: Sink): Promise<void> {
    let response: ApiResponse;
    try {
      const { bytes, truncated } = body instanceof Promise ? await body : body;
      exchange.body = bytes;
      exchange.truncated = truncated;
      response = await this.#handler(exchange);
    } catch (error) {
      if (exchange.gone) return;
      if (error === lateBody) exchange.truncated = true;
      response = error === lateBody ? late() : failure(error);
    }
    if (exchange.gone) {
      if (!(response.body instanceof Uint8Array)) await response.body[Symbol.asyncIterator]().return?.();
      return;
    }
    try {
      await send(await compress(exchange, response), sink, exchange);
    } catch {
      // The connection broke or the handler's stream failed: all a client can be told is that it ends here.
      sink.stream.destroy();
    }
  }
}

interface Body {
  readonly bytes: Uint8Array;
  /** There was more than anybody accepts; the rest is thrown away. */
  readonly truncated: boolean;
}

const empty: Body = { bytes: new Uint8Array(0), truncated: false };

/** One request and its answer. Making an AbortSignal costs more than the rest of a small request: only on demand. */
class Exchange implements ApiRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly user?: NonNullable<ApiRequest['user']>;
  readonly certificateRejected: boolean;
  body: Uint8Array = empty.bytes;
  truncated = false;
  /** The server stops: a stream ends as soon as it begins. */
  stopping = false;
  /** Called when the server stops; set while a stream is being sent. */
  onStop: (() => void) | undefined;
  /** The client hung up, or has everything. */
  gone = false;
  #stopped: Error | undefined;
  #controller: AbortController | undefined;

  constructor(method: string, url: string, headers: Readonly<Record<string, string | undefined>>, caller: Caller) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.certificateRejected = caller.rejected;
    if (caller.user) this.user = caller.user;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.gone) this.#stopped ??= new Error('the request is over');
      if (this.#stopped) this.#controller.abort(this.#stopped);
    }
    return this.#controller.signal;
  }

  /** The server stops: streams end, other answers are still given. */
  stop(reason: Error): void {
    this.stopping = true;
    if (!this.onStop) return;
    this.onStop();
    this.#abort(reason);
  }

  /** The connection, or this stream of it, is over. */
  end(complete: boolean): void {
    if (this.gone) return;
    this.gone = true;
    // An Error takes its stack along: only for somebody who listens.
    if (this.#controller) this.#abort(new Error(complete ? 'the request is over' : 'the client went away'));
  }

  #abort(reason: Error): void {
    this.#stopped ??= reason;
    this.#controller?.abort(reason);
  }
}

/** Reads up to the limit and a byte more, by which the pipeline knows that the limit was passed. */
function readBody(source: NodeJS.ReadableStream, clock: Clock): Promise<Body> {
  return new Promise((resolve, reject) => {
    const timer = clock.timer(mostBodyTime, () => fail(lateBody), { background: true });
    const chunks: Buffer[] = [];
    let length = 0;
    let truncated = false;
    let settled = false;
    const settle = () => {
      if (settled) return;
      settled = true;
      timer.cancel();
      resolve({ bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), truncated });
    };
    // Node ends every exchange with 'close', also those that went well.
    const lost = () => {
      if (!settled) fail(new Error('the client went away'));
    };
    const fail = (error: Error) => {
      settled = true;
      timer.cancel();
      reject(error);
    };
    source.on('data', (chunk: Buffer) => {
      if (truncated) return;
      length += chunk.length;
      truncated = length > maxBodyBytes;
      chunks.push(truncated ? chunk.subarray(0, chunk.length - (length - maxBodyBytes) + 1) : chunk);
      if (truncated) settle();
    });
    source.on('end', settle);
    source.on('error', lost);
    source.on('close', lost);
  });
}

/** Node gives names in lower case; only set-cookie comes as a list. */
function flatten(headers: Readonly<Record<string, unknown>>): Record<string, string | undefined> {
  const cookies = headers['set-cookie'];
  return (Array.isArray(cookies) ? { ...headers, 'set-cookie': cookies.join(', ') } : headers) as Record<
    string,
    string | undefined
  >;
}

/** What is no request never reaches the handler: an unknown method gets what a known path would say of it. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    const reason = '431 Request Header Fields Too Large';
    const headers = 'content-type: text/plain; charset=utf-8\r\nconnection: close';
    return void socket.end(`HTTP/1.1 ${reason}\r\n${headers}\r\n\r\n${reason}`);
  }
  if (error.code !== 'HPE_INVALID_METHOD')
    return void socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  refuseMethod(socket);
}

function refuseMethod(socket: Socket): void {
  const { status } = methodNotAllowed();
  const body = `${stringifyJson(status)}\n`;
  const headers = ['cache-control: no-cache, private', 'content-type: application/json', 'connection: close'];
  socket.end(['HTTP/1.1 405 Method Not Allowed', ...headers, `content-length: ${body.length}`, '', body].join('\r\n'));
}

const lateBody = new Error('the body did not arrive in time');

function late(): ApiResponse {
  const message = 'Timeout: request did not complete within the allotted timeout';
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  const body = Buffer.from(`${stringifyJson({ ...status, reason: 'Timeout', details: {}, code: 504 })}\n`);
  return { status: 504, headers: { 'content-type': 'application/json' }, body };
}

/** A handler answers with a Status of its own; that it throws is a defect, and still no reason to leave a client waiting. */
function failure(error: unknown): ApiResponse {
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'InternalError',
    code: 500,
  };
  return {
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${stringifyJson(status)}\n`),
  };
}
