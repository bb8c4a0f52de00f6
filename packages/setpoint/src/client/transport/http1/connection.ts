import type { Socket } from 'node:net';
import { lostConnection } from '../failure.ts';
import type { TransportRequest, TransportResponse } from '../transport.ts';
import { AnswerBody } from './answer-body.ts';
import { requestHead } from './request-head.ts';
import { type AnswerHeaders, AnswerParser, type AnswerSink } from './response-parser.ts';

export interface Http1ConnectionOptions {
  /** As in the host field and in messages. */
  readonly host: string;
  /** Bytes of a body received and not yet read at which the peer is made to wait. */
  readonly readAhead: number;
  /** It can take another request. */
  readonly onIdle: (connection: Http1Connection) => void;
  /** It can take none any more. Called once. */
  readonly onClose: (connection: Http1Connection) => void;
}

/** One request and what has come of its answer. */
interface Exchange {
  readonly request: TransportRequest;
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
  head: { readonly status: number; readonly headers: AnswerHeaders } | undefined;
  body: AnswerBody | undefined;
  handedOver: boolean;
}

/** A body up to this size is sent in one piece with its head: one system call, one TLS record, one packet. */
const smallBody = 64 * 1024;

/**
 * One connection of HTTP/1.1, which carries one request at a time. What comes on the socket is given to `received`, in a
 * buffer that is used again and again.
 */
export class Http1Connection implements AnswerSink {
  readonly #socket: Socket;
  readonly #options: Http1ConnectionOptions;
  readonly #parser = new AnswerParser(this);
  #exchange: Exchange | undefined;
  #ended: 'no' | 'keep' | 'close' = 'no';
  #paused = false;
  #idleLimit = Number.POSITIVE_INFINITY;
  #closed = false;
  #draining = false;
  #failure: Error | undefined;

  constructor(socket: Socket, options: Http1ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.unref();
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('end', () => this.#peerEnded());
    socket.on('close', () => this.#over());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Milliseconds that the server said it keeps an idle connection, less a second for the way. @default Infinity */
  get idleLimit(): number {
    return this.#idleLimit;
  }

  /** Sends a request; the connection must be idle. Resolves with the head of the answer. */
  request(request: TransportRequest): Promise<TransportResponse> {
    if (this.#closed) return Promise.reject(lostConnection(this.#options.host, this.#failure, false));
    let head: string;
    try {
      request.signal.throwIfAborted();
      head = requestHead(request, this.#options.host);
      request.onSending?.();
    } catch (error) {
      // Nothing was sent: whoever comes next may have the connection.
      this.#options.onIdle(this);
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#abort(request.signal.reason);
      this.#exchange = { request, resolve, reject, onAbort, head: undefined, body: undefined, handedOver: false };
      request.signal.addEventListener('abort', onAbort, { once: true });
      this.#ended = 'no';
      // An idle connection keeps no process alive.
      this.#socket.ref();
      this.#parser.expect(request.method);
      this.#send(head, request.body);
    });
  }

  /** Bytes from the socket, whose buffer is used again after this; false makes the peer wait. */
  received(bytes: Buffer): boolean {
    if (this.#closed) return true;
    try {
      this.#parser.feed(bytes);
    } catch (error) {
      this.destroy(error as Error);
      return true;
    }
    const exchange = this.#exchange;
    if (!exchange) return !this.#paused;
    const answer = this.#ended === 'no' ? undefined : this.#finish(exchange);
    if (exchange.head && !exchange.handedOver) this.#handOver(exchange);
    answer?.();
    return !this.#paused;
  }

  head(status: number, headers: AnswerHeaders): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    exchange.head = { status, headers };
    const kept = headers['keep-alive'];
    const seconds = kept && /\btimeout=(\d{1,6})\b/.exec(String(kept))?.[1];
    if (seconds) this.#idleLimit = Math.max(0, Number(seconds) - 1) * 1000;
    const flow = {
      pause: () => {
        this.#paused = true;
        this.#socket.pause();
      },
      resume: () => this.#resume(),
      cancel: () => this.destroy(),
    };
    exchange.body = new AnswerBody(flow, this.#options.readAhead);
  }

  data(bytes: Buffer): void {
    this.#exchange?.body?.push(Buffer.from(bytes));
  }

  end(keep: boolean): void {
    this.#ended = keep ? 'keep' : 'close';
  }

  /** Takes no other request; ends now, or with the request under way. */
  drain(): void {
    this.#draining = true;
    if (!this.#exchange) this.destroy();
  }

  /** Ends the connection, and the request under way with that error. */
  destroy(error?: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#over();
  }

  #send(head: string, body: Uint8Array | undefined): void {
    if (!body) {
      this.#socket.write(head, 'latin1');
    } else if (body.length > smallBody) {
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
    } else {
      const message = Buffer.allocUnsafe(head.length + body.length);
      message.write(head, 0, 'latin1');
      message.set(body, head.length);
      this.#socket.write(message);
    }
  }

  /** The whole answer has come; answers with what is left to do once its reader has it. */
  #finish(exchange: Exchange): () => void {
    this.#exchange = undefined;
    exchange.request.signal.removeEventListener('abort', exchange.onAbort);
    exchange.body?.end();
    // An answer that came before its request was sent leaves a rest of it on the way.
    const reusable = this.#ended === 'keep' && !this.#draining && this.#socket.writableLength === 0;
    if (!reusable) return () => this.destroy();
    return () => {
      this.#resume();
      this.#socket.unref();
      this.#options.onIdle(this);
    };
  }

  #handOver(exchange: Exchange): void {
    const { head, body } = exchange;
    if (!head || !body) return;
    exchange.handedOver = true;
    const whole = this.#ended === 'no' ? undefined : body.whole();
    exchange.resolve(whole ? { ...head, body, whole } : { ...head, body });
  }

  #abort(reason: Error): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    this.#exchange = undefined;
    if (exchange.handedOver) exchange.body?.abort(reason);
    else exchange.reject(reason);
    // There is no other way to tell a server of HTTP/1.1 that nobody wants its answer.
    this.destroy();
  }

  #peerEnded(): void {
    const exchange = this.#exchange;
    if (exchange && this.#parser.finish()) {
      const close = this.#finish(exchange);
      if (!exchange.handedOver) this.#handOver(exchange);
      close();
    } else {
      this.destroy();
    }
  }

  #over(): void {
    if (this.#closed) return;
    this.#closed = true;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange) {
      exchange.request.signal.removeEventListener('abort', exchange.onAbort);
      const error = lostConnection(this.#options.host, this.#failure, true);
      if (exchange.handedOver) exchange.body?.fail(error);
      else exchange.reject(error);
    }
    this.#options.onClose(this);
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#closed) this.#socket.resume();
  }
}
