import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ProjectConfig } from 'setpoint/deployment';
import { Failure, sentenceOf } from '../failure.ts';

const names = ['setpoint.config.ts', 'setpoint.config.js'];

/**
 * The default export of `setpoint.config.ts`; without such a file, an empty one.
 *
 * @throws Failure if it cannot be loaded, or says something that there is not
 */
export async function loadProjectConfig(folder: string): Promise<ProjectConfig> {
  const file = names.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (file === undefined) return {};
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Failure(`cannot load ${file}: ${sentenceOf(error)}`, { cause: error });
  }
  const config = module.default;
  if (typeof config !== 'object' || config === null) {
    throw new Failure(`${file} has to \`export default defineConfig({ … })\``);
  }
  const unknown = Object.keys(config).find((key) => key !== 'deployment');
  if (unknown !== undefined) throw new Failure(`${file}: there is no setting ${unknown}; there is deployment`);
  return config;
}
