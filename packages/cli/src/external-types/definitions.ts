import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import { compareVersions } from 'setpoint/kinds';
import { Failure, sentenceOf, UsageError } from '../failure.ts';

/** A version of a CustomResourceDefinition, as far as types follow from it. */
export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly deprecated: boolean;
  readonly schema: StructuralSchema;
  readonly status: boolean;
  readonly scale: boolean;
}

/** A CustomResourceDefinition, as far as types follow from it. */
export interface Definition {
  /** `certificates.cert-manager.io`. */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly versions: readonly DefinitionVersion[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The CustomResourceDefinitions in a file of YAML or JSON, lists of them too.
 *
 * @param place where the text is from, for messages
 * @throws Failure for what is no YAML, and where there is none
 */
export async function readDefinitions(text: string, place: string): Promise<readonly Definition[]> {
  const { parseAllDocuments } = await import('yaml');
  const objects: Json[] = [];
  for (const document of parseAllDocuments(text, { version: '1.1', logLevel: 'silent' })) {
    const [error] = document.errors;
    if (error) throw new Failure(`${place} is no YAML: ${error.message.split('\n')[0]}`);
    const value = plain(document, place);
    if (isJson(value)) objects.push(...(Array.isArray(value.items) ? value.items.filter(isJson) : [value]));
  }
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  if (definitions.length === 0) {
    const kinds = [...new Set(objects.flatMap(({ kind }) => (typeof kind === 'string' ? [kind] : [])))];
    const found = kinds.length === 0 ? 'no objects' : `${kinds.slice(0, 3).join(', ')}${kinds.length > 3 ? ', …' : ''}`;
    throw new Failure(`${place} holds no CustomResourceDefinition, but ${found}`);
  }
  return definitions.map((definition) => definitionOf(definition, place));
}

/** @throws Failure for aliases without end */
function plain(document: { toJS(): unknown }, place: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new Failure(`${place} cannot be read: ${sentenceOf(error)}`, { cause: error });
  }
}

/** @throws Failure for what no API server has made of itself */
export function definitionOf(object: Json, place: string): Definition {
  const { apiVersion, spec, metadata } = object;
  const name = isJson(metadata) ? metadata.name : undefined;
  const refuse = (why: string): never => {
    throw new Failure(
      `${place}: the CustomResourceDefinition ${typeof name === 'string' ? name : 'without a name'} ${why}`,
    );
  };
  if (apiVersion !== 'apiextensions.k8s.io/v1') {
    refuse(`is of ${apiVersion}: servers of today take only apiextensions.k8s.io/v1`);
  }
  const { group, names, scope, versions } = isJson(spec) ? spec : {};
  if (typeof name !== 'string' || typeof group !== 'string' || !isJson(names) || !Array.isArray(versions)) {
    return refuse('lacks metadata.name, spec.group, spec.names or spec.versions');
  }
  const { kind, plural, singular } = names;
  if (typeof kind !== 'string' || typeof plural !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(kind)) {
    return refuse('has no kind in CamelCase, or no plural');
  }
  return {
    name,
    group,
    kind,
    plural,
    singular: typeof singular === 'string' ? singular : kind.toLowerCase(),
    shortNames: texts(names.shortNames),
    categories: texts(names.categories),
    scope: scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    versions: versions.filter(isJson).map(versionOf),
  };
}

function versionOf({ name, served, deprecated, schema, subresources }: Json): DefinitionVersion {
  const root = isJson(schema) && isJson(schema.openAPIV3Schema) ? schema.openAPIV3Schema : {};
  const { status, scale } = isJson(subresources) ? subresources : {};
  return {
    name: String(name),
    served: served !== false,
    deprecated: deprecated === true,
    schema: root as StructuralSchema,
    status: isJson(status),
    scale: isJson(scale),
  };
}

/**
 * The version that is asked for, or else the one that clients prefer: stable before beta, the highest number first.
 *
 * @throws UsageError if it is not there, or not served
 */
export function chosenVersion({ name, versions }: Definition, wanted: string | undefined): DefinitionVersion {
  const served = versions
    .filter((version) => version.served)
    .sort((a, b) => Number(a.deprecated) - Number(b.deprecated) || compareVersions(a.name, b.name));
  const found = wanted === undefined ? served[0] : served.find((version) => version.name === wanted);
  if (found) return found;
  const there = served.map((version) => version.name).join(', ') || 'none';
  throw new UsageError(
    wanted === undefined
      ? `${name} serves no version`
      : `--version: ${name} does not serve ${wanted}; it serves ${there}`,
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
