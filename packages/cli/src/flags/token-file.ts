import { readFileSync } from 'node:fs';
import type { UserInfo } from '@setpoint/controlplane';
import { FlagError } from './parse.ts';

/**
 * Reads the CSV of --token-auth-file: token, user name, user uid and, quoted, its groups.
 *
 * @throws FlagError for a line that has fewer members; it names the line, never what stands there
 */
export function readTokenFile(path: string): Readonly<Record<string, UserInfo>> {
  const tokens = new Map<string, UserInfo>();
  for (const [i, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [token = '', name = '', uid, groups = ''] = members(line);
    if (uid === undefined)
      throw new FlagError(`--token-auth-file: line ${i + 1} of ${path} must have a token, a user name and a user uid`);
    if (token === '') continue;
    tokens.set(token, { name, ...(uid === '' ? {} : { uid }), groups: groups === '' ? [] : groups.split(',') });
  }
  return Object.fromEntries(tokens);
}

/** Members of one line: bare, or in double quotes, in which two stand for one. */
function members(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare = '']) =>
    quoted === undefined ? bare.trim() : quoted.replaceAll('""', '"'),
  );
}
