import type { Authorizer as CelAuthorizer } from '@setpoint/apimachinery/cel';
import { type Authorizer, attributesOf } from './authorization/index.ts';
import type { UserInfo } from './http/index.ts';

/** What expressions of admission ask when they ask what a user may do. */
export function expressionAuthorizer(authorizer: Authorizer, user: UserInfo): CelAuthorizer {
  return {
    authorize(question) {
      const { kind, ...asked } = question;
      const { allowed, reason } = authorizer.authorize(
        attributesOf({ ...asked, user, resourceRequest: kind === 'resource' }),
      );
      return { allowed, reason };
    },
    forServiceAccount(namespace, name) {
      const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
      return expressionAuthorizer(authorizer, { name: `system:serviceaccount:${namespace}:${name}`, groups });
    },
  };
}
