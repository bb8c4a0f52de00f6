import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { Failure, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, type Project, projectSettings } from '../project.ts';
import {
  appendMember,
  builtinModule,
  type Change,
  callsOf,
  type DeclaredKind,
  declaredKinds,
  edited,
  fileName,
  hasMember,
  inStyle,
  isWanted,
  type KindNames,
  make,
  missing,
  refersTo,
  type ScaffoldFile,
  type Source,
  sourcesWith,
  unwrapped,
  type WebhookHalves,
  type WebhookKind,
  webhookFile,
  webhookMembers,
  webhookName,
  webhookTest,
  webhookTestPath,
  wholeGroup,
  withEdits,
  withLicence,
} from '../scaffold/index.ts';
import { conversionChanges } from './create-version.ts';
import { type EntryChange, inOperator } from './operator-entry.ts';

export interface CreateWebhookFlags {
  readonly project: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly defaulting?: boolean;
  readonly validating?: boolean;
  /** As kubebuilder calls it. */
  readonly programmaticValidation?: boolean;
  readonly conversion?: boolean;
}

const nothing: EntryChange = { changes: [], advice: '' };

/** Adds `default` and `validate` to what is declared of a kind, or declares a webhook of it, or its conversion. */
export async function createWebhook(flags: CreateWebhookFlags, output: Output): Promise<void> {
  const halves = {
    defaulting: flags.defaulting ?? false,
    validating: flags.validating ?? flags.programmaticValidation ?? false,
  };
  const admission = halves.defaulting || halves.validating;
  if (!admission && !flags.conversion) {
    throw new UsageError('say which webhook: --defaulting, --validating, --conversion, or several of them');
  }
  const project = findProject(flags.project);
  const { kind, declared } = await findKind(flags, project);
  if (flags.conversion && !declared) {
    throw new Failure(`who defines ${kind.kind} converts it: --conversion is for kinds that this operator defines`);
  }
  const parts = [
    admission ? await admissionChanges(project, kind, halves) : nothing,
    flags.conversion && declared ? await conversionChanges(project, declared) : nothing,
  ];
  make(project.folder, merged(parts.flatMap(({ changes }) => changes)), output);
  for (const { advice } of parts) output.out(advice);
}

/** Two parts may both have looked at one file; only one of them changes it. */
function merged(changes: readonly Change[]): readonly Change[] {
  const paths = [...new Set(changes.map(({ path }) => path))];
  return paths.map((path) => {
    const of = changes.filter((change) => change.path === path);
    const changing = of.filter(({ text }) => text !== undefined);
    if (changing.length > 1) {
      throw new Failure(`${path} has to be changed twice: ask for the webhooks first, and for --conversion then`);
    }
    return (changing[0] ?? of[0]) as Change;
  });
}

/** One of the project's own, of Kubernetes, or one that was imported. */
async function findKind(
  flags: CreateWebhookFlags,
  { folder }: Project,
): Promise<{ readonly kind: WebhookKind; readonly declared?: DeclaredKind }> {
  const { version, kind } = flags;
  const own: KindNames = { group: wholeGroup(flags.group, projectSettings(folder).domain), version, kind };
  const sources = await sourcesWith(folder, 'defineKind', 'externalKind');
  const kinds = declaredKinds(sources);
  const declared = kinds.find((found) => isWanted(found, own));
  if (declared) return { kind: { ...own, name: declared.name, from: declared.source.path }, declared };
  const others: KindNames = { ...own, group: flags.group === 'core' ? '' : flags.group };
  const module = builtinModule(others);
  if (module !== undefined) return { kind: { ...others, name: kind, from: module } };
  const imported = declaredKinds(sources, 'externalKind').find((found) => isWanted(found, others));
  if (imported) return { kind: { ...others, name: imported.name, from: imported.source.path } };
  const known = kinds.map((each) => `${each.kind} ${each.group}/${each.version}`);
  throw new Failure(
    `there is no ${kind} of ${own.group}/${version} in this project (${known.length > 0 ? `there is ${known.join(', ')}` : 'it defines no kinds'}), none in Kubernetes, and none was imported`,
  );
}

async function admissionChanges(project: Project, kind: WebhookKind, halves: WebhookHalves): Promise<EntryChange> {
  const { folder } = project;
  const { licence } = projectSettings(folder);
  const licensed = (files: readonly ScaffoldFile[]) => missing(folder, withLicence(files, licence));
  const sources = await sourcesWith(folder, 'controller', 'webhook');
  const found = declarationOf(sources, kind, 'webhook') ?? declarationOf(sources, kind, 'controller');
  const sample = kind.from.startsWith('src/api/') ? await sampleOf(folder, kind) : undefined;
  const besideOther = isOfOther(folder, kind);
  if (found) {
    const declaration = { name: found.name ?? '', from: found.source.path };
    const test = webhookTest({ kind, declaration, halves, sample, besideOther });
    const after = withMembers(found, kind, halves);
    if (after === undefined) {
      return { changes: [], advice: adviceFor(found.source.path, kind, halves) };
    }
    const tests = found.name === undefined && sample === undefined ? [] : licensed([test]);
    return { changes: [edited(found.source.path, found.source.text, after), ...tests], advice: '' };
  }
  const path = webhookPath(folder, kind);
  const declaration = { name: webhookName(kind), from: path };
  const entry = await inOperator(project, { list: 'webhooks', ...declaration });
  const files = licensed([
    webhookFile(path, kind, halves),
    webhookTest({ kind, declaration, halves, sample, besideOther }),
  ]);
  return { changes: [...files, ...entry.changes], advice: entry.advice };
}

/** Whether the test under the plain name is of another version of the kind: each imports its own, or its own webhook. */
function isOfOther(folder: string, kind: WebhookKind): boolean {
  const file = join(folder, webhookTestPath(kind));
  return (
    kind.from.startsWith('src/api/') &&
    existsSync(file) &&
    !readFileSync(file, 'utf8').includes(kind.from.slice('src/'.length).replace(/\.ts$/, ''))
  );
}

/** Another version of a kind may have taken the plain name. */
function webhookPath(folder: string, kind: WebhookKind): string {
  const path = `src/webhooks/${fileName(kind)}.ts`;
  return existsSync(join(folder, path)) ? `src/webhooks/${kind.version}/${fileName(kind)}.ts` : path;
}

type Found = ReturnType<typeof callsOf>[number];

function declarationOf(sources: readonly Source[], kind: WebhookKind, by: 'controller' | 'webhook'): Found | undefined {
  const target = { name: kind.name, path: kind.from };
  return sources
    .flatMap((source) => callsOf(source, by))
    .find(({ source, call }) => refersTo(source, call.arguments[0], target));
}

/** The source with the functions that are missing; undefined where the declaration is no object that can be seen. */
function withMembers({ source, call }: Found, kind: WebhookKind, halves: WebhookHalves): string | undefined {
  const object = unwrapped(call.arguments[1]);
  if (object?.type !== 'ObjectExpression') return undefined;
  const members = webhookMembers(kind);
  const wanted = [
    ...(halves.defaulting && !hasMember(object, 'default') ? [members.default] : []),
    ...(halves.validating && !hasMember(object, 'validate') ? [members.validate] : []),
  ];
  if (wanted.length === 0) return source.text;
  const text = inStyle(wanted.join(',\n'), source.style);
  return withEdits(source.text, appendMember(source, object, object.properties, text));
}

function adviceFor(path: string, kind: WebhookKind, { defaulting, validating }: WebhookHalves): string {
  const members = webhookMembers(kind);
  const wanted = [...(defaulting ? [members.default] : []), ...(validating ? [members.validate] : [])].join(',\n');
  return `${path} declares ${kind.kind} in a form that cannot be added to. Add this to it:\n\n${wanted.replaceAll(/^/gm, '  ')},\n`;
}

/** The object of config/samples of that kind: what a server takes. */
async function sampleOf(folder: string, { group, version, kind }: KindNames): Promise<KubeObject | undefined> {
  const { parseAllDocuments } = await import('yaml');
  for (const path of globSync('config/samples/*.{yaml,yml}', { cwd: folder }).sort()) {
    for (const document of parseAllDocuments(readFileSync(join(folder, path), 'utf8'), { version: '1.1' })) {
      const object = document.errors.length === 0 ? (document.toJS() as KubeObject | null) : null;
      if (object?.kind === kind && object.apiVersion === `${group}/${version}`) return object;
    }
  }
  return undefined;
}
