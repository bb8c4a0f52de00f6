import type { Clock } from '@setpoint/apimachinery/clock';
import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../http/index.ts';
import type { Store } from '../store/index.ts';
import {
  type Reference,
  type ServiceAccountIdentity,
  serviceAccountInfo,
  serviceAccountUser,
} from './service-account.ts';
import { parseJson, type SigningKey } from './signing-key.ts';

/** Who issues tokens of service accounts, and whom they are for unless told. */
export const defaultIssuer = 'https://kubernetes.default.svc';

const legacyIssuer = 'kubernetes/serviceaccount';

/** A token counts for so long after its end, and before its beginning: clocks differ. Seconds. */
const leeway = 60;

/** So many tokens whose signature was right are remembered; then remembering starts afresh. */
const rememberedLimit = 1_000;

/** What a token says, once its signature is known to be right. */
interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  readonly 'kubernetes.io'?: {
    readonly namespace?: string;
    readonly serviceaccount?: Partial<Reference>;
    readonly pod?: Reference;
    readonly secret?: Reference;
    readonly node?: Reference;
  };
  readonly 'kubernetes.io/serviceaccount/service-account.name'?: string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid'?: string;
  readonly 'kubernetes.io/serviceaccount/secret.name'?: string;
  readonly 'kubernetes.io/serviceaccount/namespace'?: string;
}

export interface TokenRequestFacts {
  readonly namespace: string;
  readonly account: Reference;
  readonly pod?: Reference | undefined;
  readonly secret?: Reference | undefined;
  readonly node?: Partial<Reference> | undefined;
  readonly audiences: readonly string[];
  /** Seconds from now. */
  readonly expiresIn: number;
  /** Seconds from now after which its use is noted, where it stays good for longer than was asked. */
  readonly warnAfter?: number | undefined;
  /** The token's own uuid. */
  readonly id: string;
}

/** Whose a token is, or why it is nobody's: undefined where it is no token of this issuer at all. */
export type TokenResult =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly error: string }
  | undefined;

export interface ServiceAccountTokensOptions {
  readonly key: SigningKey;
  readonly clock: Clock;
  /** The present one: a reset puts another in its place. */
  readonly store: () => Store;
  /** The first one issues; tokens of the others are taken too. */
  readonly issuers?: readonly string[] | undefined;
  /** Default: the issuers. */
  readonly audiences?: readonly string[] | undefined;
}

/**
 * Issues and judges tokens of service accounts. A token is good while its account, and what it is bound to, are there
 * with the uids that it names; that is looked up for every use, its signature once.
 */
export class ServiceAccountTokens {
  readonly issuer: string;
  readonly #issuers: readonly string[];
  /** Whom tokens must be for to be taken by this server. */
  readonly audiences: readonly string[];
  readonly key: SigningKey;
  readonly #clock: Clock;
  readonly #store: () => Store;
  readonly #verified = new Map<string, { readonly claims: Claims; readonly user: UserInfo | undefined }>();

  constructor({ key, clock, store, issuers = [], audiences = [] }: ServiceAccountTokensOptions) {
    this.key = key;
    this.#clock = clock;
    this.#store = store;
    this.#issuers = issuers.length > 0 ? issuers : [defaultIssuer];
    this.issuer = this.#issuers[0] as string;
    this.audiences = audiences.length > 0 ? audiences : this.#issuers;
  }

  issue(facts: TokenRequestFacts): string {
    const now = this.#seconds();
    const { namespace, account, pod, secret, node, warnAfter } = facts;
    return this.key.sign({
      aud: facts.audiences,
      exp: now + facts.expiresIn,
      iat: now,
      iss: this.issuer,
      jti: facts.id,
      'kubernetes.io': {
        namespace,
        ...(node ? { node } : {}),
        ...(pod ? { pod } : {}),
        ...(secret ? { secret } : {}),
        serviceaccount: account,
        ...(warnAfter === undefined ? {} : { warnafter: now + warnAfter }),
      },
      nbf: now,
      sub: serviceAccountUser(namespace, account.name),
    });
  }

  /** A token without an end, as a Secret of type kubernetes.io/service-account-token holds it. */
  issueForSecret(namespace: string, account: Reference, secret: string): string {
    const claim = 'kubernetes.io/serviceaccount/';
    return this.key.sign({
      iss: legacyIssuer,
      [`${claim}namespace`]: namespace,
      [`${claim}secret.name`]: secret,
      [`${claim}service-account.name`]: account.name,
      [`${claim}service-account.uid`]: account.uid,
      sub: serviceAccountUser(namespace, account.name),
    });
  }

  /** @param audiences of which the token must be for one */
  judge(token: string, audiences: readonly string[] = this.audiences): TokenResult {
    const known = this.#verified.get(token);
    try {
      const claims = known?.claims ?? this.#verify(token);
      if (!claims) return undefined;
      const legacy = claims.iss === legacyIssuer;
      const own = audiencesOf(claims);
      const accepted = (own.length === 0 ? this.audiences : own).filter((one) => audiences.includes(one));
      if (accepted.length === 0) {
        const list = (all: readonly string[]) => `[${all.map(goQuote).join(' ')}]`;
        const forWhom = list(own.length === 0 ? this.audiences : own);
        return { error: `token audiences ${forWhom} is invalid for the target audiences ${list(audiences)}` };
      }
      const identity = legacy ? this.#legacyIdentity(claims, token) : this.#identity(claims);
      const user = known?.user ?? serviceAccountInfo(identity);
      if (!known?.user) this.#remember(token, { claims, user });
      return { user, audiences: accepted };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { error: error.message };
    }
  }

  #remember(token: string, verified: { readonly claims: Claims; readonly user: UserInfo }): void {
    if (this.#verified.size >= rememberedLimit) this.#verified.clear();
    this.#verified.set(token, verified);
  }

  /** Undefined: none of ours. @throws Error for a wrong signature */
  #verify(token: string): Claims | undefined {
    const parts = token.split('.');
    if (parts.length !== 3) return undefined;
    const unverified = parseJson(parts[1] as string) as Claims | null | undefined;
    if (![...this.#issuers, legacyIssuer].includes(unverified?.iss ?? '')) return undefined;
    if (parseJson(parts[0] as string) === undefined) return undefined;
    return this.key.verify(token) as Claims;
  }

  #identity(claims: Claims): ServiceAccountIdentity {
    this.#checkTimes(claims);
    const { namespace = '', serviceaccount, pod, secret, node } = claims['kubernetes.io'] ?? {};
    const { name = '', uid = '' } = serviceaccount ?? {};
    this.#checkAccount(namespace, name, uid);
    if (secret) this.#checkBound('/secrets', `${namespace}/${secret.name}`, secret, 'secret', 'Secret');
    if (pod) this.#checkBound('/pods', `${namespace}/${pod.name}`, pod, 'pod', 'Pod');
    else if (node) this.#checkBound('/nodes', node.name, node, 'node', 'Node');
    return { namespace, account: { name, uid }, pod, node, tokenId: claims.jti };
  }

  #checkTimes({ exp, nbf, iat }: Claims): void {
    const now = this.#clock.now() / 1000;
    if (nbf !== undefined && now + leeway < nbf) throw new Error('service account token is not valid yet');
    if (exp !== undefined && now - leeway > exp) throw new Error('service account token has expired');
    if (iat !== undefined && now + leeway < iat) throw new Error('service account token is issued in the future');
  }

  #checkAccount(namespace: string, name: string, uid: string): void {
    const account = this.#find('/serviceaccounts', `${namespace}/${name}`);
    if (!account) throw new Error(`serviceaccounts ${goQuote(name)} not found`);
    const { uid: actual = '' } = account.metadata;
    if (actual !== uid) throw new Error(`service account UID (${actual}) does not match claim (${uid})`);
    if (this.#isGone(account)) throw new Error(`service account ${namespace}/${name} has been deleted`);
  }

  #checkBound(storageKey: string, key: string, reference: Reference, word: string, kind: string): void {
    const bound = this.#find(storageKey, key);
    if (!bound || this.#isGone(bound)) throw new Error('service account token has been invalidated');
    const { uid = '' } = bound.metadata;
    if (uid === reference.uid) return;
    const what = `${kind === 'Secret' ? word : kind.toLowerCase()} UID (${uid})`;
    throw new Error(`${what} does not match service account ${word} ref claim (${reference.uid})`);
  }

  /** What is being deleted for longer than clocks may differ is as good as gone. */
  #isGone({ metadata }: KubeObject): boolean {
    const { deletionTimestamp } = metadata;
    return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) / 1000 < this.#clock.now() / 1000 - leeway;
  }

  #legacyIdentity(claims: Claims, token: string): ServiceAccountIdentity {
    const claim = 'kubernetes.io/serviceaccount/';
    const namespace = claims[`${claim}namespace`] ?? '';
    const secretName = claims[`${claim}secret.name`] ?? '';
    const name = claims[`${claim}service-account.name`] ?? '';
    const uid = claims[`${claim}service-account.uid`] ?? '';
    if (claims.sub !== serviceAccountUser(namespace, name)) throw new Error('sub claim is invalid');
    const secret = this.#find('/secrets', `${namespace}/${secretName}`);
    if (!secret || secret.metadata.deletionTimestamp) throw new Error('Token has been invalidated');
    const { data } = secret as { data?: Readonly<Record<string, string>> };
    if (data?.token !== Buffer.from(token).toString('base64')) throw new Error("Token does not match server's copy");
    const account = this.#find('/serviceaccounts', `${namespace}/${name}`);
    if (!account) throw new Error(`serviceaccounts ${goQuote(name)} not found`);
    const { uid: actual = '', deletionTimestamp } = account.metadata;
    if (deletionTimestamp) throw new Error(`ServiceAccount ${namespace}/${name} has been deleted`);
    if (actual !== uid) throw new Error(`ServiceAccount UID (${actual}) does not match claim (${uid})`);
    return { namespace, account: { name, uid } };
  }

  #find(storageKey: string, key: string): KubeObject | undefined {
    return this.#store().collection(storageKey).get(key)?.object;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

function audiencesOf({ aud }: Claims): readonly string[] {
  if (aud === undefined) return [];
  return typeof aud === 'string' ? [aud] : aud;
}
