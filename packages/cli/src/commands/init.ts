import { basename, relative, resolve } from 'node:path';
import manifest from '@setpoint/cli/package.json' with { type: 'json' };
import { UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { projectFiles, writeNewFolder } from '../scaffold/index.ts';

export interface InitFlags {
  readonly name?: string;
  readonly domain: string;
}

/** Makes the project of an operator in a folder that is new or empty. */
export function init(folder: string, flags: InitFlags, output: Output): void {
  const at = resolve(folder);
  const name = flags.name ?? nameFrom(basename(at));
  if (!/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/.test(name)) {
    throw new UsageError(
      `--name is at most 42 lower-case letters, digits and dashes, beginning with a letter, not ${JSON.stringify(name)}`,
    );
  }
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(flags.domain)) {
    throw new UsageError(`--domain is a domain such as example.com, not ${JSON.stringify(flags.domain)}`);
  }
  writeNewFolder(at, projectFiles({ name, domain: flags.domain, version: manifest.version }));
  const near = relative('.', at);
  const here = near.startsWith('..') ? at : near;
  output.out(
    `The operator ${name} is in ${here === '' ? 'this folder' : here}. Next:\n\n${here === '' ? '' : `  cd ${here}\n`}  npm install\n  npx setpoint create api --group … --version v1 --kind …\n  npm run dev\n`,
  );
}

/** What a folder's name leaves of a name. */
function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 42);
  return name === '' ? 'operator' : name;
}
