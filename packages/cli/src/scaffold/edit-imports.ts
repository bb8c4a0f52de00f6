import { posix } from 'node:path';
import {
  type Edit,
  endOf,
  endOfLine,
  insertion,
  type Source,
  type Span,
  type Statement,
  startOf,
} from './edit-source.ts';

type ImportDeclaration = Extract<Statement, { type: 'ImportDeclaration' }>;

/** Something that a module is to import. */
export interface Import {
  readonly name: string;
  /** What it is called in the module. @default its name */
  readonly local?: string;
  /** A package, or a path from the root of the project with its extension, such as `src/api/v1/foo.ts`. */
  readonly from: string;
}

/** What a module imports under a name. */
export interface Imported {
  readonly local: string;
  /** `default`, or `*` for a namespace. */
  readonly name: string;
  /** As in `Import`. */
  readonly from: string;
  /** Whether only its type is imported. */
  readonly type: boolean;
}

/** Everything that a module imports. */
export function importsOf(source: Source): readonly Imported[] {
  return declarations(source).flatMap((declaration) =>
    declaration.specifiers.map((specifier) => ({
      local: specifier.local.name,
      name: importedName(specifier),
      from: resolved(source.path, declaration.source.value),
      type:
        declaration.importKind === 'type' || (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type'),
    })),
  );
}

function importedName(specifier: ImportDeclaration['specifiers'][number]): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}

function declarations(source: Source): readonly ImportDeclaration[] {
  return source.body.filter((statement) => statement.type === 'ImportDeclaration');
}

/** What a module calls an import; undefined where it has none. */
export function localNameOf(source: Source, { name, from }: Import): string | undefined {
  return importsOf(source).find(
    (found) => !found.type && found.name === name && withoutExtension(found.from) === withoutExtension(from),
  )?.local;
}

/** Whether a name means something in a module already. */
export function isTaken(source: Source, name: string): boolean {
  if (importsOf(source).some(({ local }) => local === name)) return true;
  return source.body.some((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type === 'VariableDeclaration')
      return declaration.declarations.some(({ id }) => id.type === 'Identifier' && id.name === name);
    const { id } = (declaration ?? {}) as { readonly id?: { readonly name?: string } | null };
    return id?.name === name;
  });
}

/** The edits that import what is not imported; among the names of its module, or behind the other imports. */
export function addImports(source: Source, wanted: readonly Import[]): readonly Edit[] {
  const missing = wanted.filter((each) => localNameOf(source, each) === undefined);
  const present = declarations(source);
  const edits: Edit[] = [];
  const lines: string[] = [];
  for (const from of new Set(missing.map((each) => each.from))) {
    const names = missing
      .filter((each) => each.from === from)
      .map(({ name, local = name }) => (local === name ? name : `${name} as ${local}`));
    const joined = present.find(
      (declaration) =>
        declaration.importKind !== 'type' &&
        withoutExtension(resolved(source.path, declaration.source.value)) === withoutExtension(from) &&
        declaration.specifiers.some(({ type }) => type === 'ImportSpecifier'),
    );
    const last = joined?.specifiers.at(-1);
    if (last) edits.push(insertion(endOf(last), names.map((name) => `, ${name}`).join('')));
    else lines.push(importLine(source, names.join(', '), specifierOf(source, from)));
  }
  return lines.length === 0 ? edits : [...edits, newLines(source, present.at(-1), lines)];
}

function newLines(source: Source, last: Span | undefined, lines: readonly string[]): Edit {
  const { newline } = source.style;
  if (last) return insertion(endOfLine(source, endOf(last)), lines.map((line) => `${newline}${line}`).join(''));
  return insertion(firstPlace(source), `${lines.join(newline)}${newline}${newline}`);
}

/** Before the first statement and the comment that belongs to it; a header with an empty line behind it stays above. */
function firstPlace({ body, comments, text }: Source): number {
  let at = body[0] ? startOf(body[0]) : text.length;
  for (const { start, end } of comments.filter((comment) => comment.end <= at).reverse()) {
    if (/\n\s*\n/.test(text.slice(end, at))) break;
    at = start;
  }
  return at;
}

function importLine({ style: { quote, semicolon } }: Source, names: string, module: string): string {
  return ['import', '{', names, '}', 'from', `${quote}${module}${quote}${semicolon}`].join(' ');
}

/** As other imports of that module say it: some projects import what TypeScript will have made. */
function specifierOf(source: Source, from: string): string {
  if (!from.startsWith('src/') && !from.startsWith('test/')) return from;
  const path = posix.relative(posix.dirname(source.path), from);
  const relative = path.startsWith('.') ? path : `./${path}`;
  const others = declarations(source)
    .map((declaration) => declaration.source.value)
    .filter((other) => other.startsWith('.'));
  return others.length > 0 && others.every((other) => other.endsWith('.js')) ? relative.replace(/ts$/, 'js') : relative;
}

/** The path of a module from the root of the project, if it is one of the project's. */
function resolved(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
}

export function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/, '');
}
