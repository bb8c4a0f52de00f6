import tls, { type TLSSocket } from 'node:tls';
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

/** Opens a TLS connection that offers HTTP/2 and HTTP/1.1; `alpnProtocol` of the socket says which the server took. */
export function connectTls(target: Target, config: TlsConfig, clock: Clock): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let socket: TLSSocket;
    try {
      socket = tls.connect({
        ...tlsOptions(config),
        host: target.hostname,
        port: target.port,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
    } catch (error) {
      // Certificates and keys are read here; what is wrong with them is OpenSSL's to say.
      reject(
        new ConnectionError('TlsFailed', `cannot use the TLS certificates for ${target.host}: ${String(error)}`, {
          requestSent: false,
          cause: error,
        }),
      );
      return;
    }
    const timer = clock.timer(connectTimeout, () => socket.destroy(new Error('no answer within 30 s')));
    const fail = (error?: Error) => {
      timer.cancel();
      reject(connectFailure(target.host, error ?? new Error('the server closed the connection during the handshake')));
    };
    const closed = () => fail();
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      timer.cancel();
      socket.off('error', fail);
      socket.off('close', closed);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
