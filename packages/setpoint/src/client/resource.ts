import { formatApiVersion, type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { RequestError } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { DiscoveredResource } from './discovery.ts';
import type { KindReference } from './options.ts';

/** A kind with all that a request needs to know of it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly projection: 'full' | 'metadata';
  /** `Foo.tutorial.my.domain`, for messages. */
  readonly label: string;
}

/** Whether the reference says everything itself; the plural and scope of a dynamic kind are only guessed. */
export function isKind(reference: KindReference): reference is AnyKind {
  return 'plural' in reference && 'scope' in reference && reference.dynamic !== true;
}

export function resourceOfKind(kind: AnyKind): ResourceInfo {
  const { group, version, apiVersion, plural, scope, projection } = kind;
  return { group, version, apiVersion, kind: kind.kind, plural, scope, projection, label: labelOf(group, kind.kind) };
}

export function resourceOfDiscovered(found: DiscoveredResource, reference: KindReference): ResourceInfo {
  const { group, version, kind, plural, scope } = found;
  const projection = (reference as Partial<AnyKind>).projection ?? 'full';
  return {
    group,
    version,
    apiVersion: formatApiVersion(group, version),
    kind,
    plural,
    scope,
    projection,
    label: labelOf(group, kind),
  };
}

/** `Foo.tutorial.my.domain`. */
export function labelOf(group: string, kind: string): string {
  return group === '' ? kind : `${kind}.${group}`;
}

export function labelOfReference(reference: KindReference): string {
  return labelOf(parseApiVersion(reference.apiVersion).group, reference.kind);
}

export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of an object or a collection. Throws RequestError for what cannot be a path of this resource. */
export function resourcePath(resource: ResourceInfo, { namespace, name, subresource }: PathParts): string {
  const parts = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  if (namespace) {
    if (resource.scope === 'Cluster') {
      throw new RequestError(`${resource.label} is cluster-scoped: leave the namespace ${namespace} out`);
    }
    parts.push('namespaces', segment('namespace', namespace));
  }
  parts.push(resource.plural);
  if (name !== undefined) parts.push(segment('name', name));
  if (subresource !== undefined) {
    if (name === undefined)
      throw new RequestError(`subresource ${subresource} of ${resource.label} needs the name of an object`);
    parts.push(...subresource.split('/').map((part) => segment('subresource', part)));
  }
  return `/${parts.join('/')}`;
}

/** Checks that a single object of the resource is named completely: an empty name would mean the whole collection. */
export function requireKey(resource: ResourceInfo, verb: string, { namespace, name }: PathParts): void {
  if (!name) throw new RequestError(`cannot ${verb} ${resource.label}: the name is empty`);
  requireNamespace(resource, verb, namespace, name);
}

export function requireNamespace(resource: ResourceInfo, verb: string, namespace: string | undefined, name = ''): void {
  if (resource.scope === 'Namespaced' && !namespace) {
    const object = name === '' ? resource.label : `${resource.label} ${name}`;
    throw new RequestError(`cannot ${verb} ${object}: the kind is namespaced and no namespace is given`);
  }
}

/** One segment of a path. The rules are the API server's (path.IsValidPathSegmentName). */
function segment(what: string, value: string): string {
  if (value === '' || value === '.' || value === '..' || value.includes('/') || value.includes('%')) {
    throw new RequestError(
      `${JSON.stringify(value)} cannot be a ${what}: it may not be "", ".", ".." nor contain "/" or "%"`,
    );
  }
  return encodeURIComponent(value);
}

/** `?a=b&c=d`, or nothing; values that are undefined, false or empty are left out. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== false && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/**
 * Gives an object its apiVersion and kind: servers leave them out of the items of built-in lists, and name
 * a projection PartialObjectMetadata.
 */
export function completeType(resource: ResourceInfo): (object: KubeObject) => KubeObject {
  const { apiVersion, kind } = resource;
  return (object) => {
    if (object.apiVersion === apiVersion && object.kind === kind) return object;
    if (resource.projection === 'full' && object.apiVersion && object.kind) return object;
    return { ...object, apiVersion, kind };
  };
}
