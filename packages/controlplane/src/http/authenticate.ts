import type { ApiRequest, UserInfo } from './message.ts';

export interface AuthenticationOptions {
  /** Static bearer tokens and whose they are. */
  readonly tokens?: ReadonlyMap<string, UserInfo>;
  /**
   * Whether a caller without credentials is `system:anonymous`. A real server refuses such a caller
   * where everything is allowed to everybody; default false.
   */
  readonly anonymous?: boolean;
}

/** Who is calling, or undefined where the answer is 401. */
export type Authenticator = (request: ApiRequest) => UserInfo | undefined;

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Knows callers by their client certificate, then by their bearer token. A credential that is wrong is refused,
 * never taken for none. Everybody known is in the group `system:authenticated`.
 */
export function createAuthenticator(options: AuthenticationOptions = {}): Authenticator {
  return (request) => {
    const user = request.user ?? byToken(request.headers.authorization, options.tokens);
    if (user) return authenticated(user);
    const tried = request.certificateRejected === true || bearerToken(request.headers.authorization) !== undefined;
    return options.anonymous && !tried ? anonymous : undefined;
  };
}

function byToken(header: string | undefined, tokens: ReadonlyMap<string, UserInfo> | undefined): UserInfo | undefined {
  const token = bearerToken(header);
  return token === undefined ? undefined : tokens?.get(token);
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = header?.trim().split(' ') ?? [];
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

function authenticated(user: UserInfo): UserInfo {
  const group = 'system:authenticated';
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };
}
