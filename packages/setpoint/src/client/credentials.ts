import type { Clock } from '@setpoint/apimachinery/clock';
import { ConfigError } from '../errors/index.ts';
import { ExecCredentials } from './exec-credentials.ts';
import type { ClientConfig, Impersonation, TlsConfig } from './kubeconfig/index.ts';
import { readText } from './read-file.ts';

export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** What shows the server who is calling. */
export interface Credentials {
  /** Header fields of each request. */
  headers(signal: AbortSignal): Promise<HeaderFields>;
  /** Called after a 401 with the fields of the refused request; true if the next request may fare better. */
  renew(refused: HeaderFields, signal: AbortSignal): Promise<boolean>;
}

export const noCredentials: Credentials = fixed({});

/**
 * The credentials of a configuration. Client certificates of an exec plugin go to `onCertificate`,
 * before the request that needs them.
 */
export function credentialsOf(
  config: ClientConfig,
  options: { readonly clock: Clock; readonly onCertificate: (tls: Pick<TlsConfig, 'cert' | 'key'>) => void },
): Credentials {
  const asUser = impersonationHeaders(config.impersonate);
  const own = authenticationOf(config, options);
  if (Object.keys(asUser).length === 0) return own;
  return {
    headers: async (signal) => ({ ...(await own.headers(signal)), ...asUser }),
    renew: (refused, signal) => own.renew(refused, signal),
  };
}

function authenticationOf(
  config: ClientConfig,
  options: { readonly clock: Clock; readonly onCertificate: (tls: Pick<TlsConfig, 'cert' | 'key'>) => void },
): Credentials {
  const { auth } = config;
  switch (auth?.type) {
    case undefined:
      return noCredentials;
    case 'token':
      return fixed({ authorization: `Bearer ${auth.token}` });
    case 'basic':
      return fixed({ authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` });
    case 'tokenFile':
      return new TokenFile(auth.path, options.clock);
    case 'exec':
      return new ExecCredentials(auth, { ...options, config });
    default:
      return auth satisfies never;
  }
}

function fixed(headers: HeaderFields): Credentials {
  return { headers: () => Promise.resolve(headers), renew: () => Promise.resolve(false) };
}

/** Mounted tokens are replaced long before they expire; a minute is how stale one may be. */
const tokenAge = 60_000;

class TokenFile implements Credentials {
  readonly #path: string;
  readonly #clock: Clock;
  #token = '';
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async headers(): Promise<HeaderFields> {
    if (this.#clock.monotonic() - this.#readAt >= tokenAge) await this.#read();
    return { authorization: `Bearer ${this.#token}` };
  }

  async renew(refused: HeaderFields): Promise<boolean> {
    await this.#read();
    return refused.authorization !== `Bearer ${this.#token}`;
  }

  async #read(): Promise<void> {
    try {
      const token = (await readText(this.#path)).trim();
      if (token === '') throw new Error('it is empty');
      this.#token = token;
    } catch (cause) {
      // While a volume is being replaced the file may be gone for a moment; the old token is as good as before.
      if (this.#token === '') {
        throw new ConfigError(
          'CredentialsFailed',
          `cannot read the token file ${this.#path}: ${(cause as Error).message}`,
          { cause },
        );
      }
    }
    this.#readAt = this.#clock.monotonic();
  }
}

/** The header fields of https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation. */
export function impersonationHeaders(impersonate: Impersonation | undefined): HeaderFields {
  const { user, uid, groups = [], extra = {} } = impersonate ?? {};
  const headers: Record<string, string | readonly string[]> = {};
  if (user) headers['impersonate-user'] = user;
  if (uid) headers['impersonate-uid'] = uid;
  if (groups.length > 0) headers['impersonate-group'] = groups;
  for (const [key, values] of Object.entries(extra)) {
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = values;
  }
  if (!user && Object.keys(headers).length > 0) {
    throw new ConfigError(
      'InvalidConfiguration',
      'impersonation of a uid, groups or extra needs a user to impersonate',
    );
  }
  return headers;
}
