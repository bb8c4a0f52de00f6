import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Operator } from 'setpoint/manager';
import { Failure } from './failure.ts';

/** Where an operator's declaration is looked for, if package.json does not name it under `setpoint.operator`. */
const candidates = ['src/operator.ts', 'src/operator.js', 'dist/operator.js'];

export interface Project {
  readonly folder: string;
  /** The module whose default export is the operator. */
  readonly entry: string;
}

export function findProject(folder: string): Project {
  const at = resolve(folder);
  if (!existsSync(at)) throw new Failure(`the folder ${at} does not exist; name the operator's with --project`);
  const named = namedEntry(at);
  if (named && !existsSync(join(at, named)))
    throw new Failure(`${join(at, 'package.json')} names ${named} as the operator, and there is no such file`);
  const entry = named ?? candidates.find((candidate) => existsSync(join(at, candidate)));
  if (!entry)
    throw new Failure(
      `no operator found in ${at}: expected ${candidates[0]} with \`export default operator({ … })\`, or its path under "setpoint": { "operator": … } in package.json`,
    );
  return { folder: at, entry: join(at, entry) };
}

export async function loadOperator(project: Project): Promise<Operator> {
  const module = await import(pathToFileURL(project.entry).href);
  if (!isOperator(module.default))
    throw new Failure(
      `the default export of ${project.entry} is no operator: write \`export default operator({ … })\``,
    );
  return module.default;
}

/** By shape: the project may have a copy of the library of its own. */
function isOperator(value: unknown): value is Operator {
  const candidate = value as Partial<Operator> | undefined;
  return typeof candidate?.main === 'function' && Array.isArray(candidate.kinds);
}

function namedEntry(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).setpoint?.operator;
  } catch (error) {
    throw new Failure(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}
