import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Operator } from 'setpoint/manager';
import { Failure, sentenceOf } from './failure.ts';
import type { Licence } from './scaffold/index.ts';

/** Where an operator's declaration is looked for, if package.json does not name it under `setpoint.operator`. */
const candidates = ['src/operator.ts', 'src/operator.js', 'dist/operator.js'];

export interface Project {
  readonly folder: string;
  /** The module whose default export is the operator. */
  readonly entry: string;
}

/** @throws Failure */
export function findProject(folder: string): Project {
  const at = resolve(folder);
  if (!existsSync(at)) throw new Failure(`the folder ${at} does not exist; name the operator's with --project`);
  const named = projectSettings(at).operator;
  if (named !== undefined && !existsSync(join(at, named)))
    throw new Failure(`${join(at, 'package.json')} names ${named} as the operator, and there is no such file`);
  const entry = named ?? candidates.find((candidate) => existsSync(join(at, candidate)));
  if (entry === undefined)
    throw new Failure(
      `no operator found in ${at}: expected ${candidates[0]} with \`export default operator({ … })\`, or its path under "setpoint": { "operator": … } in package.json`,
    );
  return { folder: at, entry: join(at, entry) };
}

/** @throws Failure if the module cannot be loaded, or is no operator */
export async function loadOperator({ entry }: Project): Promise<Operator> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(entry).href);
  } catch (error) {
    throw new Failure(`cannot load the operator ${entry}: ${whyNotLoaded(error)}`, { cause: error });
  }
  if (isOperator(module.default)) return module.default;
  const found = module.default === undefined ? 'has no default export' : 'has a default export that is no operator';
  throw new Failure(`${entry} ${found}: write \`export default operator({ … })\``);
}

/** By shape: the project may have a copy of the library of its own. */
function isOperator(value: unknown): value is Operator {
  const candidate = value as Partial<Operator> | null | undefined;
  return (
    typeof candidate?.main === 'function' && Array.isArray(candidate.kinds) && Array.isArray(candidate.controllers)
  );
}

/** Where a syntax error is, and what to do about a package that is missing. */
function whyNotLoaded(error: unknown): string {
  const message = sentenceOf(error);
  if (!(error instanceof Error)) return message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes('package'))
    return `${message}; is it in package.json, and installed?`;
  if (!(error instanceof SyntaxError)) return message;
  // Node puts place and line of the source before the stack proper.
  const place = /^(?:file:\/\/)?(\/?[^\n]+:\d+)\n/.exec(error.stack ?? '')?.[1];
  const [what = message] = message.trim().split('\n');
  return `${place ? `${place}: ` : ''}${what}`;
}

/** What package.json says under `setpoint`. */
export interface ProjectSettings {
  /** The module of the operator. */
  readonly operator?: string;
  /** What the groups of its kinds end with. */
  readonly domain?: string;
  /** Whether images run a bundle. @default true */
  readonly bundle?: boolean;
  /** Packages that are in no bundle. */
  readonly external?: readonly string[];
  /** Under which licence new sources are, as `setpoint init` was told. */
  readonly licence?: Licence;
}

/** @throws Failure */
export function projectSettings(folder: string): ProjectSettings {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return {};
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8'))?.setpoint ?? {};
  } catch (error) {
    throw new Failure(`${file} is not valid JSON: ${sentenceOf(error)}`, { cause: error });
  }
  const { operator, domain, license, owner, bundle, external } = settings as Record<string, unknown>;
  if (operator !== undefined && typeof operator !== 'string')
    throw new Failure(`${file}: setpoint.operator has to be the path of a module`);
  if (domain !== undefined && typeof domain !== 'string')
    throw new Failure(`${file}: setpoint.domain has to be a domain, such as example.com`);
  if (bundle !== undefined && typeof bundle !== 'boolean')
    throw new Failure(`${file}: setpoint.bundle has to be true or false`);
  if (external !== undefined && !(Array.isArray(external) && external.every((name) => typeof name === 'string')))
    throw new Failure(`${file}: setpoint.external has to be a list of packages`);
  return {
    ...(bundle === undefined ? {} : { bundle }),
    ...(external === undefined ? {} : { external }),
    ...(operator === undefined ? {} : { operator }),
    ...(domain === undefined ? {} : { domain }),
    ...(license === 'apache2' && typeof owner === 'string' ? { licence: { license, owner } } : {}),
  };
}
