import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../http/index.ts';
import type { Change, Collection, Store } from '../store/index.ts';
import type { Attributes } from './attributes.ts';
import type { Authorizer, Decision } from './authorizer.ts';
import { type PolicyRule, ruleAllows } from './rule.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

/** Where the objects of one of the four kinds are kept. */
export function rbacKey(resource: string): string {
  return `${rbacGroup}/${resource}`;
}

export interface RoleReference {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
}

export interface Subject {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** A Role or ClusterRole. */
export type RoleObject = KubeObject & {
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly object[] };
};

/** A RoleBinding or ClusterRoleBinding. */
export type BindingObject = KubeObject & {
  readonly roleRef?: RoleReference;
  readonly subjects?: readonly Subject[];
};

/** A rule that applies to somebody, and by which binding. */
interface Grant {
  readonly rule: PolicyRule;
  readonly source: () => string;
}

/** All that applies to one user in one namespace. */
interface Grants {
  readonly grants: readonly Grant[];
  /** Why rules of some binding could not be found. */
  readonly errors: readonly string[];
}

/** So many users and namespaces are remembered; then remembering starts afresh. */
const rememberedLimit = 2_000;

/**
 * Role-based access control over what is stored: the index of who is bound follows the store from the first question
 * on, and what applies to a user is worked out once between two changes of a role or binding.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #store: () => Store;
  #index: BindingIndex | undefined;
  readonly #remembered = new Map<string, Grants>();

  /** @param store the present one: a reset puts another in its place */
  constructor(store: () => Store) {
    this.#store = store;
  }

  authorize(attributes: Attributes): Decision {
    const { grants, errors } = this.#grantsOf(attributes.user, attributes.namespace);
    for (const grant of grants) {
      if (ruleAllows(grant.rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${grant.source()}` };
    }
    return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregate(errors)}` };
  }

  rulesFor(user: UserInfo, namespace: string) {
    const { grants, errors } = this.#grantsOf(user, namespace);
    return { rules: grants.map((grant) => grant.rule), error: aggregate(errors) };
  }

  #grantsOf(user: UserInfo, namespace: string): Grants {
    const store = this.#store();
    if (this.#index?.store !== store) {
      this.#index?.close();
      this.#remembered.clear();
      this.#index = new BindingIndex(store, () => this.#remembered.clear());
    }
    const key = JSON.stringify([user.name, namespace, user.groups]);
    let grants = this.#remembered.get(key);
    if (!grants) {
      if (this.#remembered.size >= rememberedLimit) this.#remembered.clear();
      grants = findGrants(store, this.#index, user, namespace);
      this.#remembered.set(key, grants);
    }
    return grants;
  }
}

/** The rules that a reference leads to. @throws RoleNotFound */
export function rulesOfReference(store: Store, reference: RoleReference, namespace: string): readonly PolicyRule[] {
  const { kind = '', name = '' } = reference;
  if (kind !== 'Role' && kind !== 'ClusterRole') {
    throw new RoleNotFound(`unsupported role reference kind: ${goQuote(kind)}`, '', name);
  }
  const ofCluster = kind === 'ClusterRole';
  const collection = store.collection(rbacKey(ofCluster ? 'clusterroles' : 'roles'));
  const entry = collection.get(ofCluster ? name : `${namespace}/${name}`);
  if (entry) return (entry.object as RoleObject).rules ?? [];
  const resource = kind.toLowerCase();
  throw new RoleNotFound(`${resource}.${rbacGroup} ${goQuote(name)} not found`, resource, name);
}

export class RoleNotFound extends Error {
  override readonly name = 'RoleNotFound';
  /** `role` or `clusterrole`; empty where the reference is of no kind that exists. */
  readonly resource: string;
  readonly role: string;

  constructor(message: string, resource: string, role: string) {
    super(message);
    this.resource = resource;
    this.role = role;
  }
}

function findGrants(store: Store, index: BindingIndex, user: UserInfo, namespace: string): Grants {
  const grants: Grant[] = [];
  const errors: string[] = [];
  for (const { binding, subject } of index.bindingsOf(user, namespace)) {
    const at = binding.metadata.namespace ?? '';
    const source = () => describeSource(binding, subject);
    try {
      for (const rule of rulesOfReference(store, binding.roleRef ?? {}, at)) grants.push({ rule, source });
    } catch (error) {
      if (!(error instanceof RoleNotFound)) throw error;
      errors.push(error.message);
    }
  }
  return { grants, errors };
}

function describeSource(binding: BindingObject, subject: Subject): string {
  const { name = '', namespace } = binding.metadata;
  const { kind = '', name: role = '' } = binding.roleRef ?? {};
  const what = namespace ? `RoleBinding ${goQuote(`${name}/${namespace}`)}` : `ClusterRoleBinding ${goQuote(name)}`;
  const account = subject.kind === 'ServiceAccount' ? `/${subject.namespace || (namespace ?? '')}` : '';
  return `${what} of ${kind} ${goQuote(role)} to ${subject.kind} ${goQuote(`${subject.name}${account}`)}`;
}

/** As Go joins several errors: each once, in brackets where there is more than one. */
function aggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)];
  return different.length < 2 ? (different[0] ?? '') : `[${different.join(', ')}]`;
}

/** Bindings by the names and groups they are for. */
class BindingIndex {
  readonly store: Store;
  readonly #ofCluster = new Map<string, Map<string, BindingObject>>();
  /** The subject behind the namespace: `a\n` and what `subjectKey` says. */
  readonly #ofNamespace = new Map<string, Map<string, BindingObject>>();
  readonly #subscriptions: (() => void)[];

  constructor(store: Store, changed: () => void) {
    this.store = store;
    const follow = (collection: Collection, apply: (change: Change) => void) =>
      collection.subscribe(undefined, (change) => {
        apply(change);
        changed();
      });
    const [cluster, namespaced] = [rbacKey('clusterrolebindings'), rbacKey('rolebindings')].map((key) =>
      store.collection(key),
    ) as [Collection, Collection];
    for (const collection of [cluster, namespaced]) {
      for (const entry of collection.present().entries('')) this.#add(entry.key, entry.object);
    }
    const moved = (change: Change) => {
      if (change.previous) this.#remove(change.key, change.previous.object);
      if (change.type !== 'delete') this.#add(change.key, change.entry.object);
    };
    this.#subscriptions = [
      follow(cluster, moved),
      follow(namespaced, moved),
      ...['clusterroles', 'roles'].map((resource) => follow(store.collection(rbacKey(resource)), () => {})),
    ];
  }

  close(): void {
    for (const end of this.#subscriptions) end();
  }

  /** Those for a user or one of the user's groups: of the cluster, then of the namespace, each once, by name. */
  bindingsOf(user: UserInfo, namespace: string): { binding: BindingObject; subject: Subject }[] {
    const keys = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
    const find = (index: Map<string, Map<string, BindingObject>>, prefix: string) => {
      const found = new Map<string, BindingObject>();
      for (const key of keys) for (const [name, binding] of index.get(prefix + key) ?? []) found.set(name, binding);
      return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, binding]) => binding);
    };
    const bindings = [
      ...find(this.#ofCluster, ''),
      ...(namespace === '' ? [] : find(this.#ofNamespace, `${namespace}\n`)),
    ];
    return bindings.map((binding) => ({ binding, subject: subjectFor(binding, keys) }));
  }

  #add(key: string, binding: BindingObject): void {
    for (const at of indexKeys(binding)) {
      const index = binding.metadata.namespace ? this.#ofNamespace : this.#ofCluster;
      const bindings = index.get(at) ?? new Map<string, BindingObject>();
      index.set(at, bindings.set(key, binding));
    }
  }

  #remove(key: string, binding: BindingObject): void {
    for (const at of indexKeys(binding)) {
      const index = binding.metadata.namespace ? this.#ofNamespace : this.#ofCluster;
      const bindings = index.get(at);
      bindings?.delete(key);
      if (bindings?.size === 0) index.delete(at);
    }
  }
}

function indexKeys({ metadata, subjects }: BindingObject): string[] {
  const { namespace } = metadata;
  const prefix = namespace ? `${namespace}\n` : '';
  return (subjects ?? []).flatMap((subject) => {
    const key = subjectKey(subject, namespace ?? '');
    return key === undefined ? [] : [prefix + key];
  });
}

/** A service account is the user that its name makes. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind} ${name}`;
  const home = namespace || bindingNamespace;
  return kind === 'ServiceAccount' && home !== '' ? `User system:serviceaccount:${home}:${name}` : undefined;
}

function subjectFor({ metadata, subjects }: BindingObject, keys: readonly string[]): Subject {
  const fits = (subject: Subject) => keys.includes(subjectKey(subject, metadata.namespace ?? '') ?? '');
  return subjects?.find(fits) ?? {};
}
