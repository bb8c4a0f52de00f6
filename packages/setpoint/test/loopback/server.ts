import http2, { type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { testCertificate, testKey } from './certificate.ts';

export type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

export interface LoopbackServer {
  readonly url: string;
  readonly ca: string;
  /** Sockets accepted so far, in order. */
  readonly sockets: readonly Socket[];
  /** HTTP/2 sessions accepted so far, in order; empty over HTTP/1.1. */
  readonly sessions: readonly http2.ServerHttp2Session[];
  close(): Promise<void>;
}

/** A TLS server on loopback that answers as the handler does; for tests of what happens below HTTP. */
export async function loopbackServer(
  handler: Handler,
  options: {
    /** @default 'h2' alone */
    readonly protocol?: 'h2' | 'http/1.1' | 'both';
    readonly maxConcurrentStreams?: number;
    readonly requestCert?: boolean;
    readonly onSession?: (session: http2.ServerHttp2Session) => void;
  } = {},
): Promise<LoopbackServer> {
  const sockets: Socket[] = [];
  const sessions: http2.ServerHttp2Session[] = [];
  const tls = {
    cert: testCertificate,
    key: testKey,
    ...(options.requestCert ? { requestCert: true, rejectUnauthorized: false } : {}),
  };
  const server =
    options.protocol === 'http/1.1'
      ? https.createServer(tls, handler as never)
      : http2.createSecureServer(
          {
            ...tls,
            allowHTTP1: options.protocol === 'both',
            settings: { maxConcurrentStreams: options.maxConcurrentStreams ?? 100 },
          },
          handler,
        );
  server.on('session', (session: http2.ServerHttp2Session) => {
    sessions.push(session);
    session.on('error', () => undefined);
    options.onSession?.(session);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: testCertificate,
    sockets,
    sessions,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
