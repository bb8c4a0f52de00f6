import type { Clock } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import { type Log, messageOf } from '../reconcile/index.ts';

/** Milliseconds for which the API server's answers are kept: as controller-runtime keeps them. */
const kept = { user: 60_000, allowed: 300_000, denied: 30_000 } as const;
/** So many answers at most; who calls with ever new tokens makes no more. */
const mostKept = 1000;

/** Who may not is told so; nobody is told more. */
export interface Verdict {
  readonly status: 200 | 401 | 403 | 500;
  readonly message: string;
}

interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Asks the API server who calls (TokenReview of the bearer token) and whether they may read the path
 * (SubjectAccessReview of a nonResourceURL), and keeps the answers for a while.
 */
export class ScrapeAccess {
  readonly #options: { readonly client: () => Client | undefined; readonly clock: Clock; readonly log: Log };
  readonly #users = new Map<string, { readonly user: User | undefined; readonly until: number }>();
  readonly #verdicts = new Map<string, { readonly allowed: boolean; readonly until: number }>();

  constructor(options: { readonly client: () => Client | undefined; readonly clock: Clock; readonly log: Log }) {
    this.#options = options;
  }

  async judge(authorization: string | undefined, path: string, verb: string, signal: AbortSignal): Promise<Verdict> {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (!token) return unauthorized;
    try {
      const user = await this.#userOf(token, signal);
      if (!user) return unauthorized;
      if (await this.#mayRead(user, path, verb, signal)) return { status: 200, message: '' };
      return { status: 403, message: `Forbidden: ${user.username} may not ${verb} the nonResourceURL ${path}` };
    } catch (error) {
      this.#options.log.error(
        { error: messageOf(error) },
        'who asks for metrics cannot be judged (the operator needs to create tokenreviews and subjectaccessreviews)',
      );
      return { status: 500, message: 'the API server could not be asked who you are' };
    }
  }

  async #userOf(token: string, signal: AbortSignal): Promise<User | undefined> {
    // Not the token itself: whoever sees this memory must not be able to use it.
    const id = process.getBuiltinModule('node:crypto').hash('sha256', token, 'base64');
    const now = this.#options.clock.monotonic();
    const known = this.#users.get(id);
    if (known && known.until > now) return known.user;
    const { status } = await this.#post('authentication.k8s.io/v1/tokenreviews', 'TokenReview', { token }, signal);
    const user = status?.authenticated === true ? (status.user as User) : undefined;
    keep(this.#users, id, { user, until: now + kept.user });
    return user;
  }

  async #mayRead(user: User, path: string, verb: string, signal: AbortSignal): Promise<boolean> {
    const { username, uid, groups, extra } = user;
    const id = JSON.stringify([username, uid, groups, extra, path, verb]);
    const now = this.#options.clock.monotonic();
    const known = this.#verdicts.get(id);
    if (known && known.until > now) return known.allowed;
    const spec = { user: username, uid, groups, extra, nonResourceAttributes: { path, verb } };
    const url = 'authorization.k8s.io/v1/subjectaccessreviews';
    const { status } = await this.#post(url, 'SubjectAccessReview', spec, signal);
    const allowed = status?.allowed === true;
    keep(this.#verdicts, id, { allowed, until: now + (allowed ? kept.allowed : kept.denied) });
    return allowed;
  }

  async #post(path: string, kind: string, spec: object, signal: AbortSignal) {
    const client = this.#options.client();
    if (!client) throw new Error('the operator has no connection to the API server yet');
    const apiVersion = path.slice(0, path.lastIndexOf('/'));
    const { body } = await client.raw('POST', `/apis/${path}`, {
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion, kind, spec }),
      timeout: 10_000,
      signal,
    });
    return JSON.parse(Buffer.from(body).toString('utf8')) as {
      readonly status?: { readonly authenticated?: boolean; readonly user?: object; readonly allowed?: boolean };
    };
  }
}

const unauthorized: Verdict = { status: 401, message: 'Unauthorized: give the token of a ServiceAccount' };

function keep<T>(map: Map<string, T>, id: string, value: T): void {
  map.delete(id);
  map.set(id, value);
  const oldest = map.size > mostKept ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}
