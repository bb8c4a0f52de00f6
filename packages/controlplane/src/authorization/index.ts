export { type Attributes, attributesOf, type RequestAttributes, requestAttributes } from './attributes.ts';
export {
  type AuthorizationMode,
  type Authorizer,
  alwaysAllow,
  type Decision,
  isPrivileged,
  withPrivilegedGroup,
} from './authorizer.ts';
export { type BootstrapObject, type BootstrapSeed, bootstrapPolicy } from './bootstrap/policy.ts';
export { checkEscalation } from './escalation.ts';
export { forbiddenRequest } from './forbidden.ts';
export { gather, gathers } from './gather.ts';
export { RbacAuthorizer, type RoleObject, rbacGroup, rbacKey } from './rbac.ts';
export { accessReviews } from './reviews.ts';
export { goList, type PolicyRule } from './rule.ts';
