import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { command, type Result, temporaryFolder } from './command.ts';

const packages = join(import.meta.dirname, '../../../node_modules');

/** A project as `setpoint init` makes it, which goes with the test. */
export interface Scaffolded {
  readonly folder: string;
  /** Runs a command in it. */
  run(...argv: readonly string[]): Promise<Result>;
  /** The same, which has to succeed; what it said. */
  runs(line: string): Promise<string>;
  read(path: string): string;
  write(path: string, text: string): void;
  /** All sources, with their texts. */
  files(): Readonly<Record<string, string>>;
}

export async function scaffolded(): Promise<Scaffolded> {
  const folder = join(temporaryFolder(), 'demo');
  expect((await command('init', folder, '--no-api', '--domain', 'my.domain')).code).toBe(0);
  symlinkSync(packages, join(folder, 'node_modules'));
  const run = (...argv: readonly string[]) => command(...argv, '--project', folder);
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  return {
    folder,
    run,
    read,
    async runs(line) {
      const { code, out, err } = await run(...line.split(' '));
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out;
    },
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    files: () =>
      Object.fromEntries(
        ['src', 'test', 'config', 'package.json', 'setpoint.config.ts']
          .filter((name) => existsSync(join(folder, name)))
          .flatMap((name) => (/\./.test(name) ? [name] : below(folder, name)))
          .map((path) => [path, read(path)]),
      ),
  };
}

function below(folder: string, name: string): readonly string[] {
  return readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
