import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineKind } from 'setpoint/kinds';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, projectSettings } from '../project.ts';
import {
  type Addition,
  type ApiOptions,
  addToOperator,
  apiFiles,
  controllerName,
  fileName,
  writeMissing,
} from '../scaffold/index.ts';

export interface CreateApiFlags {
  readonly project: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural?: string;
  readonly cluster?: boolean;
  readonly controller: boolean;
}

/** Adds a kind, and its controller, to the project; what is there already is left as it is. */
export async function createApi(flags: CreateApiFlags, output: Output): Promise<void> {
  const project = findProject(flags.project);
  const options = optionsOf(flags, projectSettings(project.folder).domain);
  refuseOtherGroup(project.folder, options);
  refuseCollision(project.folder, options);
  const { written, unchanged, kept } = writeMissing(project.folder, apiFiles(options));
  for (const path of written) output.out(`${path} written\n`);
  for (const path of unchanged) output.out(`${path} unchanged\n`);
  for (const path of kept) output.out(`${path} is there and was changed: left alone\n`);
  await addToEntry(project.entry, options, project.folder, output);
}

function optionsOf(flags: CreateApiFlags, domain: string | undefined): ApiOptions {
  const group = domain === undefined || flags.group.includes('.') ? flags.group : `${flags.group}.${domain}`;
  if (/(^|\.)(k8s|kubernetes)\.io$/.test(group)) {
    throw new UsageError(
      `the group ${group} belongs to Kubernetes: a server takes its kinds only with an approval; use a domain of your own`,
    );
  }
  const names = { group, version: flags.version, kind: flags.kind };
  try {
    const formed = defineKind(names);
    const { plural } = flags.plural === undefined ? formed : defineKind({ ...names, plural: flags.plural });
    return {
      ...names,
      plural,
      ownPlural: plural !== formed.plural,
      cluster: flags.cluster ?? false,
      controller: flags.controller,
    };
  } catch (error) {
    throw new UsageError(sentenceOf(error), { cause: error });
  }
}

/** One file for a kind: another group's kind of that name needs a folder of its own, which a person has to make. */
function refuseOtherGroup(folder: string, options: ApiOptions): void {
  const path = `src/api/${options.version}/${fileName(options)}.ts`;
  if (!existsSync(join(folder, path))) return;
  const group = /\bgroup:\s*['"]([^'"]+)['"]/.exec(readFileSync(join(folder, path), 'utf8'))?.[1];
  if (group === undefined || group === options.group) return;
  throw new Failure(
    `${path} is the ${options.kind} of the group ${group}: give the one of ${options.group} another name`,
  );
}

/** Another kind of that group and plural would be one resource for the server. */
function refuseCollision(folder: string, { group, kind, plural }: ApiOptions): void {
  for (const path of globSync('src/api/**/*.{ts,js}', { cwd: folder })) {
    const text = readFileSync(join(folder, path), 'utf8');
    if (!text.includes(`'${group}'`) && !text.includes(`"${group}"`)) continue;
    const other = /\bkind:\s*['"]([A-Za-z0-9]+)['"]/.exec(text)?.[1];
    if (other === undefined || other === kind) continue;
    const otherPlural =
      /\bplural:\s*['"]([a-z0-9-]+)['"]/.exec(text)?.[1] ?? defineKind({ group, version: 'v1', kind: other }).plural;
    if (otherPlural === plural) {
      throw new Failure(
        `${kind} would be ${plural}.${group}, as ${other} of ${path} is: give it another one with --plural`,
      );
    }
  }
}

/** Names the controller, or the kind, in the operator. */
async function addToEntry(entry: string, options: ApiOptions, folder: string, output: Output): Promise<void> {
  const name = fileName(options);
  const addition: Addition = options.controller
    ? { list: 'controllers', name: controllerName(options), module: `./controllers/${name}.ts` }
    : { list: 'kinds', name: options.kind, module: `./api/${options.version}/${name}.ts` };
  const path = relative(folder, entry);
  const source = readFileSync(entry, 'utf8');
  const changed = await addToOperator(source, addition);
  if (changed === undefined) {
    output.out(
      `${path} does not say \`export default operator({ … })\` in a form that can be added to. Add this to it:\n\n  import { ${addition.name} } from '${addition.module}';\n  … ${addition.list}: [${addition.name}]\n`,
    );
    return;
  }
  if (changed === source) {
    output.out(`${path} unchanged\n`);
    return;
  }
  writeFileSync(entry, changed);
  output.out(`${path} changed\n`);
}
