import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { applyDefaults, compileSchema, prune, type StructuralSchema, usesCel } from '@setpoint/apimachinery/schema';
import type { Client } from 'setpoint/client';
import { isApiError } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { Failure, sentenceOf } from '../failure.ts';
import type { Output } from '../output.ts';
import { convertsByName, type Definition, findDefinition, kindOf, readableVersion, schemaOf } from './definition.ts';

/** Of objects that a new definition breaks; more are only counted. */
const maximumShown = 10;

/**
 * Reads the objects that are there, and judges them by the schemas of new definitions.
 *
 * @param force only says what would break
 * @throws Failure naming objects that would be invalid, or lose fields, and were well before
 */
export async function keepExistingObjects(
  client: Client,
  manifests: readonly CrdManifest[],
  { force, output }: { readonly force: boolean; readonly output: Output },
): Promise<void> {
  for (const manifest of manifests) {
    const name = manifest.metadata.name ?? '';
    const present = await findDefinition(client, name);
    if (!present) continue;
    for (const { name: version } of manifest.spec.versions) {
      const report = await broken(client, present, manifest, version).catch((error: unknown) => {
        if (!isApiError(error)) throw error;
        output.err(`setpoint: the objects of ${name} cannot be checked: ${sentenceOf(error)}\n`);
      });
      if (!report || report.broken === 0) continue;
      const text = describe(name, version, report);
      if (!force) throw new Failure(`${text}\n  mend them first, or go on with --force`);
      output.err(`setpoint: ${text}\n`);
    }
  }
}

interface Report {
  readonly objects: number;
  readonly broken: number;
  /** A line for each of the first of them. */
  readonly lines: readonly string[];
}

/** Undefined: there is nothing to find out, or no way to. */
async function broken(
  client: Client,
  present: Definition,
  manifest: CrdManifest,
  version: string,
): Promise<Report | undefined> {
  const next = schemaOf(manifest, version);
  const before = schemaOf(present, version);
  if (!next || deepEqual(next as never, before as never)) return undefined;
  const isServed = present.spec.versions.some(({ name, served }) => served && name === version);
  // What the operator itself would make of it, nobody knows before it runs.
  if (!isServed && !(convertsByName(present) && convertsByName(manifest))) return undefined;
  const from = isServed ? version : readableVersion(present);
  if (from === undefined) return undefined;
  const judge = await judgeOf(next, before ?? schemaOf(present, from));
  let objects = 0;
  let count = 0;
  const lines: string[] = [];
  const { group } = present.spec;
  for await (const page of client.pages(kindOf(present, from))) {
    for (const object of page.items as readonly KubeObject[]) {
      objects++;
      const faults = judge({ ...object, apiVersion: `${group}/${version}` });
      if (faults.length === 0) continue;
      const { namespace, name } = object.metadata;
      if (count++ < maximumShown) lines.push(`${namespace ? `${namespace}/` : ''}${name}: ${faults.join('; ')}`);
    }
  }
  return { objects, broken: count, lines };
}

/** What is wrong with an object by a new schema that was not by the one before. */
async function judgeOf(next: StructuralSchema, before: StructuralSchema | undefined) {
  const judge = await errorsBy(next);
  const judgeBefore = before && (await errorsBy(before));
  return (object: KubeObject): readonly string[] => {
    const { value, paths } = prune(object, next);
    const errors = judge(applyDefaults(value, next));
    const old = new Set(errors.length > 0 ? judgeBefore?.(object) : []);
    return [...errors.filter((error) => !old.has(error)), ...paths.map((path) => `it would lose ${path}`)];
  };
}

/** CEL is loaded where there are rules. */
async function errorsBy(schema: StructuralSchema): Promise<(object: KubeObject) => readonly string[]> {
  const compiled = compileSchema(schema);
  const rules = usesCel(schema)
    ? (await import('@setpoint/apimachinery/rules')).ruleEngine.validator(schema, true)
    : undefined;
  return (object) => {
    const errors = compiled.validate(object);
    // Rules may rely on the schema.
    return (errors.length > 0 ? errors : (rules?.validate(object, {}).errors ?? [])).map(String);
  };
}

function describe(name: string, version: string, { objects, broken: count, lines }: Report): string {
  const more = count > lines.length ? [`… and ${count - lines.length} more`] : [];
  return [`the CRD ${name} breaks ${count} of ${objects} objects, in version ${version}:`, ...lines, ...more].join(
    '\n  ',
  );
}
