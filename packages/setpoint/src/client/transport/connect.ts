import net, { type OnReadOpts, type Socket } from 'node:net';
import tls, { type SecureContext } from 'node:tls';
import type { Clock } from '@setpoint/apimachinery/clock';
import { ConnectionError } from '../../errors/index.ts';
import type { TlsConfig } from '../kubeconfig/index.ts';
import { connectFailure } from './failure.ts';

/** Where to connect; made once from the server's URL. */
export interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** `hostname:port`, with brackets around an IPv6 address. */
  readonly host: string;
  /** Path in front of every request's path; empty or without a slash at its end. */
  readonly basePath: string;
}

/** Milliseconds for a TCP connection and its TLS handshake. */
export const connectTimeout = 30_000;
const keepAliveDelay = 15_000;

export function parseTarget(server: string): Target {
  const url = new URL(server);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    secure,
    hostname,
    port,
    host: `${url.hostname}:${port}`,
    basePath: url.pathname.replace(/\/+$/, ''),
  };
}

/** Our TLS options in Node's names. */
export function tlsOptions(
  config: TlsConfig,
): tls.SecureContextOptions & tls.CommonConnectionOptions & { servername?: string } {
  return {
    ...(config.ca === undefined ? {} : { ca: pem(config.ca) }),
    ...(config.cert === undefined ? {} : { cert: pem(config.cert) }),
    ...(config.key === undefined ? {} : { key: pem(config.key) }),
    ...(config.serverName === undefined ? {} : { servername: config.serverName }),
    ...(config.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
    minVersion: 'TLSv1.2',
  };
}

function pem(value: Uint8Array | string): Buffer | string {
  return typeof value === 'string' ? value : Buffer.from(value);
}

/** How a connection is made. */
export interface ConnectOptions {
  readonly clock: Clock;
  /** What is offered in the TLS handshake; `alpnProtocol` of the socket says what the server took. */
  readonly protocols: readonly ('h2' | 'http/1.1')[];
  /** Takes what comes instead of the socket's own stream, in a buffer that is used again. @default the stream */
  readonly onread?: OnReadOpts | undefined;
}

/**
 * Makes connections to one server. Certificates and keys are read once for all of them, when the first is made: that takes as
 * long as half a handshake.
 */
export class Connector {
  readonly #target: Target;
  readonly #tls: TlsConfig;
  #context: SecureContext | undefined;

  constructor(target: Target, tls: TlsConfig) {
    this.#target = target;
    this.#tls = tls;
  }

  /** Rejects with a ConnectionError, after 30 s at the latest. */
  connect(options: ConnectOptions): Promise<Socket> {
    const { host } = this.#target;
    return new Promise((resolve, reject) => {
      let socket: Socket;
      try {
        socket = this.#start(options);
      } catch (error) {
        // Certificates and keys are read here; what is wrong with them is OpenSSL's to say.
        reject(
          new ConnectionError('TlsFailed', `cannot use the TLS certificates for ${host}: ${String(error)}`, {
            requestSent: false,
            cause: error,
          }),
        );
        return;
      }
      const timer = options.clock.timer(connectTimeout, () => socket.destroy(new Error('no answer within 30 s')));
      const fail = (error?: Error) => {
        timer.cancel();
        reject(connectFailure(host, error ?? new Error('the server closed the connection during the handshake')));
      };
      const closed = () => fail();
      socket.once('error', fail);
      socket.once('close', closed);
      socket.once(this.#target.secure ? 'secureConnect' : 'connect', () => {
        timer.cancel();
        socket.off('error', fail);
        socket.off('close', closed);
        socket.setNoDelay(true);
        // Finds out within half a minute that the peer of an idle connection is gone.
        socket.setKeepAlive(true, keepAliveDelay);
        resolve(socket);
      });
    });
  }

  #start({ protocols, onread }: ConnectOptions): Socket {
    const { hostname, port, secure } = this.#target;
    const where = { host: hostname, port, ...(onread ? { onread } : {}) };
    if (!secure) return net.connect(where);
    const { serverName, insecureSkipVerify } = this.#tls;
    this.#context ??= tls.createSecureContext(tlsOptions(this.#tls));
    return tls.connect({
      ...where,
      secureContext: this.#context,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(insecureSkipVerify ? { rejectUnauthorized: false } : {}),
      ALPNProtocols: [...protocols],
    });
  }
}
