import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions } from 'setpoint/kinds';
import { Failure, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, type Project, projectSettings } from '../project.ts';
import {
  type Change,
  checkVersion,
  crdFile,
  crdName,
  crdPath,
  type DeclaredKind,
  declaredCrd,
  declaredKinds,
  edited,
  hubIs,
  isWanted,
  make,
  missing,
  otherSample,
  otherVersion,
  roundTripTest,
  type ScaffoldFile,
  sourcesWith,
  type Version,
  versionOf,
  versionPath,
  wholeGroup,
  withLicence,
  withVersion,
} from '../scaffold/index.ts';
import { type EntryChange, inOperator } from './operator-entry.ts';

export interface CreateVersionFlags {
  readonly project: string;
  readonly group?: string;
  readonly version: string;
  readonly kind: string;
  /** Which version the new one is made from. */
  readonly from?: string;
  readonly storage?: boolean;
  readonly hub?: boolean;
}

/** Adds a further version of a kind, made from one that there is, and the conversion between them. */
export async function createVersion(flags: CreateVersionFlags, output: Output): Promise<void> {
  const { version, kind } = flags;
  checkVersion(version);
  const project = findProject(flags.project);
  const versions = await versionsOf(flags, project);
  const origin = originOf(versions, flags);
  const present = versions.find((each) => each.version === version);
  const path = present?.source.path ?? versionPath(origin, version, kind);
  const made = present ? undefined : otherVersion(origin, path, version);
  const own: Version = { ...versionOf(present ?? origin), version, path };
  const crd = await crdChanges(project, flags, own, versions.map(versionOf));
  const changes = [
    ...missing(project.folder, made ? [made] : []),
    ...(present ? [{ path, outcome: 'unchanged' as const }] : []),
    ...crd.changes,
    ...missing(project.folder, samples(project.folder, origin, version, kind)),
  ];
  make(project.folder, changes, output);
  output.out(crd.advice);
}

/** All versions of one kind, whichever group it is of where it is not said. */
async function versionsOf(flags: CreateVersionFlags, { folder }: Project): Promise<readonly DeclaredKind[]> {
  const { kind } = flags;
  const group = flags.group === undefined ? undefined : wholeGroup(flags.group, projectSettings(folder).domain);
  const kinds = declaredKinds(await sourcesWith(folder, 'defineKind'));
  const named = kinds.filter((each) => isWanted(each, { group, kind }));
  const found = named.filter((each) => each.version !== undefined);
  const [computed] = named;
  if (computed && found.length === 0) {
    throw new Failure(`${computed.source.path} computes the version of ${kind}: write it as a text, such as 'v1'`);
  }
  const groups = new Set(found.map((each) => each.group));
  if (groups.size > 1) {
    throw new UsageError(`there is a ${kind} in ${[...groups].join(' and in ')}: say which one with --group`);
  }
  if (found.length === 0) {
    const known = [...new Set(kinds.map((each) => each.kind))].join(', ');
    throw new Failure(
      `there is no ${kind}${group === undefined ? '' : ` of ${group}`} in this project (${known === '' ? 'it defines no kinds' : `there is ${known}`}): make its first version with setpoint create api`,
    );
  }
  return found;
}

/** The version that is named, or else the newest of the others. */
function originOf(versions: readonly DeclaredKind[], { from, version, kind }: CreateVersionFlags): DeclaredKind {
  const others = versions
    .filter((each) => each.version !== version)
    .sort((a, b) => compareVersions(a.version ?? '', b.version ?? ''));
  const origin = from === undefined ? others[0] : others.find((each) => each.version === from);
  if (origin) return origin;
  if (from === undefined) throw new Failure(`${kind} has only the version ${version}: name another one with --version`);
  throw new UsageError(
    `--from: ${kind} has no version ${from}; it has ${others.map((each) => each.version).join(', ')}`,
  );
}

/** The module that puts the versions together: with one more of them, or as a new one. */
async function crdChanges(
  project: Project,
  { kind, storage = false, hub = false }: CreateVersionFlags,
  version: Version,
  before: readonly Version[],
): Promise<EntryChange> {
  const others = before.filter((each) => each.version !== version.version);
  const crd = declaredCrd(await sourcesWith(project.folder, 'defineCrd'), [...others, version]);
  if (!crd) return newCrd(project, kind, version, others, { storage, hub });
  const { source, name } = crd;
  if (hub && hubIs(crd, version) === false) {
    throw new Failure(
      `${source.path} has another hub already, to which its spokes convert: change hub and spokes there yourself, or leave --hub out`,
    );
  }
  if (hub && hubIs(crd, version) === undefined) {
    throw new Failure(`${source.path} converts nothing, so there is no hub: leave --hub out, or write hub and spokes`);
  }
  const after = withVersion(crd, { kind, version, versions: [...others, version], storage });
  if (after === undefined) {
    return {
      changes: [],
      advice: `${source.path} declares ${name} in a form that cannot be added to: add ${version.name} of ${version.path} to its versions or spokes\n`,
    };
  }
  const converts = hubIs(crd, version) !== undefined;
  const test = converts
    ? missing(project.folder, licensed(project, [roundTripTest(kind, { name, path: source.path })]))
    : [];
  const entry = await inOperator(project, { list: 'crds', name, from: source.path });
  return { changes: [edited(source.path, source.text, after), ...test, ...entry.changes], advice: entry.advice };
}

async function newCrd(
  project: Project,
  kind: string,
  version: Version,
  others: readonly Version[],
  { storage, hub }: { readonly storage: boolean; readonly hub: boolean },
): Promise<EntryChange> {
  const first = others.toSorted((a, b) => compareVersions(a.version, b.version))[0] as Version;
  const path = crdPath(kind);
  if (existsSync(join(project.folder, path))) {
    throw new Failure(`${path} is there and declares no versions of ${kind}: give it another name first`);
  }
  const centre = hub ? version : first;
  const file = crdFile({
    kind,
    hub: centre,
    storage: storage ? version : first,
    spokes: [...others, version].filter((each) => each !== centre),
  });
  const crd = { name: crdName(kind), path };
  const entry = await inOperator(project, { list: 'crds', name: crd.name, from: path });
  const files = licensed(project, [file, roundTripTest(kind, crd)]);
  return { changes: [...missing(project.folder, files), ...entry.changes], advice: entry.advice };
}

function licensed({ folder }: Project, files: readonly ScaffoldFile[]): readonly ScaffoldFile[] {
  return withLicence(files, projectSettings(folder).licence);
}

/**
 * What `create webhook --conversion` does: the module that puts the versions of a kind together, where there is none.
 *
 * @throws Failure for a kind of one version
 */
export async function conversionChanges(project: Project, declared: DeclaredKind): Promise<EntryChange> {
  const { kind = '', version = '' } = declared;
  const group = declared.group;
  const all = declaredKinds(await sourcesWith(project.folder, 'defineKind')).filter((each) =>
    isWanted(each, { group, kind }),
  );
  if (all.length < 2) {
    throw new Failure(
      `${kind} has only the version ${version}, so that there is nothing to convert: setpoint create version --kind ${kind} --version … makes another one and its conversion`,
    );
  }
  const versions = all.map(versionOf);
  const own = versions.find((each) => each.version === version) as Version;
  const crd = declaredCrd(await sourcesWith(project.folder, 'defineCrd'), versions);
  if (!crd)
    return newCrd(
      project,
      kind,
      own,
      versions.filter((each) => each !== own),
      { storage: false, hub: true },
    );
  if (hubIs(crd, own) === undefined) {
    throw new Failure(
      `${crd.source.path} says that the versions of ${kind} need no conversion: write hub and spokes in place of versions there`,
    );
  }
  const changes: readonly Change[] = [{ path: crd.source.path, outcome: 'unchanged' }];
  const entry = await inOperator(project, { list: 'crds', name: crd.name, from: crd.source.path });
  return { changes: [...changes, ...entry.changes], advice: entry.advice };
}

/** The samples of a version, as samples of another. */
function samples(
  folder: string,
  { version: from = '' }: DeclaredKind,
  to: string,
  kind: string,
): readonly ScaffoldFile[] {
  const pattern = `config/samples/*_${from}_${kind.toLowerCase()}.{yaml,yml}`;
  return globSync(pattern, { cwd: folder })
    .sort()
    .map((path) => ({
      path: path.replaceAll('\\', '/').replace(`_${from}_`, `_${to}_`),
      text: otherSample(readFileSync(join(folder, path), 'utf8'), from, to),
    }));
}
