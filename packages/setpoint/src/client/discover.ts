import type { Clock } from '@setpoint/apimachinery/clock';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import { isApiError } from '../errors/index.ts';
import type { DiscoveredResource, Discovery } from './discovery.ts';
import { decodeJson, textOf } from './json.ts';
import type { Call, Pipeline } from './pipeline.ts';

/** A kind that is missing is looked for again, but not more often than this: a missing CRD must not mean a flood. */
const missingFor = 5_000;

const aggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

interface Found {
  readonly resources: readonly DiscoveredResource[];
  readonly byKind: ReadonlyMap<string, DiscoveredResource>;
}

/** What the server serves: two requests where it aggregates discovery (1.27 and later), else one per group and version. */
export class LiveDiscovery implements Discovery {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  #found: Found | undefined;
  /** Kinds that the last look did not find, and when that was, in monotonic milliseconds. */
  readonly #missing = new Map<string, number>();
  #reading: Promise<Found> | undefined;

  constructor(pipeline: Pipeline, clock: Clock) {
    this.#pipeline = pipeline;
    this.#clock = clock;
  }

  async find(
    reference: { readonly apiVersion: string; readonly kind: string },
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<DiscoveredResource | undefined> {
    const key = `${reference.apiVersion}/${reference.kind}`;
    const known = this.#found?.byKind.get(key);
    if (known) return known;
    const missedAt = this.#missing.get(key);
    if (missedAt !== undefined && this.#clock.monotonic() - missedAt < missingFor) return undefined;
    const found = (await this.#read(options.signal)).byKind.get(key);
    if (found) this.#missing.delete(key);
    else this.#missing.set(key, this.#clock.monotonic());
    return found;
  }

  async all(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly DiscoveredResource[]> {
    return (this.#found ?? (await this.#read(options.signal))).resources;
  }

  forget(): void {
    this.#found = undefined;
    this.#missing.clear();
  }

  /** One reading at a time, shared by all who wait; each waits no longer than its signal allows. */
  #read(signal: AbortSignal | undefined): Promise<Found> {
    this.#reading ??= this.#fetchAll().finally(() => {
      this.#reading = undefined;
    });
    const reading = this.#reading;
    if (!signal) return reading;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  async #fetchAll(): Promise<Found> {
    const [core, groups] = await Promise.all([this.#fetchRoot('/api'), this.#fetchRoot('/apis')]);
    const resources = [...core, ...groups];
    const byKind = new Map<string, DiscoveredResource>();
    for (const resource of resources) {
      const key = `${formatApiVersion(resource.group, resource.version)}/${resource.kind}`;
      if (!byKind.has(key)) byKind.set(key, resource);
    }
    this.#found = { resources, byKind };
    return this.#found;
  }

  async #fetchRoot(path: string): Promise<readonly DiscoveredResource[]> {
    const answer = (await this.#fetch(path, aggregated)) as { readonly kind?: string };
    if (answer.kind === 'APIGroupDiscoveryList') return fromAggregated(answer as AggregatedList);
    const versions =
      path === '/api'
        ? ((answer as { versions?: readonly string[] }).versions ?? []).map((version) => ({
            path: `/api/${version}`,
            group: '',
            version,
          }))
        : groupVersions(answer as LegacyGroups);
    const lists = await Promise.all(versions.map((version) => this.#fetchLegacy(version)));
    return lists.flat();
  }

  /** A group whose server is down hides itself, not the others. */
  async #fetchLegacy(at: {
    readonly path: string;
    readonly group: string;
    readonly version: string;
  }): Promise<readonly DiscoveredResource[]> {
    try {
      return fromLegacy((await this.#fetch(at.path, 'application/json')) as LegacyResources, at.group, at.version);
    } catch (error) {
      if (isApiError(error)) return [];
      throw error;
    }
  }

  async #fetch(path: string, accept: string): Promise<object> {
    const call: Call = {
      request: { verb: 'get', kind: path },
      method: 'GET',
      url: path,
      accept,
      write: false,
      timeout: 30_000,
    };
    return decodeJson(textOf((await this.#pipeline.unary(call)).body)) as object;
  }
}

interface AggregatedList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
        readonly scope: string;
        readonly singularResource?: string;
        readonly verbs?: readonly string[];
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

function fromAggregated(list: AggregatedList): DiscoveredResource[] {
  return (list.items ?? []).flatMap((group) =>
    (group.versions ?? []).flatMap(({ version, resources = [] }) =>
      // A resource without a kind of its own exists only for its subresources.
      resources
        .filter((resource) => resource.responseKind?.kind)
        .map((resource) => ({
          group: group.metadata?.name ?? '',
          version,
          kind: resource.responseKind?.kind ?? '',
          plural: resource.resource,
          singular: resource.singularResource ?? '',
          scope: resource.scope === 'Namespaced' ? ('Namespaced' as const) : ('Cluster' as const),
          verbs: resource.verbs ?? [],
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
          subresources: (resource.subresources ?? []).map(({ subresource }) => subresource),
        })),
    ),
  );
}

interface LegacyGroups {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions?: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
}

function groupVersions(list: LegacyGroups): { path: string; group: string; version: string }[] {
  return (list.groups ?? []).flatMap(({ name, versions = [], preferredVersion }) =>
    versions
      .toSorted(
        (a, b) => Number(b.version === preferredVersion?.version) - Number(a.version === preferredVersion?.version),
      )
      .map(({ version }) => ({ path: `/apis/${name}/${version}`, group: name, version })),
  );
}

interface LegacyResources {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly singularName?: string;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

function fromLegacy({ resources = [] }: LegacyResources, group: string, version: string): DiscoveredResource[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => ({
      group,
      version,
      kind: resource.kind,
      plural: resource.name,
      singular: resource.singularName ?? '',
      scope: resource.namespaced ? ('Namespaced' as const) : ('Cluster' as const),
      verbs: resource.verbs ?? [],
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      subresources: resources
        .filter(({ name }) => name.startsWith(`${resource.name}/`))
        .map(({ name }) => name.slice(resource.name.length + 1)),
    }));
}
