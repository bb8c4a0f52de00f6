import type { AuditDraft } from '../audit/index.ts';
import { type Authenticator, type Impersonation, impersonates } from '../authentication/index.ts';
import { type Authorizer, forbiddenRequest, isPrivileged, requestAttributes } from '../authorization/index.ts';
import type { ApiRequest, UserInfo } from '../http/index.ts';
import { unauthorized } from '../status/index.ts';

export interface Access {
  readonly authenticate: Authenticator;
  readonly authorizer: Authorizer;
  readonly impersonation: Impersonation;
}

/**
 * Who the request is taken to come from, once it is clear that they may make it.
 *
 * @throws StatusError 401, 403, or 400 for an impersonation of nobody
 */
export function checkAccess(
  { authenticate, authorizer, impersonation }: Access,
  request: ApiRequest,
  path: string,
  query: string,
  audit: AuditDraft | undefined,
): UserInfo {
  const caller = authenticate(request);
  if (!caller) throw unauthorized();
  const asOther = impersonates(request.headers);
  // What nobody will ask about is not worked out: most requests of tests and tools are an administrator's.
  if (!asOther && !audit && isPrivileged(caller)) return caller;
  const asked = requestAttributes(request.method, path, query);
  audit?.authenticated(caller, asked);
  const user = asOther ? impersonation.userOf(caller, request.headers, asked) : caller;
  if (user !== caller) audit?.impersonated(user);
  const decision = authorizer.authorize({ ...asked, user });
  audit?.decided(decision);
  if (!decision.allowed) throw forbiddenRequest({ ...asked, user }, decision.reason);
  return user;
}
