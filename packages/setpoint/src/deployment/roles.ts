import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type CrdManifest, type PolicyRule, type RbacNeed, rulesFor } from '../manifests/index.ts';
import { metricsEnabled, releaseNamespace } from './manager.ts';
import { plainManifests } from './manifests.ts';
import type { DeployedOperator } from './operator-parts.ts';
import type { Part } from './part.ts';
import { type DeploymentSettings, type ResolvedSettings, resolveSettings } from './settings.ts';
import { open, scalar, type Template } from './template.ts';

const group = 'rbac.authorization.k8s.io';

/** What of an operator its rights follow from. */
type Named = Pick<DeployedOperator, 'name' | 'needs'>;

/** The ServiceAccount, the roles and their bindings that `setpoint manifests` writes for an operator, as objects. */
export function accountManifests(
  operator: Named,
  settings: Pick<DeploymentSettings, 'namespace' | 'watchNamespaces'>,
): readonly KubeObject[] {
  return plainManifests(accountAndRoles(operator, resolveSettings(operator.name, 'none', settings)));
}

/**
 * The operator's ServiceAccount and what it may do, which is what its declarations need: in all namespaces by a
 * ClusterRole, or in those it watches by a Role in each; and in its own namespace what it keeps there.
 */
export function accountAndRoles(operator: Named, settings: ResolvedSettings): readonly Part[] {
  const needs = operator.needs(settings.namespace);
  const anywhere = needs.filter(({ namespace }) => namespace === undefined);
  return [
    { folder: 'rbac', file: 'service_account', object: serviceAccount(operator, settings) },
    ...everywhere(operator, settings, anywhere),
    ...there(operator, settings, anywhere),
    ...ownNamespaces(operator, settings, needs),
  ];
}

function serviceAccount({ name }: Named, settings: ResolvedSettings): Template {
  const metadata = { name, namespace: releaseNamespace(settings) };
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...metadata, annotations: open('serviceAccount.annotations', {}) },
  };
}

/** While it watches all namespaces. */
function everywhere(operator: Named, settings: ResolvedSettings, needs: readonly RbacNeed[]): Part[] {
  const condition = { path: 'watchNamespaces', is: false, holds: settings.watchNamespaces.length === 0 };
  return rolePair(operator, settings, { rules: rulesFor(needs).cluster }).map((part) => ({ ...part, condition }));
}

/** While it watches some: the rest of what it needs is about kinds that are in no namespace. */
function there(operator: Named, settings: ResolvedSettings, needs: readonly RbacNeed[]): Part[] {
  const { watchNamespaces } = settings;
  const condition = { path: 'watchNamespaces', is: true, holds: watchNamespaces.length > 0 };
  const inNone = rulesFor(needs.filter(({ kind }) => kind.scope === 'Cluster')).cluster;
  const inEach = rulesFor(needs.filter(({ kind }) => kind.scope === 'Namespaced')).cluster;
  const each = (namespace: Template) => rolePair(operator, settings, { rules: inEach, namespace });
  const ofEach = watchNamespaces.map((namespace) => each(namespace));
  const named = each(scalar('$item', '')).map((part, i) => ({
    ...part,
    each: { path: 'watchNamespaces', objects: ofEach.map((parts) => (parts[i] as Part).object) },
  }));
  return [...rolePair(operator, settings, { rules: inNone }), ...named].map((part) => ({ ...part, condition }));
}

/** Leases, certificates, and what else a controller said it needs in one namespace only. */
function ownNamespaces(operator: Named, settings: ResolvedSettings, needs: readonly RbacNeed[]): Part[] {
  const { namespaces } = rulesFor(needs.filter(({ namespace }) => namespace !== undefined));
  return Object.entries(namespaces).flatMap(([namespace, rules]) => {
    const where = namespace === settings.namespace ? releaseNamespace(settings) : namespace;
    return rolePair(operator, settings, { rules, namespace: where, prefix: 'own-' });
  });
}

interface Grant {
  readonly rules: readonly PolicyRule[];
  /** Left out, all of them: a ClusterRole. */
  readonly namespace?: Template;
  readonly prefix?: string;
}

/** A role and its binding; none without a rule. */
function rolePair({ name }: Named, settings: ResolvedSettings, grant: Grant): Part[] {
  const { rules, namespace, prefix = '' } = grant;
  if (rules.length === 0) return [];
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const role = `${name}-${prefix}role`;
  const metadata = (named: string) => ({ name: named, ...(namespace === undefined ? {} : { namespace }) });
  const subject = { kind: 'ServiceAccount', name, namespace: releaseNamespace(settings) };
  const file = (what: string) => `${prefix.replaceAll('-', '_')}${what}`;
  return [
    {
      folder: 'rbac',
      file: file('role'),
      object: { apiVersion: `${group}/v1`, kind, metadata: metadata(role), rules: rules as unknown as Template },
    },
    {
      folder: 'rbac',
      file: file('role_binding'),
      object: {
        apiVersion: `${group}/v1`,
        kind: `${kind}Binding`,
        metadata: metadata(`${name}-${prefix}rolebinding`),
        roleRef: { apiGroup: group, kind, name: role },
        subjects: [subject],
      },
    },
  ];
}

/** For whoever scrapes: the operator asks the API server whether they may. */
export function metricsReader({ name }: DeployedOperator): Part {
  const rules = [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }];
  const metadata = { name: `${name}-metrics-reader` };
  const object = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules };
  return { folder: 'rbac', file: 'metrics_reader_role', object, condition: metricsEnabled };
}

const helpers = {
  admin: ['*'],
  editor: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  viewer: ['get', 'list', 'watch'],
} as const;

/** ClusterRoles for people, to be bound by whoever runs the cluster; the operator uses none of them. */
export function helperRoles({ name }: DeployedOperator, crds: readonly CrdManifest[]): readonly Part[] {
  return crds.flatMap(({ spec: { group: apiGroup, names, versions } }) => {
    const hasStatus = versions.some(({ subresources }) => subresources?.status);
    return Object.entries(helpers).map(([who, verbs]): Part => {
      const rules = [{ apiGroups: [apiGroup], resources: [names.plural], verbs: [...verbs] }];
      if (hasStatus) rules.push({ apiGroups: [apiGroup], resources: [`${names.plural}/status`], verbs: ['get'] });
      return {
        folder: 'rbac',
        file: `${names.singular}_${who}_role`,
        condition: { path: 'rbac.helpers', is: true, holds: true },
        object: {
          apiVersion: `${group}/v1`,
          kind: 'ClusterRole',
          metadata: { name: `${name}-${names.singular}-${who}-role` },
          rules,
        },
      };
    });
  });
}
