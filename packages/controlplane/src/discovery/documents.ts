import { compareBytes } from '@setpoint/apimachinery/json';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import type { ServedResource } from '../registry/index.ts';
import { byGroupPriority, compareVersions } from './order.ts';

/** Everything that is served of one group: its versions, the preferred one first. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly ServedResource[] }[];
}

/** What is registered, in the order in which discovery lists it. */
export function servedGroups(resources: readonly ServedResource[]): ServedGroup[] {
  const byGroup = Map.groupBy(resources, (resource) => resource.group);
  return [...byGroup.keys()].sort(byGroupPriority).map((group) => {
    const byVersion = Map.groupBy(byGroup.get(group) ?? [], (resource) => resource.version);
    const versions = [...byVersion.keys()].sort(compareVersions).map((version) => ({
      version,
      resources: (byVersion.get(version) ?? []).sort((a, b) => compareBytes(a.resource, b.resource)),
    }));
    return { group, versions };
  });
}

/** `/api` */
export function apiVersions(groups: readonly ServedGroup[], serverAddress: string): object {
  const versions = groups.find(({ group }) => group === '')?.versions.map(({ version }) => version) ?? [];
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
}

/** `/apis` */
export function apiGroupList(groups: readonly ServedGroup[]): object {
  const named = groups.filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) };
}

/** `/apis/{group}` */
export function apiGroup(group: ServedGroup): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

function groupEntry({ group, versions }: ServedGroup) {
  const entries = versions.map(({ version }) => ({ groupVersion: formatApiVersion(group, version), version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

/** `/api/v1`, `/apis/{group}/{version}` */
export function apiResourceList(group: string, version: string, resources: readonly ServedResource[]): object {
  return {
    kind: 'APIResourceList',
    // The document of the oldest group never had one.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: formatApiVersion(group, version),
    resources: resources.flatMap((resource) => [resourceEntry(resource), ...subresourceEntries(resource)]),
  };
}

function resourceEntry(resource: ServedResource): object {
  const { shortNames, categories, storageVersionHash } = resource;
  return {
    name: resource.resource,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.discoveredVerbs ?? resource.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(storageVersionHash ? { storageVersionHash } : {}),
  };
}

function subresourceEntries(resource: ServedResource): object[] {
  return subresourcesOf(resource).map(({ name, kind, group, version, verbs }) => ({
    name: `${resource.resource}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(group ? { group } : {}),
    ...(version ? { version } : {}),
    kind,
    verbs,
  }));
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Where they differ from those of the resource. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

const subresourceVerbs = ['get', 'patch', 'update'];

export function subresourcesOf(resource: ServedResource): readonly Subresource[] {
  if (resource.discovery) return resource.discovery.subresources;
  const { status, scale } = resource.subresources;
  const list: Subresource[] = [];
  if (status) list.push({ name: 'status', kind: resource.kind, verbs: subresourceVerbs });
  if (scale) list.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs });
  return list;
}

/** Aggregated discovery (KEP-3352), apidiscovery.k8s.io/v2: all of `/api`, or all of `/apis`, in one document. */
export function apiGroupDiscoveryList(groups: readonly ServedGroup[]): object {
  const items = groups.map(({ group, versions }) => ({
    metadata: group === '' ? {} : { name: group },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(discoveryEntry),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function discoveryEntry(resource: ServedResource): object {
  const { shortNames, categories } = resource;
  const subresources = subresourcesOf(resource);
  return {
    resource: resource.resource,
    responseKind: responseKind(resource, resource.kind),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.discoveredVerbs ?? resource.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map(({ name, kind, group, version, verbs }) => ({
            subresource: name,
            responseKind:
              group || version ? { group: group ?? '', version: version ?? '', kind } : responseKind(resource, kind),
            verbs,
          })),
        }
      : {}),
  };
}

/** Built-in kinds leave group and version empty: the group and version the entry stands under are meant. */
function responseKind(resource: ServedResource, kind: string): object {
  return resource.custom
    ? { group: resource.group, version: resource.version, kind }
    : { group: '', version: '', kind };
}
