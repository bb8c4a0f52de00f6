import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { UserInfo } from '../http/index.ts';
import { forbidden, notFound, plainServerError } from '../status/index.ts';
import type { Store } from '../store/index.ts';
import { attributesOf } from './attributes.ts';
import { type Authorizer, isPrivileged } from './authorizer.ts';
import { gathers } from './gather.ts';
import { type BindingObject, RoleNotFound, type RoleObject, rbacGroup, rulesOfReference } from './rbac.ts';
import { describeRules, goList, missingRules, type PolicyRule } from './rule.ts';

/** A role or binding as it is about to be written. */
export interface RbacWrite {
  readonly user: UserInfo;
  readonly plural: string;
  readonly namespace: string;
  /** Of the request: empty for a creation. */
  readonly name: string;
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
}

export interface EscalationContext {
  readonly authorizer: Authorizer;
  readonly store: Store;
}

const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody writes a role, or binds one, that allows what they may not do themselves, unless they may `escalate` or `bind`
 * it by name.
 *
 * @throws StatusError 403 with what is missing
 */
export function checkEscalation(context: EscalationContext, write: RbacWrite): void {
  const { user, plural, object, oldObject } = write;
  if (isPrivileged(user)) return;
  const isRole = plural === 'roles' || plural === 'clusterroles';
  if (isRole && mayEscalate(context.authorizer, write)) return;
  if (oldObject && changesForCollectorOnly(object, oldObject)) return;
  if (isRole) checkRole(context, write);
  else checkBinding(context, write);
}

function mayEscalate(authorizer: Authorizer, { user, plural, namespace, name }: RbacWrite): boolean {
  const about = { group: rbacGroup, version: '*', resource: plural, namespace, name };
  return authorizer.authorize(attributesOf({ user, verb: 'escalate', ...about })).allowed;
}

function checkRole(context: EscalationContext, write: RbacWrite): void {
  const role = write.object as RoleObject;
  refuseMissing(context, write, role.rules ?? []);
  const old = write.oldObject as RoleObject | undefined;
  if (write.plural !== 'clusterroles' || !(gathers(role) || (old && gathers(old)))) return;
  const held = context.authorizer.rulesFor(write.user, write.namespace).rules;
  if (missingRules(held, fullAuthority).length === 0) return;
  throw forbidden(resourceOf(write), nameOf(write), 'must have cluster-admin privileges to use the aggregationRule');
}

function checkBinding(context: EscalationContext, write: RbacWrite): void {
  const { user, namespace } = write;
  const { roleRef = {} } = write.object as BindingObject;
  const { kind = '', name = '', apiGroup: group = '' } = roleRef;
  const resource = { Role: 'roles', ClusterRole: 'clusterroles' }[kind];
  if (resource !== undefined) {
    const about = { group, version: '*', resource, namespace, name };
    if (context.authorizer.authorize(attributesOf({ user, verb: 'bind', ...about })).allowed) return;
  }
  refuseMissing(context, write, boundRules(context.store, write, roleRef));
}

/** What is not there cannot be bound by somebody of whom it must be known what they have. */
function boundRules(store: Store, write: RbacWrite, reference: NonNullable<BindingObject['roleRef']>) {
  try {
    return rulesOfReference(store, reference, write.namespace);
  } catch (error) {
    if (!(error instanceof RoleNotFound)) throw error;
    if (error.resource === '') throw plainServerError(error.message);
    throw notFound(resourceOf(write), error.role);
  }
}

function refuseMissing(context: EscalationContext, write: RbacWrite, wanted: readonly PolicyRule[]): void {
  const { user, namespace } = write;
  const held = context.authorizer.rulesFor(user, namespace);
  const missing = missingRules(held.rules, wanted);
  if (missing.length === 0) return;
  const who = `user ${goQuote(user.name)} (groups=${goList(user.groups)})`;
  const unresolved = held.error === '' ? '' : `; resolution errors: [${held.error}]`;
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}${unresolved}`;
  throw forbidden(resourceOf(write), nameOf(write), why);
}

function resourceOf({ plural }: RbacWrite) {
  return { group: rbacGroup, resource: plural };
}

function nameOf({ object }: RbacWrite): string {
  return object.metadata.name ?? '';
}

/** The garbage collector may take owners and finalizers away from what it could not have made. */
function changesForCollectorOnly(object: KubeObject, old: KubeObject): boolean {
  const rest = ({ metadata, ...other }: KubeObject) => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, ...kept } = metadata;
    return { ...other, metadata: kept };
  };
  return deepEqual(rest(object), rest(old));
}
