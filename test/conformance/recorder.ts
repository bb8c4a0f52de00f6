import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Answer, RequestOptions, Scenario, ScenarioServer, Watch } from './scenario.ts';

/** One comparison: a request with its answer, or a watch with what it delivered. */
export interface Exchange {
  readonly title: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: unknown;
  readonly isWatch?: boolean;
}

const patchTypes: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** For events of a watch. */
const patience = 10_000;
/** For what the real server does in its own time. */
const longPatience = 60_000;

/** What a server says in a scenario, under a name that is no other's there. */
export async function recorded(scenario: Scenario, kubeconfig: string, name: string): Promise<readonly Exchange[]> {
  const recorder = new Recorder(kubeconfig, name);
  await recorder.begin();
  try {
    await scenario.play(recorder);
  } finally {
    await recorder.end();
  }
  return recorder.exchanges;
}

/** Talks to one server and writes down what it says. */
export class Recorder implements ScenarioServer {
  readonly namespace: string;
  readonly unique: string;
  readonly exchanges: Exchange[] = [];
  readonly #url: string;
  readonly #agent: Agent;
  /** Shows no client certificate. */
  readonly #stranger: Agent;
  readonly #cleanUps: (() => Promise<void>)[] = [];

  constructor(kubeconfigFile: string, unique: string) {
    const config = parse(readFileSync(kubeconfigFile, 'utf8'));
    const decode = (data: string) => Buffer.from(data, 'base64');
    this.#url = config.clusters[0].cluster.server;
    this.#agent = new Agent({
      keepAlive: true,
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
      cert: decode(config.users[0].user['client-certificate-data']),
      key: decode(config.users[0].user['client-key-data']),
    });
    this.#stranger = new Agent({
      keepAlive: true,
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
    });
    this.unique = unique;
    this.namespace = unique;
  }

  async begin(): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    await this.post('/api/v1/namespaces', body, { unrecorded: true });
  }

  async end(): Promise<void> {
    for (const cleanUp of this.#cleanUps.toReversed()) await cleanUp();
    await this.delete(`/api/v1/namespaces/${this.namespace}`, { unrecorded: true });
    this.#agent.destroy();
    this.#stranger.destroy();
  }

  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.#send(method, path, options);
    const text = await textOf(response);
    const answer: Answer = {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      body: jsonOf(text),
    };
    if (!options.unrecorded) {
      const { status, headers } = answer;
      this.exchanges.push({ title: `${method} ${path}`, status, headers, body: answer.body ?? text });
    }
    return answer;
  }

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options);
  }

  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('POST', path, { body, ...options });
  }

  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PUT', path, { body, ...options });
  }

  patch(path: string, type: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    const headers = { 'content-type': patchTypes[type] ?? type, ...options.headers };
    return this.request('PATCH', path, { body, ...options, headers });
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('DELETE', path, options);
  }

  async watch(path: string, options: RequestOptions = {}): Promise<Watch> {
    const target = `${path}${path.includes('?') ? '&' : '?'}watch=1`;
    const response = await this.#send('GET', target, options);
    const delivered: unknown[] = [];
    let rest = '';
    let over = false;
    let wake = () => {};
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) delivered.push(jsonOf(line) ?? line);
      wake();
    });
    const finish = () => {
      over = true;
      wake();
    };
    response.on('end', finish);
    response.on('close', finish);
    response.on('error', finish);
    let bookmarksCount = false;
    const counted = (bookmarks: boolean) =>
      delivered.filter((event) => !isBookmark(event) || (bookmarks && endsInitialEvents(event)));
    const count = (bookmarks: boolean) => counted(bookmarks).length;
    const until = async (done: () => boolean) => {
      const deadline = AbortSignal.timeout(patience);
      while (!done() && !deadline.aborted) {
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), delay(200)]);
      }
    };
    return {
      events: async (wanted, { bookmarks = false } = {}) => {
        bookmarksCount ||= bookmarks;
        await until(() => over || count(bookmarks) >= wanted);
      },
      ended: () => until(() => over),
      close: async () => {
        if (!over) {
          // Long enough for an event too many to arrive and be seen as a difference.
          await delay(100);
          response.destroy();
        }
        const body = counted(bookmarksCount);
        if (rest !== '') body.push(jsonOf(rest) ?? rest);
        this.exchanges.push({
          title: `WATCH ${path}`,
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          isWatch: true,
        });
      },
    };
  }

  async installCrd(crd: object): Promise<void> {
    const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const { metadata, spec } = crd as {
      metadata: { name: string };
      spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
    };
    const created = await this.post(collection, crd, { unrecorded: true });
    if (created.status !== 201) throw new Error(`CRD ${metadata.name} refused: ${created.text}`);
    this.#cleanUps.push(async () => {
      await this.delete(`${collection}/${metadata.name}`, { unrecorded: true });
      await this.until(`${collection}/${metadata.name}`, (answer) => answer.status === 404);
    });
    // Its controllers write its status too: who changes it must not come between them.
    await this.until(`${collection}/${metadata.name}`, (answer) => isEstablished(answer.body));
    for (const version of spec.versions.filter((version) => version.served)) {
      await this.until(`/apis/${spec.group}/${version.name}/${spec.names.plural}`, (answer) => answer.status === 200);
    }
  }

  record(title: string, body: unknown): void {
    this.exchanges.push({ title, status: 200, headers: {}, body });
  }

  async until(path: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    const deadline = AbortSignal.timeout(longPatience);
    for (;;) {
      const answer = await this.get(path, { unrecorded: true });
      if (fits(answer) || deadline.aborted) return answer;
      await delay(50);
    }
  }

  #send(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const { body } = options;
    const bytes =
      body === undefined
        ? undefined
        : typeof body === 'string' || body instanceof Uint8Array
          ? Buffer.from(body)
          : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string | number> = {
      accept: 'application/json',
      'user-agent': 'conformance/1',
      ...(bytes ? { 'content-type': 'application/json', 'content-length': bytes.length } : {}),
      ...options.headers,
    };
    const agent = options.withoutCertificate ? this.#stranger : this.#agent;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(`${this.#url}${path}`, { method, agent, headers }, resolve);
      request.setTimeout(60_000, () => request.destroy(new Error(`${method} ${path}: no answer in a minute`)));
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a connection that was kept when this request was on its way: nobody has seen it.
        if (request.reusedSocket && error.code === 'ECONNRESET') resolve(this.#send(method, path, options));
        else reject(error);
      });
      request.end(bytes);
    });
  }
}

/** Or refused to be: its bundle is none. */
function isEstablished(definition: Answer['body']): boolean {
  const conditions: { type: string; reason: string }[] = definition?.status?.conditions ?? [];
  const established = conditions.find(({ type }) => type === 'Established');
  return established !== undefined && !['Installing', 'NotAccepted'].includes(established.reason);
}

interface BookmarkEvent {
  readonly type?: string;
  readonly object?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
}

function isBookmark(event: unknown): boolean {
  return (event as BookmarkEvent).type === 'BOOKMARK';
}

/** Every other bookmark comes by the server's clock. */
function endsInitialEvents(event: unknown): boolean {
  return (event as BookmarkEvent).object?.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true';
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
