import { readFileSync } from 'node:fs';
import { FlagError } from './parse.ts';

/**
 * The text of a file that a flag names.
 *
 * @throws FlagError naming flag and file
 */
export function readFlagFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FlagError(`--${flag}: ${path} cannot be read (${code})`);
  }
}
