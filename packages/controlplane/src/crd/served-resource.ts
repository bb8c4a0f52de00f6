import { createHash } from 'node:crypto';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { compareVersions } from '../discovery/index.ts';
import type { ResourceVersions, ServedResource } from '../registry/index.ts';
import { awaitedConversion } from './awaited-conversion.ts';
import type { ConvertObjects } from './conversion-webhook.ts';
import { type CustomCodec, customCodec } from './custom-codec.ts';
import { customStrategy } from './custom-strategy.ts';
import { type Definition, type DefinitionVersion, statusOf, storageKeyOf } from './definition.ts';
import { publishedSchema } from './openapi.ts';
import { columnsOf } from './table.ts';

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const verbsAtTheEnd = verbs.filter((verb) => !['patch', 'create', 'update'].includes(verb));

const terminating = 'create not allowed while custom resource definition is terminating';

export interface ServedState {
  /**
   * Asked at each creation: a definition that begins to go does not replace what it serves, for that would end all
   * watches of the instances that are about to be deleted.
   */
  readonly isTerminating?: () => boolean;
  readonly isGone?: () => boolean;
  readonly webhook?: ConvertObjects | undefined;
  /** The revision since when the definition is as it is. */
  readonly servedSince?: number | undefined;
}

/** One served version of a definition as the registry has it. */
export function createServedResource(
  definition: Definition,
  version: DefinitionVersion,
  { isTerminating = () => false, isGone = () => false, webhook, servedSince }: ServedState = {},
): ServedResource {
  const { group, scope } = definition.spec;
  const names = statusOf(definition).acceptedNames;
  const codec = customCodec(definition, version);
  const storage = definition.spec.versions.find((one) => one.storage) ?? version;
  const { uid = '', generation = 0 } = definition.metadata;
  const scale = version.subresources?.scale;
  const requestWarnings = deprecationWarnings(definition, version);
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    resource: names.plural,
    singular: names.singular ?? '',
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    strategy: customStrategy(definition, version, codec),
    table: columnsOf(version.additionalPrinterColumns),
    subresources: { status: version.subresources?.status !== undefined, ...(scale ? { scale } : {}) },
    verbs,
    get discoveredVerbs() {
      return isTerminating() ? verbsAtTheEnd : verbs;
    },
    storageKey: storageKeyOf(definition),
    ...conversionOf(definition, version, storage, codec, webhook),
    ...(servedSince === undefined ? {} : { servedSince }),
    encodingVersion: `${uid}/${generation}/${version.name}`,
    openApiSchema: () => publishedSchema(definition, version),
    ...(storage.served ? { storageVersionHash: storageVersionHash(group, storage.name, names.kind) } : {}),
    custom: true,
    get createForbidden() {
      return isTerminating() ? terminating : undefined;
    },
    get gone() {
      return isGone();
    },
    ...(requestWarnings.length > 0 ? { requestWarnings } : {}),
  };
}

function conversionOf(
  definition: Definition,
  version: DefinitionVersion,
  storage: DefinitionVersion,
  codec: CustomCodec,
  webhook: ConvertObjects | undefined,
): Pick<ServedResource, 'fromStorage' | 'toStorage' | 'conversion' | 'versions'> {
  const versions = versionsOf(definition);
  // With one version there is nothing to convert.
  if (webhook && definition.spec.versions.length > 1) {
    const { convert, ...rest } = awaitedConversion(definition, version, codec, webhook);
    return { ...rest, versions: { ...versions, convert } };
  }
  return {
    fromStorage: fromStorage(definition, version, codec),
    toStorage: toStorage(definition, storage, version, codec),
    versions,
  };
}

/** An object stored in another version is made whole as one of that version, and gets no defaults of this one. */
function fromStorage(
  definition: Definition,
  version: DefinitionVersion,
  codec: CustomCodec,
): (object: KubeObject) => KubeObject {
  const { group, versions } = definition.spec;
  const apiVersion = `${group}/${version.name}`;
  const others = new Map<string, CustomCodec>();
  for (const other of versions) {
    if (other.name !== version.name) others.set(`${group}/${other.name}`, customCodec(definition, other));
  }
  return (object) => {
    const other = others.get(object.apiVersion);
    return other ? codec.converted({ ...other.fromStorage(object), apiVersion }) : codec.fromStorage(object);
  };
}

/** With the strategy `None` an object differs between versions by its name alone. */
function versionsOf({ spec }: Definition): ResourceVersions {
  const schemas = new Map(spec.versions.map(({ name, schema }) => [`${spec.group}/${name}`, schema?.openAPIV3Schema]));
  return {
    schema(apiVersion) {
      if (schemas.has(apiVersion)) return schemas.get(apiVersion);
      throw new Error(`request to convert CR to an invalid group/version: ${apiVersion}`);
    },
    convert: (object, apiVersion) => ({ ...object, apiVersion }),
  };
}

/** An object of another version is stored without what the storage version does not have; reading gives it defaults. */
function toStorage(
  definition: Definition,
  storage: DefinitionVersion,
  version: DefinitionVersion,
  codec: CustomCodec,
): (object: KubeObject) => KubeObject {
  if (storage.name === version.name) return (object) => object;
  const other = customCodec(definition, storage);
  const apiVersion = `${definition.spec.group}/${storage.name}`;
  return (object) => other.converted({ ...codec.applyDefaults(object), apiVersion });
}

function storageVersionHash(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

function deprecationWarnings(definition: Definition, version: DefinitionVersion): readonly string[] {
  if (version.deprecated !== true) return [];
  const { group, names, versions } = definition.spec;
  const better = versions
    .filter(({ served, deprecated, name }) => served && deprecated !== true && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .sort(compareVersions)[0];
  const use = better === undefined ? '' : `; use ${group}/${better} ${names.kind}`;
  return [version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated${use}`];
}
