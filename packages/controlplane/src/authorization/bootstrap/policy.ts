import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepFreeze } from '../../store/index.ts';
import { gather } from '../gather.ts';
import { type BindingObject, type RoleObject, rbacGroup, type Subject } from '../rbac.ts';
import type { PolicyRule } from '../rule.ts';
import { boundRoles, clusterRoleBindings, gatheredRoles, gatheringRoles, type SubjectText } from './bindings.ts';
import { clusterRoles, type RuleText } from './cluster-roles.ts';
import { controllerRoles } from './controller-roles.ts';

const apiVersion = `${rbacGroup}/v1`;
const controllerPrefix = 'system:controller:';

/** What a cluster begins with: objects as they are stored, but for uid, time and owners of fields. */
export interface BootstrapObject {
  readonly resource: 'clusterroles' | 'clusterrolebindings' | 'roles' | 'rolebindings';
  readonly object: KubeObject;
  /** Who wrote which of its fields, without the time. */
  readonly fields: readonly ManagedFields[];
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly apiVersion: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: object;
}

/** One of them, made when somebody first looks at it. */
export interface BootstrapSeed {
  readonly resource: BootstrapObject['resource'];
  /** `name`, or `namespace/name`. */
  readonly key: string;
  make(): BootstrapObject;
}

let seeds: readonly BootstrapSeed[] | undefined;
let made: ReadonlyMap<string, BootstrapObject> | undefined;

/** The roles and bindings of a new cluster, in the order in which they are created. Made once, shared and frozen. */
export function bootstrapPolicy(): readonly BootstrapSeed[] {
  seeds ??= listPolicy();
  return seeds;
}

function listPolicy(): readonly BootstrapSeed[] {
  const controllers = Object.keys(controllerRoles).map((name) => controllerPrefix + name);
  const roles = [...Object.keys(gatheringRoles), ...Object.keys(clusterRoles), ...controllers];
  const bindings = [...Object.keys(clusterRoleBindings), ...controllers];
  return [
    ...roles.map((name) => seedOf('clusterroles', name)),
    ...bindings.map((name) => seedOf('clusterrolebindings', name)),
    ...boundRoles.flatMap(({ namespace, role, binding = role }) => [
      seedOf('roles', `${namespace}/${role}`),
      seedOf('rolebindings', `${namespace}/${binding}`),
    ]),
  ];
}

function seedOf(resource: BootstrapObject['resource'], key: string): BootstrapSeed {
  return { resource, key, make: () => madePolicy().get(`${resource}/${key}`) as BootstrapObject };
}

function madePolicy(): ReadonlyMap<string, BootstrapObject> {
  made ??= new Map(
    makePolicy().map((one) => {
      const { namespace, name } = one.object.metadata;
      return [`${one.resource}/${namespace === undefined ? '' : `${namespace}/`}${name}`, withFields(one)];
    }),
  );
  return made;
}

type Made = Omit<BootstrapObject, 'fields'>;

function makePolicy(): readonly Made[] {
  const roles = makeClusterRoles();
  const bindings = [
    ...Object.entries(clusterRoleBindings).map(([name, subjects]) => clusterBinding(name, subjects)),
    ...Object.keys(controllerRoles).map((name) => clusterBinding(controllerPrefix + name, [`account:${name}`])),
  ];
  const objects: Made[] = [
    ...roles.map((object) => ({ resource: 'clusterroles' as const, object })),
    ...bindings.map((object) => ({ resource: 'clusterrolebindings' as const, object })),
  ];
  for (const { namespace, role, binding = role, rules, subjects } of boundRoles) {
    const metadata = metadataOf(role, namespace);
    const object = { kind: 'Role', apiVersion, metadata, rules: rules.map(parseRule) };
    objects.push({ resource: 'roles', object });
    const reference = { apiGroup: rbacGroup, kind: 'Role', name: role };
    objects.push({
      resource: 'rolebindings',
      object: bindingOf('RoleBinding', binding, subjects, reference, namespace),
    });
  }
  return objects;
}

function makeClusterRoles(): RoleObject[] {
  const plain = Object.entries(clusterRoles).map(([name, rules]) => clusterRole(name, rules, gatheredRoles[name]));
  const ofControllers = Object.entries(controllerRoles).map(([name, rules]) =>
    clusterRole(controllerPrefix + name, rules, undefined),
  );
  const gathering = Object.entries(gatheringRoles).map(([name, { gathers, label }]) => {
    const matchLabels = { [`${rbacGroup}/aggregate-to-${gathers}`]: 'true' };
    return { ...clusterRole(name, [], label), aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } };
  });
  const all = [...gathering, ...plain, ...ofControllers];
  // What one gathers another may gather in its turn: `view`, then `edit`, then `admin`.
  for (const name of Object.keys(gatheringRoles).reverse()) {
    const at = all.findIndex((role) => role.metadata.name === name);
    all[at] = gather(all[at] as RoleObject, all) ?? (all[at] as RoleObject);
  }
  return all;
}

function clusterRole(name: string, rules: readonly RuleText[], label: string | undefined): RoleObject {
  return { kind: 'ClusterRole', apiVersion, metadata: metadataOf(name, undefined, label), rules: rules.map(parseRule) };
}

function metadataOf(name: string, namespace?: string, label?: string): KubeObject['metadata'] {
  const chosen = label === undefined ? {} : { [`${rbacGroup}/aggregate-to-${label}`]: 'true' };
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...chosen },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

function clusterBinding(name: string, subjects: readonly SubjectText[]): KubeObject {
  return bindingOf('ClusterRoleBinding', name, subjects, { apiGroup: rbacGroup, kind: 'ClusterRole', name });
}

function bindingOf(
  kind: string,
  name: string,
  subjects: readonly SubjectText[],
  roleRef: object,
  namespace?: string,
): KubeObject {
  const parsed = subjects.length === 0 ? {} : { subjects: subjects.map(parseSubject) };
  const binding: BindingObject = { kind, apiVersion, metadata: metadataOf(name, namespace), ...parsed, roleRef };
  return binding;
}

function parseSubject(text: SubjectText): Subject & { readonly apiGroup?: string } {
  const colon = text.indexOf(':');
  const name = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case 'account':
      return { kind: 'ServiceAccount', name, namespace: 'kube-system' };
    case 'group':
      return { kind: 'Group', apiGroup: rbacGroup, name };
    default:
      return { kind: 'User', apiGroup: rbacGroup, name };
  }
}

/** Frozen, with the field owners that the server and its controller of such roles would have become. */
function withFields(made: Made): BootstrapObject {
  const { metadata } = made.object;
  const role = made.object as RoleObject & BindingObject;
  const gathering = role.aggregationRule !== undefined;
  const fieldsV1 = {
    ...(gathering ? { 'f:aggregationRule': { '.': {}, 'f:clusterRoleSelectors': {} } } : {}),
    'f:metadata': {
      'f:annotations': fieldsOf(metadata.annotations),
      'f:labels': fieldsOf(metadata.labels),
    },
    ...(role.roleRef ? { 'f:roleRef': {} } : {}),
    ...(role.rules && !gathering ? { 'f:rules': {} } : {}),
    ...(role.subjects ? { 'f:subjects': {} } : {}),
  };
  const entry = { apiVersion, fieldsType: 'FieldsV1' as const };
  const gatherer = { manager: 'clusterrole-aggregation-controller', operation: 'Apply' as const, ...entry };
  const fields: ManagedFields[] = [
    ...(gathering ? [{ ...gatherer, fieldsV1: { 'f:rules': {} } }] : []),
    { manager: 'kube-apiserver', operation: 'Update', ...entry, fieldsV1 },
  ];
  return deepFreeze({ ...made, fields });
}

function fieldsOf(map: Readonly<Record<string, string>> | undefined): object {
  const members = Object.keys(map ?? {}).map((key) => [`f:${key}`, {}]);
  return { '.': {}, ...Object.fromEntries(members.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1))) };
}

/** Members in the order in which the server writes them. */
function parseRule(text: RuleText): PolicyRule {
  const [verbs = [], second = [], resources, resourceNames] = text.split(' ').map((part) => part.split(','));
  if (!resources) return { verbs, nonResourceURLs: second };
  const apiGroups = second.map((group) => (group === 'core' ? '' : group));
  return { verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) };
}
