import type { Clock, Random } from '@setpoint/apimachinery/clock';
import {
  type Authenticator,
  createAuthenticator,
  createOpenIdDocuments,
  createSigningKey,
  createTokenJudge,
  Impersonation,
  identityReviews,
  ServiceAccountTokens,
  tokenRequest,
} from './authentication/index.ts';
import {
  type AuthorizationMode,
  type Authorizer,
  accessReviews,
  alwaysAllow,
  attributesOf as authorizationAttributes,
  type BootstrapObject,
  bootstrapPolicy,
  checkEscalation,
  forbiddenRequest,
  gathers,
  RbacAuthorizer,
  type RoleObject,
  rbacGroup,
  rbacKey,
  withPrivilegedGroup,
} from './authorization/index.ts';
import type { UserInfo } from './http/index.ts';
import type { DocumentHandler } from './pipeline/index.ts';
import type { Action } from './registry/index.ts';
import type { Store } from './store/index.ts';
import type { Admission, AdmissionAttributes } from './verbs/index.ts';
import { type Backend, newUid, timestamp } from './verbs/index.ts';

/** How tokens of service accounts are made and judged. */
export interface ServiceAccountOptions {
  /** The first one issues tokens; those of the others are taken too. @default 'https://kubernetes.default.svc' */
  readonly issuers?: readonly string[];
  /** Whom tokens must be for. @default the issuers */
  readonly audiences?: readonly string[];
  /** PEM of a private key, RSA or EC. @default made for this control plane */
  readonly signingKey?: string;
  /** PEM of public keys, certificates or private keys that verify beside it. @default none */
  readonly verificationKeys?: readonly string[];
}

export interface SecurityOptions {
  readonly mode: AuthorizationMode;
  readonly tokens: ReadonlyMap<string, UserInfo>;
  readonly clock: Clock;
  readonly random: Random;
  /** The present one. */
  readonly store: () => Store;
  /** PEM of the key that signs tokens, asked for when it is first needed. */
  readonly signingKey: () => string;
  readonly serviceAccounts?: ServiceAccountOptions | undefined;
}

/** Who is calling and what they may do: all that a control plane needs of both. */
export interface Security {
  readonly authenticate: Authenticator;
  readonly authorizer: Authorizer;
  readonly impersonation: Impersonation;
  readonly serviceAccounts: ServiceAccountTokens;
  readonly documents: DocumentHandler;
  /** Reviews and tokens, by the types of their bodies. */
  readonly actions: Readonly<Record<string, Action>>;
}

export function createSecurity(options: SecurityOptions): Security {
  const { mode, tokens, clock, random, store, serviceAccounts: given = {} } = options;
  const signingKey = () => given.signingKey ?? options.signingKey();
  const authorizer = withPrivilegedGroup(mode === 'RBAC' ? new RbacAuthorizer(store) : alwaysAllow);
  const serviceAccounts = new ServiceAccountTokens({
    key: createSigningKey(signingKey, () => given.verificationKeys ?? []),
    clock,
    store,
    issuers: given.issuers,
    audiences: given.audiences,
  });
  const judge = createTokenJudge({ tokens, serviceAccounts });
  return {
    // Where everybody may do everything, the real server too lets nobody in without a name.
    authenticate: createAuthenticator({ tokens, serviceAccounts, anonymous: mode === 'RBAC' }),
    authorizer,
    impersonation: new Impersonation(authorizer),
    serviceAccounts,
    documents: createOpenIdDocuments(serviceAccounts),
    actions: {
      ...accessReviews(authorizer),
      ...identityReviews({ judge, audiences: serviceAccounts.audiences, clock }),
      'core/v1.ServiceAccount/token': tokenRequest({ tokens: serviceAccounts, store, clock, random, newUid }),
    },
  };
}

/**
 * Admission, behind its first phase the rule that nobody gives away what they do not have, and before its second that
 * who creates by an update may create.
 */
export function withAuthorizationChecks(admission: Admission, authorizer: Authorizer, store: () => Store): Admission {
  const check = (attributes: AdmissionAttributes) => {
    const { object, oldObject, operation, user, namespace, resource } = attributes;
    if (!object || operation === 'DELETE') return;
    const { resource: plural } = resource;
    checkEscalation(
      { authorizer, store: store() },
      { user, plural, namespace, name: attributes.name, object, oldObject },
    );
  };
  return {
    mutate(attributes) {
      const mutating = admission.mutate(attributes);
      if (attributes.resource.group !== rbacGroup) return mutating;
      if (mutating) return mutating.then(() => check(attributes));
      check(attributes);
      return undefined;
    },
    validate(attributes) {
      if (attributes.createsByUpdate) checkCreation(authorizer, attributes);
      return admission.validate(attributes);
    },
  };
}

function checkCreation(authorizer: Authorizer, { user, resource, subresource, namespace, name }: AdmissionAttributes) {
  const { group, version, resource: plural } = resource;
  const asked = {
    verb: 'create',
    group,
    version,
    resource: plural,
    subresource,
    namespace,
    name,
    resourceRequest: true,
  };
  const question = authorizationAttributes({ ...asked, user });
  const { allowed, reason } = authorizer.authorize(question);
  if (!allowed) throw forbiddenRequest(question, reason);
}

/**
 * Puts the roles and bindings there that a cluster begins with; what an earlier life has left is left alone.
 *
 * @param gathered whether roles have what they gather from others already, as the controller of such roles has it
 */
export function seedPolicy(
  { store, clock, random }: Pick<Backend, 'store' | 'clock' | 'random'>,
  gathered: boolean,
): void {
  const time = timestamp(clock.now());
  for (const { resource, key, make } of bootstrapPolicy()) {
    const collection = store.collection(rbacKey(resource));
    if (collection.get(key)) continue;
    const uid = newUid(random);
    collection.seed(key, () => {
      const given = make();
      const { object, fields } = gathered || !gathers(given.object) ? given : withoutGathered(given);
      const { name, namespace, labels, annotations } = object.metadata;
      const metadata = {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid,
        resourceVersion: '0',
        creationTimestamp: time,
        labels,
        annotations,
        managedFields: fields.map((one) => ({ ...one, time })).map(orderedEntry),
      };
      return { ...object, metadata } as typeof object;
    });
  }
}

function withoutGathered({ resource, object, fields }: BootstrapObject): BootstrapObject {
  const { kind, apiVersion, metadata, aggregationRule } = object as RoleObject;
  const role = { kind, apiVersion, metadata, rules: null, aggregationRule } as RoleObject;
  return { resource, object: role, fields: fields.filter(({ operation }) => operation === 'Update') };
}

/** Members in the order in which the server writes them. */
function orderedEntry({ manager, operation, apiVersion, time, fieldsType, fieldsV1 }: Record<string, unknown>) {
  return { manager, operation, apiVersion, time, fieldsType, fieldsV1 };
}
