import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:tls';
import { parse } from 'yaml';
import type { WireRequest } from './corpus.ts';

export interface WireAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
}

/** Milliseconds after which a server that has not begun to answer is said to hang. */
const patience = 15_000;

/** HTTP/2 itself has no place for anything else in a path, whatever the server would say. */
function inHttp2({ method, path }: WireRequest): boolean {
  return method !== 'CONNECT' && /^[\x21-\x7e]*$/.test(path);
}

/** Sends requests as they are, however wrong, to the server of a kubeconfig. */
export class Wire {
  readonly #url: URL;
  readonly #credentials: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  readonly #agent: Agent;
  #session: ClientHttp2Session | undefined;

  constructor(kubeconfigFile: string) {
    const config = parse(readFileSync(kubeconfigFile, 'utf8'));
    const decode = (data: string) => Buffer.from(data, 'base64');
    this.#url = new URL(config.clusters[0].cluster.server);
    this.#credentials = {
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
      cert: decode(config.users[0].user['client-certificate-data']),
      key: decode(config.users[0].user['client-key-data']),
    };
    this.#agent = new Agent({ keepAlive: true, ...this.#credentials });
  }

  close(): void {
    this.#session?.destroy();
    this.#agent.destroy();
  }

  async send(request: WireRequest): Promise<WireAnswer> {
    try {
      return await (request.http2 && inHttp2(request) ? this.#byHttp2(request) : this.#byClient(request));
    } catch (error) {
      // Node's client has higher standards than its servers.
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'ERR_UNESCAPED_CHARACTERS' || code.startsWith('ERR_INVALID')) return this.#raw(request);
      if (code === 'HANGS') throw error;
      return { status: 0, text: String(error) };
    }
  }

  #openSession(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = connectHttp2(this.#url, this.#credentials);
    // What ends it ends its streams, which say so.
    session.on('error', () => {});
    this.#session = session;
    return session;
  }

  #byHttp2({ method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      const { connection: _, expect: __, ...allowed } = headers as Record<string, string>;
      const stream = this.#openSession().request(
        { ':method': method, ':path': path, ...allowed },
        { endStream: false },
      );
      let status = 0;
      let text = '';
      const timer = setTimeout(() => {
        if (status === 0) reject(Object.assign(new Error(`no answer to ${method} ${path}`), { code: 'HANGS' }));
        stream.close();
      }, patience);
      stream.setEncoding('utf8');
      stream.on('response', (answer) => {
        status = answer[':status'] ?? 0;
        // A watch may go on; that it began is what was asked.
        const long = setTimeout(() => stream.close(), 2000);
        stream.on('close', () => clearTimeout(long));
      });
      stream.on('data', (chunk: string) => {
        if (text.length < 2000) text += chunk.slice(0, 2000);
      });
      stream.on('error', () => {});
      stream.on('close', () => {
        clearTimeout(timer);
        resolve({ status, text });
      });
      stream.end(body);
    });
  }

  #byClient({ method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const outgoing = httpsRequest(
        { hostname, port, method, path, agent: this.#agent, headers: { ...headers, 'content-length': body.length } },
        (incoming) => {
          clearTimeout(timer);
          const status = incoming.statusCode ?? 0;
          let text = '';
          const done = () => {
            clearTimeout(long);
            resolve({ status, text });
          };
          // A watch may go on; that it began is what was asked.
          const long = setTimeout(() => {
            done();
            incoming.destroy();
          }, 2000);
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => {
            if (text.length < 2000) text += chunk.slice(0, 2000);
          });
          incoming.on('end', done);
          incoming.on('error', done);
        },
      );
      const timer = setTimeout(() => {
        outgoing.destroy(Object.assign(new Error(`no answer to ${method} ${path}`), { code: 'HANGS' }));
      }, patience);
      outgoing.on('connect', (incoming, socket) => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ status: incoming.statusCode ?? 0, text: '' });
      });
      // However it ends, it ends; after an answer this says nothing new.
      outgoing.on('close', () => {
        clearTimeout(timer);
        resolve({ status: 0, text: 'closed without an answer' });
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      outgoing.end(body);
    });
  }

  #raw({ method, path, headers, body }: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const lines = Object.entries({ host: hostname, connection: 'close', ...headers, 'content-length': body.length });
      const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
      const socket = connect({ host: hostname, port: Number(port), ...this.#credentials });
      let text = '';
      const done = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text: text.slice(0, 2000) });
      };
      const timer = setTimeout(() => {
        if (text !== '') return done();
        socket.destroy();
        reject(Object.assign(new Error(`no answer to ${method} ${path}`), { code: 'HANGS' }));
      }, patience);
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('\r\n\r\n')) done();
      });
      socket.on('close', done);
      socket.on('error', done);
      socket.write(Buffer.concat([Buffer.from(head), body]));
    });
  }
}
