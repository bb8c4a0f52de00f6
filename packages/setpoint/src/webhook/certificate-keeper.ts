import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Client } from '../client/index.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../errors/index.ts';
import { type AnyKind, dynamicKind } from '../kinds/index.ts';
import { webhookNames } from '../manifests/index.ts';
import { type Log, messageOf } from '../reconcile/index.ts';
import { type CertificateMaterial, isUsable, renewed, splitBundle } from './certificate-material.ts';
import type { CertificateSource } from './certificate-source.ts';
import { type InjectionTarget, injectBundle } from './injection.ts';

/** What the operator's own certificates are kept by. */
export interface KeeperOptions {
  /** The operator's name; the Secret is named after it. */
  readonly name: string;
  readonly namespace: string;
  /** By which the server is called. */
  readonly hosts: readonly string[];
  readonly targets: readonly InjectionTarget[];
  readonly client: Pick<Client, 'get' | 'create' | 'update' | 'patch'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly use: (pair: KeyPair) => void;
}

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const secretKind: AnyKind = dynamicKind({ group: '', version: 'v1', kind: 'Secret', status: false });

/**
 * Between two looks at what is there: other replicas rotate too, and people delete things. A configuration that is
 * applied anew has no bundle, and the API server refuses every write that it should ask about until it has one.
 */
const interval = 20_000;
const shortestInterval = 5_000;
const maximumAttempts = 5;

/**
 * Certificates that the operator makes itself, and rotates while it runs. All replicas share one Secret: whoever comes
 * first creates it, the others read it; a write that lost a race is followed by reading what won. The bundle of
 * authorities is put into the webhook configurations and CRDs that are there. No key is ever logged.
 */
export class CertificateKeeper implements CertificateSource {
  readonly #options: KeeperOptions;
  #material: CertificateMaterial | undefined;
  #failures = 0;
  #timer: Timer | undefined;
  readonly #complained = new Set<string>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  async start(): Promise<void> {
    await this.#look();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const { clock, signal, log } = this.#options;
    try {
      await this.#agree();
      const missing = await this.#inject();
      this.#failures = missing ? this.#failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      this.#failures++;
      log.error({}, `the certificates of the webhooks could not be kept: ${messageOf(error)}`);
    }
    if (signal.aborted) return;
    const wait = this.#failures === 0 ? interval : Math.min(interval, shortestInterval * 2 ** (this.#failures - 1));
    this.#timer = clock.timer(wait, () => void this.#look(), { background: true });
  }

  /** Reads what the replicas share, brings it up to date if that is due, and serves with it. */
  async #agree(): Promise<void> {
    const { client, clock, hosts, signal, log } = this.#options;
    const name = webhookNames(this.#options.name).secret;
    for (let attempt = 1; ; attempt++) {
      const secret = await this.#read(name);
      const shared = secret && materialOf(secret);
      // A Secret that somebody deleted or spoiled is made again of what is trusted already: others serve by it still.
      const present = shared && isUsable(shared, clock.now()) ? shared : (this.#material ?? shared);
      const next = renewed(present, { name: `${this.#options.name}-webhooks`, hosts, now: clock.now() });
      if (next === shared) return this.#serve(next);
      try {
        const body = this.#secretWith(name, next, secret);
        if (secret) await client.update(secretKind, body as never, { signal });
        else await client.create(secretKind, body as never, { signal });
        log.info({ secret: name }, secret ? 'the certificates of the webhooks were renewed' : 'certificates were made');
        return this.#serve(next);
      } catch (error) {
        const lost = isAlreadyExists(error) || isConflict(error) || isNotFound(error);
        if (!lost || attempt === maximumAttempts) throw error;
      }
    }
  }

  async #read(name: string): Promise<Secret | undefined> {
    const { client, namespace, signal } = this.#options;
    try {
      return (await client.get(secretKind, { namespace, name }, { signal })) as Secret;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #secretWith(name: string, material: CertificateMaterial, secret: Secret | undefined): Secret {
    const text = {
      'ca.crt': material.authorities.join(''),
      'ca.key': material.authorityKey,
      'tls.crt': material.serving.certificate,
      'tls.key': material.serving.key,
    };
    const data = Object.fromEntries(
      Object.entries(text).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    if (secret) return { ...secret, data: { ...secret.data, ...data } };
    const metadata = { namespace: this.#options.namespace, name };
    return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data } as Secret;
  }

  #serve(material: CertificateMaterial): void {
    const before = this.#material?.serving;
    this.#material = material;
    if (!deepEqual(before as never, material.serving as never)) this.#options.use(material.serving);
  }

  /** Whether something that should have the bundle is not there. */
  async #inject(): Promise<boolean> {
    const { client, targets, log, signal } = this.#options;
    const bundle = (this.#material as CertificateMaterial).authorities.join('');
    let missing = false;
    for (const target of targets) {
      const done = await injectBundle(client, target, bundle, signal);
      if (done === 'injected') log.info({ [target.kind.kind]: target.name }, 'the CA bundle was put in');
      if (done !== 'missing') {
        this.#complained.delete(target.name);
        continue;
      }
      missing = true;
      if (this.#complained.has(target.name)) continue;
      this.#complained.add(target.name);
      log.info({}, `${target.kind.kind} ${target.name} is not there: its webhooks are not asked until it is applied`);
    }
    return missing;
  }
}

function materialOf({ data = {} }: Secret): CertificateMaterial {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  return {
    authorities: splitBundle(text('ca.crt')),
    authorityKey: text('ca.key'),
    serving: { certificate: text('tls.crt'), key: text('tls.key') },
  };
}
