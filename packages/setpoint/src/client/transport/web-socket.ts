import type { IncomingMessage } from 'node:http';
import type WebSocket from 'ws';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { type Target, tlsOptions } from './connect.ts';
import { connectFailure, lostConnection } from './failure.ts';
import { outgoingHeaders } from './headers.ts';
import { StreamBody } from './stream-body.ts';
import type { TransportResponse, UpgradedSocket, UpgradeRequest } from './transport.ts';

/** Bytes received and not yet read at which the peer is made to wait. */
const readAhead = 1024 * 1024;

/** Opens a WebSocket over a connection of its own; answers with the response where the server refuses. */
export async function openWebSocket(
  target: Target,
  tls: TlsConfig,
  request: UpgradeRequest,
  onClose: () => void,
): Promise<UpgradedSocket | TransportResponse> {
  request.signal.throwIfAborted();
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(
    `${target.secure ? 'wss' : 'ws'}://${target.host}${target.basePath}${request.url}`,
    [...request.protocols],
    {
      headers: outgoingHeaders(request.headers) as Record<string, string>,
      perMessageDeflate: false,
      handshakeTimeout: 30_000,
      ...(target.secure ? tlsOptions(tls) : {}),
    },
  );
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(request.signal.reason);
      socket.terminate();
    };
    request.signal.addEventListener('abort', onAbort, { once: true });
    socket.on('close', () => {
      request.signal.removeEventListener('abort', onAbort);
      onClose();
    });
    socket.once('error', (error) => reject(connectFailure(target.host, error)));
    socket.once('unexpected-response', (outgoing, incoming: IncomingMessage) => {
      const body = new StreamBody(incoming, {
        failure: () => (incoming.complete ? undefined : lostConnection(target.host, undefined, true)),
        cancel: () => outgoing.destroy(),
      });
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
    });
    socket.once('open', () => resolve(new WebSocketMessages(socket, target.host, request.signal)));
  });
}

class WebSocketMessages implements UpgradedSocket, AsyncIterator<Uint8Array, undefined> {
  readonly protocol: string;
  readonly messages: AsyncIterable<Uint8Array>;
  readonly #socket: WebSocket;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket, host: string, signal: AbortSignal) {
    this.#socket = socket;
    this.protocol = socket.protocol;
    this.messages = { [Symbol.asyncIterator]: () => this };
    let failure: Error | undefined;
    socket.on('message', (data: Buffer) => {
      this.#queue.push(data);
      this.#queued += data.length;
      if (this.#queued > readAhead) socket.pause();
      this.#wakeUp();
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', (code) => {
      this.#ended = true;
      // 1000: all was said. 1005: closed without a word, as API servers do.
      if (signal.aborted) this.#error = signal.reason;
      else if (code !== 1000 && code !== 1005)
        this.#error = lostConnection(host, failure ?? new Error(`WebSocket code ${code}`), true);
      this.#wakeUp();
    });
  }

  send(message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(message, (error) => (error ? reject(error) : resolve()));
    });
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const message = this.#queue.shift();
      if (message) {
        this.#queued -= message.length;
        if (this.#socket.isPaused && this.#queued <= readAhead / 2) this.#socket.resume();
        return { done: false, value: message };
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  close(): void {
    this.#socket.close(1000);
    // A paused socket would never see the peer's answer.
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
