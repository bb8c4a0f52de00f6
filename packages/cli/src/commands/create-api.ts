import { builtinKind } from '@setpoint/apimachinery/kinds';
import { pluralOf } from 'setpoint/kinds';
import { Failure, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, type Project, projectSettings } from '../project.ts';
import {
  type ApiOptions,
  apiFiles,
  apiOptions,
  builtinModule,
  controllerName,
  type DeclaredKind,
  declaredKinds,
  type ExternalOptions,
  externalFiles,
  fileName,
  isWanted,
  make,
  missing,
  propertyOf,
  sourcesWith,
  stringOf,
  withLicence,
} from '../scaffold/index.ts';
import { inOperator } from './operator-entry.ts';

export interface CreateApiFlags {
  readonly project: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural?: string;
  readonly cluster?: boolean;
  readonly controller: boolean;
  readonly external?: boolean;
  readonly apiApproved?: string;
}

/** Adds a kind, and its controller, to the project; what is there already is left as it is. */
export async function createApi(flags: CreateApiFlags, output: Output): Promise<void> {
  const project = findProject(flags.project);
  return flags.external ? createExternal(flags, project, output) : createOwn(flags, project, output);
}

async function createOwn(flags: CreateApiFlags, project: Project, output: Output): Promise<void> {
  const { domain, licence } = projectSettings(project.folder);
  const options = apiOptions({ ...flags, cluster: flags.cluster ?? false }, domain);
  const kinds = declaredKinds(await sourcesWith(project.folder, 'defineKind'));
  refuseOtherPlace(kinds, options);
  refuseFurtherVersion(kinds, options);
  refuseCollision(kinds, options);
  const entry = await inOperator(
    project,
    options.controller
      ? { list: 'controllers', name: controllerName(options), from: `src/controllers/${fileName(options)}.ts` }
      : { list: 'kinds', name: options.kind, from: pathOf(options) },
  );
  make(project.folder, [...missing(project.folder, withLicence(apiFiles(options), licence)), ...entry.changes], output);
  output.out(entry.advice);
}

function pathOf(options: ApiOptions): string {
  return `src/api/${options.version}/${fileName(options)}.ts`;
}

/** One file for a kind: another group's kind of that name needs a folder of its own, which a person has to make. */
function refuseOtherPlace(kinds: readonly DeclaredKind[], options: ApiOptions): void {
  const path = pathOf(options);
  const other = kinds.find(
    ({ source, kind, group }) =>
      source.path === path &&
      kind?.toLowerCase() === fileName(options) &&
      group !== undefined &&
      group !== options.group,
  );
  if (other) {
    throw new Failure(
      `${path} is the ${other.kind} of the group ${other.group}: give the one of ${options.group} another name`,
    );
  }
  const same = kinds.find((found) => isWanted(found, options));
  if (same && same.source.path !== path) {
    throw new Failure(
      `the ${options.kind} of ${options.group}/${options.version} is there already, in ${same.source.path}`,
    );
  }
}

/** Two versions of a kind are one CRD, which has to say how they go together. */
function refuseFurtherVersion(kinds: readonly DeclaredKind[], { group, version, kind }: ApiOptions): void {
  if (kinds.some((found) => isWanted(found, { group, version, kind }))) return;
  const other = kinds.find((found) => isWanted(found, { group, kind }));
  if (!other) return;
  throw new Failure(
    `the ${kind} of ${group} is there as ${other.version} (${other.source.path}): a further version is made by setpoint create version --kind ${kind} --version ${version}`,
  );
}

/** Another kind of that group and plural would be one resource for the server. */
function refuseCollision(kinds: readonly DeclaredKind[], { group, kind, plural }: ApiOptions): void {
  for (const other of kinds) {
    if (other.group !== group || other.kind === undefined || other.kind === kind) continue;
    if ((other.plural ?? pluralOf(other.kind.toLowerCase())) !== plural) continue;
    throw new Failure(
      `${kind} would be ${plural}.${group}, as ${other.kind} of ${other.source.path} is: give it another one with --plural`,
    );
  }
}

async function createExternal(flags: CreateApiFlags, project: Project, output: Output): Promise<void> {
  const surplus = (['plural', 'cluster', 'apiApproved'] as const).find((name) => flags[name] !== undefined);
  if (surplus !== undefined || !flags.controller) {
    throw new UsageError(
      `--external takes the kind as others define it: leave --${surplus === undefined ? 'no-controller' : surplus.replace('apiApproved', 'api-approved')} out`,
    );
  }
  const options = await findExternal(flags, project);
  const entry = await inOperator(project, {
    list: 'controllers',
    name: controllerName(options),
    from: `src/controllers/${fileName(options)}.ts`,
  });
  make(
    project.folder,
    [
      ...missing(project.folder, withLicence(externalFiles(options), projectSettings(project.folder).licence)),
      ...entry.changes,
    ],
    output,
  );
  output.out(entry.advice);
}

/** A kind of Kubernetes, or one that was imported. */
async function findExternal({ group, version, kind }: CreateApiFlags, project: Project): Promise<ExternalOptions> {
  const names = { group: group === 'core' ? '' : group, version, kind };
  const from = builtinModule(names);
  if (from !== undefined) {
    return { ...names, from, cluster: builtinKind(names.group, version, kind)?.namespaced === false };
  }
  const imported = declaredKinds(await sourcesWith(project.folder, 'externalKind'), 'externalKind');
  const found = imported.find((each) => isWanted(each, names));
  if (!found) {
    throw new Failure(
      `there is no ${kind} of ${[names.group, version].filter(Boolean).join('/')} in Kubernetes, nor was one imported: run setpoint import with its CustomResourceDefinition first`,
    );
  }
  const scope = stringOf(found.source, propertyOf(found.object, 'scope')?.value);
  return { ...names, from: found.source.path, cluster: scope === 'Cluster' };
}
