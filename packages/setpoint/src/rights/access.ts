import type { PolicyRule } from '../manifests/index.ts';

/** One thing that somebody did with a resource, or tried to, as an authorizer is asked about it. */
export interface ResourceAccess {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource: `foos/status`. */
  readonly resource: string;
  /** Left out: in all namespaces, or of a kind that is in none. */
  readonly namespace?: string | undefined;
  /** Left out where the request named no object: a list, a creation. */
  readonly name?: string | undefined;
}

/** The same with a path that names no resource, such as `/metrics`. */
export interface PathAccess {
  readonly verb: string;
  readonly path: string;
}

/** What an authorizer is asked. */
export type Access = ResourceAccess | PathAccess;

/** A rule of rbac.authorization.k8s.io/v1 about paths that name no resource. */
export interface PathRule {
  readonly nonResourceURLs: readonly string[];
  readonly verbs: readonly string[];
}

/** What somebody may do: everywhere, and beyond that in single namespaces. */
export interface Rights {
  readonly cluster: readonly (PolicyRule | PathRule)[];
  readonly namespaces: Readonly<Record<string, readonly PolicyRule[]>>;
}

/** Whether an access is about a path. */
export function isPathAccess(access: Access): access is PathAccess {
  return 'path' in access;
}

/** Whether a rule is about paths. */
export function isPathRule(rule: PolicyRule | PathRule): rule is PathRule {
  return 'nonResourceURLs' in rule;
}

/** `patch deployments.apps/scale in default`. */
export function describeAccess(access: Access): string {
  if (isPathAccess(access)) return `${access.verb} ${access.path}`;
  const { verb, group, resource, namespace, name } = access;
  const [plural = '', subresource] = resource.split('/');
  const what = `${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return [verb, what, ...(name ? [name] : []), ...(namespace ? [`in ${namespace}`] : [])].join(' ');
}
