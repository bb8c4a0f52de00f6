import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as allText } from 'node:stream/consumers';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { isNotFound } from 'setpoint/errors';
import {
  chosenVersion,
  type Definition,
  type DefinitionVersion,
  definitionOf,
  isAsWritten,
  readDefinitions,
  sourceText,
} from '../external-types/index.ts';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject } from '../project.ts';
import { type Change, externalPath, make } from '../scaffold/index.ts';
import { connect } from './cluster.ts';

export interface ImportFlags {
  readonly project: string;
  readonly fromCluster?: string;
  readonly version?: string;
  /** Which one of a file with several. */
  readonly name?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Writes typed kinds from CustomResourceDefinitions of others. */
export async function importKinds(file: string | undefined, flags: ImportFlags, output: Output): Promise<void> {
  if ((file === undefined) === (flags.fromCluster === undefined)) {
    throw new UsageError('give a file with a CustomResourceDefinition, or --from-cluster and the name of one');
  }
  const { folder } = findProject(flags.project);
  const definitions = file === undefined ? [await ofCluster(flags)] : chosen(await ofFile(file), file, flags);
  const kinds = definitions.map((definition) => ({ definition, version: chosenVersion(definition, flags.version) }));
  make(
    folder,
    kinds.map((kind) => changeOf(folder, kind, flags.force ?? false)),
    output,
  );
  for (const { definition, version } of kinds) output.out(hint(definition, version));
}

async function ofFile(file: string): Promise<readonly Definition[]> {
  if (file === '-') return readDefinitions(await allText(process.stdin), 'the input');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${sentenceOf(error)}`, { cause: error });
  }
  return readDefinitions(text, file);
}

function chosen(definitions: readonly Definition[], file: string, { name, all }: ImportFlags): readonly Definition[] {
  const names = definitions.map((definition) => definition.name).join(', ');
  if (name !== undefined) {
    const found = definitions.filter((definition) => definition.name === name || definition.kind === name);
    if (found.length !== 1) throw new Failure(`${file} has no definition ${name}; it has ${names}`);
    return found;
  }
  if (definitions.length > 1 && !all) {
    throw new Failure(`${file} has ${definitions.length} definitions: say --name of one, or --all (${names})`);
  }
  return definitions;
}

async function ofCluster(flags: ImportFlags): Promise<Definition> {
  const name = flags.fromCluster ?? '';
  await using client = await connect(flags, 'setpoint');
  try {
    const found = await client.get(CustomResourceDefinition, { name });
    return definitionOf({ ...found, apiVersion: CustomResourceDefinition.apiVersion }, 'the cluster');
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { items } = await client.list(CustomResourceDefinition);
    const word = name.split('.')[0]?.toLowerCase() ?? '';
    const similar = items.filter(
      ({ metadata, spec }) =>
        metadata.name.startsWith(word) || spec.names.kind.toLowerCase() === word || metadata.name.endsWith(`.${name}`),
    );
    const shown = similar.slice(0, 5).map(({ metadata }) => metadata.name);
    throw new Failure(
      `the cluster has no CustomResourceDefinition ${name}${shown.length > 0 ? `; there is ${shown.join(', ')}` : ': give its whole name, such as certificates.cert-manager.io'}`,
      { cause: error },
    );
  }
}

interface Chosen {
  readonly definition: Definition;
  readonly version: DefinitionVersion;
}

function pathOf({ definition: { group, kind }, version }: Chosen): string {
  return externalPath({ group, version: version.name, kind });
}

/** What setpoint wrote itself is brought up to date; what somebody changed stays. */
function changeOf(folder: string, kind: Chosen, force: boolean): Change {
  const path = pathOf(kind);
  const text = sourceText(kind.definition, kind.version);
  const file = join(folder, path);
  if (!existsSync(file)) return { path, text, outcome: 'written' };
  const present = readFileSync(file, 'utf8');
  if (present === text) return { path, outcome: 'unchanged' };
  if (force) return { path, text, outcome: 'changed' };
  if (!isAsWritten(present)) return { path, outcome: 'is there and was changed: left alone; --force writes it anew' };
  const formatted = digestOf(present) === digestOf(text);
  return formatted ? { path, outcome: 'unchanged' } : { path, text, outcome: 'changed' };
}

function digestOf(text: string): string | undefined {
  return /\((\w{16})\)\./.exec(text)?.[1];
}

function hint({ group, kind }: Definition, { name }: DefinitionVersion): string {
  return `${kind} is of ${group}/${name}. Its controller: setpoint create api --external --group ${group} --version ${name} --kind ${kind}\n`;
}
