import type { ApiRequest, UserInfo } from '../http/index.ts';
import type { ServiceAccountTokens } from './tokens.ts';

export interface AuthenticationOptions {
  /** Static bearer tokens and whose they are. */
  readonly tokens?: ReadonlyMap<string, UserInfo>;
  readonly serviceAccounts?: ServiceAccountTokens;
  /**
   * Whether a caller without credentials is `system:anonymous`. A real server refuses such a caller
   * where everything is allowed to everybody; default false.
   */
  readonly anonymous?: boolean;
}

/** Who is calling, or undefined where the answer is 401. */
export type Authenticator = (request: ApiRequest) => UserInfo | undefined;

/** Whose a bearer token is, for the audiences that it should be for. */
export type TokenJudge = (
  token: string,
  audiences: readonly string[],
) => { readonly user?: UserInfo; readonly audiences?: readonly string[]; readonly error?: string };

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const everybody = 'system:authenticated';

/**
 * Knows callers by their client certificate, then by their bearer token. A credential that is wrong is refused,
 * never taken for none. Everybody known is in the group `system:authenticated`.
 */
export function createAuthenticator(options: AuthenticationOptions = {}): Authenticator {
  const { tokens, serviceAccounts } = options;
  const grouped = new WeakMap<UserInfo, UserInfo>();
  const authenticated = (user: UserInfo): UserInfo => {
    if (user.groups.includes(everybody)) return user;
    let known = grouped.get(user);
    if (!known) {
      known = { ...user, groups: [...user.groups, everybody] };
      grouped.set(user, known);
    }
    return known;
  };
  return (request) => {
    if (request.user) return authenticated(request.user);
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) {
      return options.anonymous && request.certificateRejected !== true ? anonymous : undefined;
    }
    const fixed = tokens?.get(token);
    if (fixed) return authenticated(fixed);
    const judged = serviceAccounts?.judge(token);
    return judged && 'user' in judged ? judged.user : undefined;
  };
}

/** For reviews of tokens: the same answers, with reasons. */
export function createTokenJudge({ tokens, serviceAccounts }: AuthenticationOptions): TokenJudge {
  const authenticate = createAuthenticator(tokens ? { tokens } : {});
  const headers = (token: string) => ({ authorization: `Bearer ${token}` });
  return (token, audiences) => {
    if (tokens?.has(token)) {
      const user = authenticate({ headers: headers(token) } as unknown as ApiRequest);
      return user ? { user, audiences } : {};
    }
    const judged = serviceAccounts?.judge(token, audiences);
    if (!judged) return { error: 'invalid bearer token' };
    return 'error' in judged ? { error: `[invalid bearer token, ${judged.error}]` } : judged;
  };
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = header?.trim().split(' ') ?? [];
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}
