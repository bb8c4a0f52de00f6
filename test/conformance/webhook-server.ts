import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createCertificateAuthority, type KeyPair } from '@setpoint/controlplane';
import type { ScenarioServer } from './scenario.ts';

// biome-ignore lint/suspicious/noExplicitAny: reviews of objects of any kind
type Loose = any;

/** What a webhook answers: members of the response beside its uid, or the bytes of the whole answer. */
export type Reply =
  | Readonly<Record<string, unknown>>
  | { readonly raw: string; readonly status?: number; readonly contentType?: string }
  | 'close';

/** One webhook of a configuration, and what it does with a review. */
export interface HookOptions {
  readonly reply?: (review: Loose, call: number) => Reply | Promise<Reply>;
  /** Members of the webhook in its configuration, over the usual ones. */
  readonly webhook?: Readonly<Record<string, unknown>>;
  /** Another place than this server. */
  readonly clientConfig?: object;
}

const registration = '/apis/admissionregistration.k8s.io/v1';
const plurals = { Mutating: 'mutatingwebhookconfigurations', Validating: 'validatingwebhookconfigurations' } as const;

export const allow = { allowed: true };

export function deny(status?: object): Reply {
  return { allowed: false, ...(status ? { status } : {}) };
}

export function patchWith(...operations: readonly object[]): Reply {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}

/** A webhook server of one scenario, on loopback, with an authority of its own. */
export class WebhookServer implements AsyncDisposable {
  readonly #scenario: ScenarioServer;
  readonly #server: Server;
  readonly #handlers = new Map<string, NonNullable<HookOptions['reply']>>();
  readonly #configurations: string[] = [];
  /** Which webhooks were called, in order; reviews of probes not counted. */
  readonly calls: { readonly name: string; readonly review: Loose }[] = [];
  readonly port: number;
  readonly authority: string;

  static async start(scenario: ScenarioServer, serving?: KeyPair): Promise<WebhookServer> {
    const authority = createCertificateAuthority('webhooks');
    const { certificate, key } = serving ?? authority.issueServer(['127.0.0.1', 'localhost']);
    const server = createServer({ cert: certificate, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WebhookServer(scenario, server, authority.certificate);
  }

  private constructor(scenario: ScenarioServer, server: Server, authority: string) {
    this.#scenario = scenario;
    this.#server = server;
    this.authority = authority;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
      const name = pathname.slice(1);
      const probe = review.request.object?.metadata?.labels?.probe !== undefined;
      // Scenarios beside this one write objects of the cluster.
      const own = (review.request.namespace ?? '') === scenario.namespace;
      if (!probe && own) this.calls.push({ name, review: { ...review, timeout: searchParams.get('timeout') } });
      const reply = await (this.#handlers.get(name) ?? (() => allow))(review, this.#callsOf(name));
      if (reply === 'close') return void request.socket.destroy();
      if ('raw' in reply) {
        response.writeHead(Number(reply.status ?? 200), {
          'content-type': String(reply.contentType ?? 'application/json'),
        });
        return void response.end(reply.raw);
      }
      const { apiVersion, kind } = review;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ apiVersion, kind, response: { uid: review.request.uid, ...reply } }));
    });
  }

  #callsOf(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** Where a webhook of this server is. */
  clientConfig(name: string, more: object = {}): object {
    const caBundle = Buffer.from(this.authority).toString('base64');
    return { url: `https://127.0.0.1:${this.port}/${name}`, caBundle, ...more };
  }

  /** Stores a configuration about ConfigMaps of the scenario's namespace, and waits until it is acted upon. */
  async configure(
    kind: 'Mutating' | 'Validating',
    configuration: string,
    hooks: Readonly<Record<string, HookOptions>>,
  ): Promise<void> {
    const { unique, namespace } = this.#scenario;
    const name = `${unique}-${configuration}`;
    const usual = {
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    };
    const webhooks = Object.entries(hooks).map(([hook, { reply, webhook, clientConfig }]) => {
      this.#handlers.set(hook, reply ?? (() => allow));
      const objectSelector = { matchExpressions: [{ key: 'probe', operator: 'DoesNotExist' }] };
      return {
        name: `${hook}.example.com`,
        clientConfig: clientConfig ?? this.clientConfig(hook),
        objectSelector,
        ...usual,
        ...webhook,
      };
    });
    const probed = `probe-${configuration}`;
    this.#handlers.set(probed, () => ({ allowed: true, warnings: ['ready'] }));
    const probe = {
      ...usual,
      name: `${probed}.example.com`,
      clientConfig: this.clientConfig(probed, { caBundle: Buffer.from(this.authority).toString('base64') }),
      objectSelector: { matchLabels: { probe: configuration } },
    };
    const { post } = { post: this.#scenario.post.bind(this.#scenario) };
    const path = `${registration}/${plurals[kind]}`;
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks: [...webhooks, probe],
    };
    const created = await post(path, body, { unrecorded: true });
    if (created.status !== 201) throw new Error(`configuration refused: ${created.text}`);
    this.#configurations.push(`${path}/${name}`);
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await post(
        `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`,
        { metadata: { name: 'probe', labels: { probe: configuration } } },
        { unrecorded: true },
      );
      if (String(answer.headers.warning ?? '').includes('ready')) return;
      await delay(50);
    }
    throw new Error(`${name} is not acted upon: is this server's certificate good?`);
  }

  /**
   * Records what the webhooks were asked since the last time, without who asked. A real server whose cache is behind
   * asks about an old state before it asks about the present one: with `oncePerState` each state counts once.
   */
  record(title: string, { oncePerState = false } = {}): void {
    const states = new Set<string>();
    const calls = this.calls.splice(0).filter(({ name, review }) => {
      const state = `${name} ${review.request.oldObject?.metadata.resourceVersion}`;
      return !oncePerState || (!states.has(state) && states.add(state));
    });
    const asked = calls.map(({ name, review }) => {
      const { userInfo, ...request } = review.request;
      return { webhook: name, ...review, request: { ...request, groups: userInfo.groups } };
    });
    this.#scenario.record(`asked: ${title}`, asked);
  }

  /** Records only who was called, in order; those that validate are called in any order. */
  recordCalls(title: string, { sorted = false } = {}): void {
    const names = this.calls.splice(0).map(({ name, review }) => `${name} ${review.request.operation}`);
    this.#scenario.record(`called: ${title}`, sorted ? names.sort() : names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#configurations) await this.#scenario.delete(path, { unrecorded: true });
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
