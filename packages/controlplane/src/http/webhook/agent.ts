import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { Clock } from '@setpoint/apimachinery/clock';
import type { HostAndPort } from './client.ts';
import { certificateError } from './verify.ts';

export interface AgentTarget {
  readonly address: () => HostAndPort;
  readonly servername: string;
}

/**
 * Connects to one webhook. Certificates are checked by us, before a byte is sent: Go looks at time, names and
 * authority in another order than OpenSSL, and says other things of them.
 */
export function webhookAgent({ address, servername }: AgentTarget, authorities: string, clock: Clock): Agent {
  return new WebhookAgent((done) => {
    const { host, port } = address();
    const isName = !/^[\d.]+$|:/.test(servername);
    const socket = connect({
      host,
      port,
      ...(isName ? { servername } : {}),
      ...(authorities === '' ? {} : { ca: authorities }),
      allowPartialTrustChain: true,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    const failed = (error: Error) => done(error);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.removeListener('error', failed);
      const wrong = certificateError(socket, servername, authorities, clock.now());
      if (wrong === undefined) return done(null, socket);
      socket.on('error', () => {});
      socket.destroy();
      done(new Error(wrong));
    });
  });
}

type Done = (error: Error | null, socket?: TLSSocket) => void;

class WebhookAgent extends Agent {
  readonly #open: (done: Done) => void;

  constructor(open: (done: Done) => void) {
    super({ keepAlive: true });
    this.#open = open;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    const done = callback as unknown as Done;
    try {
      this.#open(done);
    } catch (error) {
      done(error as Error);
    }
    return undefined;
  }
}
