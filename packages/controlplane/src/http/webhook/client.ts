import type { IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import type { Clock } from '@setpoint/apimachinery/clock';
import { goQuote } from '@setpoint/apimachinery/errors';
import { stringifyJson } from '@setpoint/apimachinery/json';
import { connectionError } from './connection-error.ts';
import { readAnswer } from './read-answer.ts';

/** Where a webhook is, as its client configuration says. */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    /** @default 443 */
    readonly port?: number;
  };
  /** PEM in base64; without it the authorities that this machine trusts. */
  readonly caBundle?: string;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Where a port of a Service can be reached from here. @throws Error where it cannot */
export type ServiceResolver = (namespace: string, name: string, port: number) => HostAndPort;

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly resolveService: ServiceResolver;
  /** Such as `kube-apiserver-admission`. */
  readonly userAgent: string;
}

export interface PostOptions {
  /** Milliseconds, at least one. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Where to connect to, and what to call it. */
interface Place {
  readonly url: string;
  readonly address: () => HostAndPort;
  readonly servername: string;
  readonly host: string;
  readonly path: string;
}

const agentsKept = 200;

/**
 * Posts reviews to webhooks over TLS, as kube-apiserver's client does and with its messages when it fails. Connections
 * are kept and used again.
 */
export class WebhookClient {
  readonly #options: WebhookClientOptions;
  readonly #agents = new Map<string, Agent>();
  #closed = false;

  constructor(options: WebhookClientOptions) {
    this.#options = options;
  }

  /**
   * The answer is of the kind of the review, or says nothing about its kind.
   *
   * @throws Error that says, in the words of the real server, why there is no answer
   */
  async post(target: WebhookTarget, review: JsonObject, options: PostOptions): Promise<JsonObject> {
    if (this.#closed) throw new Error('this control plane is closed');
    const place = placeOf(target, this.#options.resolveService);
    const timeout = `${Math.ceil(options.timeout / 1000)}s`;
    const path = `${place.path}?timeout=${timeout}`;
    const body = Buffer.from(`${stringifyJson(review)}\n`);
    try {
      const response = await this.#request(place, path, body, target.caBundle ?? '', options);
      return await readAnswer(response, String(review.kind), String(review.apiVersion));
    } catch (error) {
      if (!(error instanceof NoResponse)) throw error;
      throw new Error(`Post ${goQuote(`${place.url}?timeout=${timeout}`)}: ${error.message}`);
    }
  }

  /** Ends all connections. */
  close(): void {
    this.#closed = true;
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #request(
    place: Place,
    path: string,
    body: Buffer,
    caBundle: string,
    { timeout, signal }: PostOptions,
  ): Promise<Received> {
    const { request } = await import('node:https');
    const agent = await this.#agentFor(place, caBundle);
    const { userAgent, clock } = this.#options;
    return new Promise((resolve, reject) => {
      let late = false;
      const outgoing = request({
        agent,
        method: 'POST',
        path,
        host: place.host,
        headers: {
          host: place.host,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'user-agent': userAgent,
          'content-length': body.length,
        },
      });
      const fail = (error: Error) => {
        settle();
        outgoing.destroy();
        reject(new NoResponse(late ? 'context deadline exceeded' : connectionError(error, place.host)));
      };
      const timer = clock.timer(timeout, () => {
        late = true;
        fail(new Error('timeout'));
      });
      const canceled = () => fail(new Error('context canceled'));
      const settle = () => {
        timer.cancel();
        signal?.removeEventListener('abort', canceled);
      };
      if (signal?.aborted) return canceled();
      signal?.addEventListener('abort', canceled, { once: true });
      outgoing.on('error', fail);
      outgoing.on('response', (response) => {
        readAll(response).then((received) => {
          settle();
          resolve(received);
        }, fail);
      });
      outgoing.end(body);
    });
  }

  async #agentFor(place: Place, caBundle: string): Promise<Agent> {
    const key = `${place.servername}|${place.url}|${caBundle}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const { webhookAgent } = await import('./agent.ts');
    const present = this.#agents.get(key);
    if (present) return present;
    const agent = webhookAgent(place, Buffer.from(caBundle, 'base64').toString('utf8'), this.#options.clock);
    this.#agents.set(key, agent);
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > agentsKept && oldest !== undefined) this.#agents.delete(oldest);
    return agent;
  }
}

/** Nothing came that could be read as an answer. */
class NoResponse extends Error {}

export interface Received {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

async function readAll(response: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
  };
}

function placeOf({ url, service }: WebhookTarget, resolve: ServiceResolver): Place {
  if (service) {
    const { namespace, name, port = 443 } = service;
    const servername = `${name}.${namespace}.svc`;
    const host = `${servername}:${port}`;
    const path = cleanPath(service.path ?? '');
    return { url: `https://${host}${path}`, address: () => resolve(namespace, name, port), servername, host, path };
  }
  const parsed = new URL(url ?? '');
  const hostname = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const path = cleanPath(decodeURI(parsed.pathname));
  return {
    url: `${parsed.protocol}//${parsed.host}${path}`,
    address: () => ({ host: hostname, port: Number(parsed.port || 443) }),
    servername: hostname,
    host: parsed.host,
    path,
  };
}

/** Without doubled slashes and one at the end. */
function cleanPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}
