import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, withoutExtension } from './edit-imports.ts';
import {
  type CallExpression,
  constants,
  type ObjectExpression,
  parseSource,
  propertyOf,
  type Source,
  stringOf,
  unwrapped,
} from './edit-source.ts';

/** A kind that a source of the project defines. */
export interface DeclaredKind {
  readonly source: Source;
  /** What its module calls it. */
  readonly name: string;
  readonly exported: boolean;
  readonly object: ObjectExpression;
  /** Undefined where it is computed. */
  readonly group: string | undefined;
  readonly version: string | undefined;
  readonly kind: string | undefined;
  readonly plural: string | undefined;
}

/** A call of the library with something to read in it. */
export interface Declaration {
  readonly source: Source;
  /** The constant whose value it is, where it is one. */
  readonly name: string | undefined;
  readonly call: CallExpression;
}

/** The functions of the library by which a project declares what it is made of. */
type Declarer = 'defineKind' | 'defineCrd' | 'controller' | 'webhook' | 'externalKind';

/**
 * The sources of a project that call one of these functions of the library, parsed.
 *
 * @throws Failure naming file and line for one that cannot be parsed
 */
export async function sourcesWith(folder: string, ...functions: readonly Declarer[]): Promise<readonly Source[]> {
  const mention = new RegExp(`\\b(${functions.join('|')})\\b`);
  const paths = globSync('src/**/*.{ts,mts,js,mjs}', { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/\.(d|test|spec)\.[cm]?ts$/.test(path))
    .sort();
  const sources: Source[] = [];
  for (const path of paths) {
    const text = readFileSync(join(folder, path), 'utf8');
    if (mention.test(text)) sources.push(await parseSource(path, text));
  }
  return sources;
}

/** Reads one source; undefined if there is no such file. */
export async function sourceAt(folder: string, path: string): Promise<Source | undefined> {
  const file = join(folder, path);
  return existsSync(file) ? parseSource(path, readFileSync(file, 'utf8')) : undefined;
}

/** All calls of a function of the library, in constants or anywhere else. */
export function callsOf(source: Source, callee: Declarer): readonly Declaration[] {
  const local = importsOf(source).find(
    ({ name, from, type }) => name === callee && !type && from.split('/')[0] === 'setpoint',
  )?.local;
  if (local === undefined) return [];
  const named = new Map(constants(source).map(({ name, init }) => [init as unknown, name]));
  const found: Declaration[] = [];
  walk(source.body, (node) => {
    const call = node as unknown as CallExpression;
    if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== local) return;
    found.push({ source, name: named.get(call), call });
  });
  return found;
}

function walk(node: unknown, visit: (node: { readonly type: string }) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && typeof node.type === 'string') visit(node as { readonly type: string });
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'loc' && !key.endsWith('Comments') && typeof value === 'object') walk(value, visit);
  }
}

/** The kinds that sources define by `defineKind` (or `externalKind`) with an object that can be read. */
export function declaredKinds(
  sources: readonly Source[],
  by: 'defineKind' | 'externalKind' = 'defineKind',
): readonly DeclaredKind[] {
  return sources.flatMap((source) => {
    const exported = new Set(constants(source).flatMap((each) => (each.exported ? [each.name] : [])));
    return callsOf(source, by).flatMap(({ name, call }) => {
      const object = unwrapped(call.arguments[0]);
      if (name === undefined || object?.type !== 'ObjectExpression') return [];
      const text = (member: string) => stringOf(source, propertyOf(object, member)?.value);
      return [
        {
          source,
          name,
          exported: exported.has(name),
          object,
          group: text('group'),
          version: text('version'),
          kind: text('kind'),
          plural: text('plural'),
        },
      ];
    });
  });
}

/** Which kinds are meant; what cannot be read may be any. */
export interface Wanted {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind: string;
}

export function isWanted(found: DeclaredKind, { group, version, kind }: Wanted): boolean {
  const fits = (value: string | undefined, wanted: string | undefined) =>
    value === undefined || wanted === undefined || value === wanted;
  return found.kind === kind && fits(found.group, group) && fits(found.version, version);
}

/** Whether an expression names what a module exports. */
export function refersTo(source: Source, node: unknown, target: { readonly name: string; readonly path: string }) {
  const value = unwrapped(node);
  if (value?.type !== 'Identifier') return false;
  if (source.path === target.path && value.name === target.name) return true;
  return importsOf(source).some(
    ({ local, name, from }) =>
      local === value.name && name === target.name && withoutExtension(from) === withoutExtension(target.path),
  );
}
