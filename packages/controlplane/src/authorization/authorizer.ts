import type { UserInfo } from '../http/index.ts';
import type { Attributes } from './attributes.ts';
import type { PolicyRule } from './rule.ts';

/** `RBAC`: roles and their bindings decide. `AlwaysAllow`: everybody who is known may do everything. */
export type AuthorizationMode = 'RBAC' | 'AlwaysAllow';

/** What an authorizer says to a question, and why, in the real server's words. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Decides who may do what. Synchronous: it knows its rules. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
  /** What somebody may do in a namespace, and what kept part of it from being found. */
  rulesFor(user: UserInfo, namespace: string): { readonly rules: readonly PolicyRule[]; readonly error: string };
}

const allowed: Decision = Object.freeze({ allowed: true, reason: '' });
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Everybody who is known may do everything. */
export const alwaysAllow: Authorizer = {
  authorize: () => allowed,
  rulesFor: () => ({ rules: everything, error: '' }),
};

/** The group whose members no rule stops. */
export const privilegedGroup = 'system:masters';

export function isPrivileged(user: UserInfo): boolean {
  return user.groups.includes(privilegedGroup);
}

/** Asks `next` about everybody but the members of `system:masters`. */
export function withPrivilegedGroup(next: Authorizer): Authorizer {
  return {
    authorize: (attributes) => (isPrivileged(attributes.user) ? allowed : next.authorize(attributes)),
    rulesFor: (user, namespace) => next.rulesFor(user, namespace),
  };
}
