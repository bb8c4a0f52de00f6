import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { readAll } from './content.ts';

/** One request to a registry, or to who gives out its tokens. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never goes to another origin than that of `url`. */
  readonly authorization?: string | undefined;
  readonly body?: Body | undefined;
}

export interface Body {
  /** In bytes. */
  readonly size: number;
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface Answer {
  /** Where the answer came from in the end. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Has to be read, or thrown away with `discard`. */
  readonly body: IncomingMessage;
}

/** Connections, kept open from one request to the next. */
export interface Connections extends Disposable {
  /** Redirects of what is only read are followed, at most five of them. Rejects if there is no answer. */
  send(exchange: Exchange, signal: AbortSignal): Promise<Answer>;
}

/** Without a byte for this long, in milliseconds, there will be none. */
const silence = 60_000;
const redirects = new Set([301, 302, 303, 307, 308]);

export function openConnections(environment: Readonly<Record<string, string | undefined>> = process.env): Connections {
  const settings = { keepAlive: true, maxSockets: 6, proxyEnv: { ...environment } as NodeJS.ProcessEnv };
  const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };
  return {
    async send(exchange, signal) {
      let current = exchange;
      for (let left = 5; ; left--) {
        const answer = await sendOnce(current, agents, signal);
        const target = redirectOf(current, answer);
        if (target === undefined) return answer;
        discard(answer);
        if (left === 0) throw new Error(`${exchange.url.host} redirects without an end`);
        if (current.url.protocol === 'https:' && target.protocol !== 'https:') {
          throw new Error(`${current.url.host} redirects to ${target.host}, which is not encrypted`);
        }
        const { authorization, ...rest } = current;
        current = { ...rest, url: target, ...(target.origin === current.url.origin ? { authorization } : {}) };
      }
    },
    [Symbol.dispose]() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Throws the body of an answer away, so that its connection can be used again. */
export function discard({ body }: Answer): void {
  // A connection that breaks while nobody reads is nobody's concern.
  body.on('error', () => {}).resume();
}

/** The body of an answer that is expected to be short. */
export async function textOf({ body }: Answer): Promise<string> {
  return (await readAll(body)).toString('utf8');
}

function redirectOf({ method, url }: Exchange, { status, headers }: Answer): URL | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || !redirects.has(status) || !headers.location) return undefined;
  return new URL(headers.location, url);
}

function sendOnce(
  { method, url, headers = {}, authorization, body }: Exchange,
  agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent },
  signal: AbortSignal,
): Promise<Answer> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, {
      method,
      agent: agents[secure ? 'https:' : 'http:'],
      signal,
      headers: {
        'user-agent': 'setpoint',
        ...headers,
        ...(authorization ? { authorization } : {}),
        ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(body?.size ?? 0) }),
      },
    });
    request.on('error', reject);
    request.on('response', (answer) => {
      // Who answers before the end (a refusal) reads no more, and the connection is of no more use.
      if (!request.writableEnded) answer.on('end', () => request.destroy());
      resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
    });
    request.setTimeout(silence, () =>
      request.destroy(
        Object.assign(new Error(`${url.host} has sent nothing for ${silence / 1000} s`), { code: 'ETIMEDOUT' }),
      ),
    );
    if (body) write(request, body, signal).catch((error: Error) => request.destroy(error));
    else request.end();
  });
}

async function write(request: http.ClientRequest, body: Body, signal: AbortSignal): Promise<void> {
  let answered = false;
  request.once('response', () => {
    answered = true;
  });
  for await (const chunk of body.open(signal)) {
    if (answered || request.destroyed) return;
    if (!request.write(chunk)) await drained(request);
  }
  if (!answered) request.end();
}

function drained(request: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'response']) request.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'response']) request.on(event, done);
  });
}
