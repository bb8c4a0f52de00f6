// What the public doors of a package export, with the comments that stand before it: exports followed to where they are
// declared, by the syntax alone.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type ParseResult, parse } from '@babel/parser';

type Program = ParseResult['program'];
type Statement = Program['body'][number];
/** A node of the tree, of which only its type, its comments and its place are known. */
interface Node {
  readonly type: string;
  readonly leadingComments?: readonly { readonly type: string; readonly value: string }[] | null;
  readonly loc?: { readonly start: { readonly line: number } } | null;
}

/** One public declaration. */
export interface PublicSymbol {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The text of its doc comment; undefined: it has none. */
  readonly comment: string | undefined;
  /** Names of the interfaces that a class implements, and of what the comment links to: their comments count for it. */
  readonly relatives: readonly string[];
  readonly members: readonly PublicMember[];
}

/** A member of an exported interface, class or object type. */
export interface PublicMember {
  readonly name: string;
  readonly line: number;
  readonly comment: string | undefined;
  readonly callable: boolean;
  readonly optional: boolean;
  /** Whether it is a number, of which one has to say the unit or what is counted. */
  readonly numeric: boolean;
}

/** Reads the sources of all packages, each file once. */
export function publicSymbols(doors: readonly string[], read: (file: string) => string): readonly PublicSymbol[] {
  const programs = new Map<string, Program>();
  const programOf = (file: string): Program => {
    const known = programs.get(file);
    if (known) return known;
    const parsed = parse(read(file), { sourceType: 'module', plugins: ['typescript'], sourceFilename: file }).program;
    programs.set(file, parsed);
    return parsed;
  };
  const found = new Map<string, PublicSymbol>();
  for (const door of doors) {
    for (const [name, symbol] of exportsOf(door, programOf, new Set())) {
      found.set(`${symbol.file}#${symbol.name === 'default' ? name : symbol.name}`, symbol);
    }
  }
  return [...found.values()];
}

type Exports = ReadonlyMap<string, PublicSymbol>;

function exportsOf(file: string, programOf: (file: string) => Program, visited: Set<string>): Exports {
  const found = new Map<string, PublicSymbol>();
  if (visited.has(file)) return found;
  visited.add(file);
  const inside = (specifier: string): Exports => {
    const target = resolveModule(file, specifier);
    return target === undefined ? new Map() : exportsOf(target, programOf, new Set(visited));
  };
  const program = programOf(file);
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      for (const [name, symbol] of inside(statement.source.value)) found.set(name, symbol);
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const symbol of declaredBy(statement, file)) {
        if (!found.has(symbol.name)) found.set(symbol.name, symbol);
      }
      for (const specifier of statement.specifiers) {
        if (specifier.type !== 'ExportSpecifier') continue;
        const local = nameOf(specifier.local);
        const symbol = statement.source
          ? inside(statement.source.value).get(local)
          : localSymbol(program, local, file, inside);
        if (symbol) found.set(nameOf(specifier.exported), symbol);
      }
    }
  }
  return found;
}

/** What a module exports that it declared, or imported, under that name. */
function localSymbol(
  program: Program,
  name: string,
  file: string,
  inside: (specifier: string) => Exports,
): PublicSymbol | undefined {
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const specifier of statement.specifiers) {
        if (specifier.type !== 'ImportSpecifier' || specifier.local.name !== name) continue;
        return inside(statement.source.value).get(nameOf(specifier.imported));
      }
    }
    const declared = declarationsOf(statement, statement, file).find((symbol) => symbol.name === name);
    if (declared) return declared;
  }
  return undefined;
}

function declaredBy(statement: Statement & { readonly type: 'ExportNamedDeclaration' }, file: string): PublicSymbol[] {
  return statement.declaration ? declarationsOf(statement.declaration as Statement, statement, file) : [];
}

/** Of overloads the first is described, and the others with it; `commented` is what the comment stands before. */
function declarationsOf(declaration: Statement, commented: Node, file: string): PublicSymbol[] {
  const make = (name: string, members: readonly PublicMember[] = []): PublicSymbol => {
    const comment = docCommentOf(commented);
    const linked = [...(comment ?? '').matchAll(/\{@link ([\w$]+)\}/g)].map(([, target = '']) => target);
    const line = declaration.loc?.start.line ?? 0;
    return { name, file, line, comment, relatives: [...linked, ...implementedBy(declaration)], members };
  };
  switch (declaration.type) {
    case 'TSInterfaceDeclaration':
      return [make(declaration.id.name, membersOf(declaration.body.body))];
    case 'TSTypeAliasDeclaration':
      return [make(declaration.id.name, literalMembers(declaration.typeAnnotation))];
    case 'ClassDeclaration':
      return declaration.id ? [make(declaration.id.name, membersOf(declaration.body.body))] : [];
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return declaration.id ? [make(declaration.id.name)] : [];
    case 'VariableDeclaration':
      return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [make(id.name)] : []));
    default:
      return [];
  }
}

function implementedBy(declaration: Node): string[] {
  if (declaration.type !== 'ClassDeclaration') return [];
  const { implements: clauses } = declaration as Node & {
    readonly implements?: readonly { readonly expression?: { readonly name?: string } }[] | null;
  };
  return (clauses ?? []).flatMap(({ expression }) => expression?.name ?? []);
}

/** The members of the object types that a type alias is made of. */
function literalMembers(type: Node): PublicMember[] {
  if (type.type === 'TSTypeLiteral') return membersOf((type as Node & { members: readonly Node[] }).members);
  if (type.type === 'TSIntersectionType') {
    return (type as Node & { types: readonly Node[] }).types.flatMap(literalMembers);
  }
  return [];
}

interface MemberNode extends Node {
  readonly key?: Node & { readonly name?: string; readonly value?: unknown };
  readonly computed?: boolean;
  readonly optional?: boolean;
  readonly accessibility?: string | null;
  readonly kind?: string;
  readonly typeAnnotation?: { readonly typeAnnotation?: Node } | null;
}

function membersOf(nodes: readonly Node[]): PublicMember[] {
  const members = new Map<string, PublicMember>();
  for (const node of nodes as readonly MemberNode[]) {
    const hidden = node.accessibility === 'private' || node.key?.type === 'PrivateName' || node.kind === 'constructor';
    if (hidden || node.computed || !node.key) continue;
    const name = node.key.name ?? String(node.key.value ?? '');
    // Of overloads, and of a getter with its setter, one comment stands for all.
    const comment = members.get(name)?.comment ?? docCommentOf(node);
    const type = node.typeAnnotation?.typeAnnotation;
    members.set(name, {
      name,
      line: node.loc?.start.line ?? 0,
      comment,
      callable:
        (/Method/.test(node.type) && node.kind !== 'get' && node.kind !== 'set') || type?.type === 'TSFunctionType',
      optional: node.optional === true,
      numeric: isNumeric(type),
    });
  }
  return [...members.values()];
}

function isNumeric(type: Node | undefined): boolean {
  if (type?.type === 'TSUnionType') return (type as Node & { types: readonly Node[] }).types.some(isNumeric);
  return type?.type === 'TSNumberKeyword';
}

/** The doc comment before a node; between the two only remarks to the linter may stand. */
function docCommentOf(node: Node): string | undefined {
  const comment = node.leadingComments?.findLast(({ value }) => !value.includes('biome-ignore'));
  if (comment?.type !== 'CommentBlock' || !comment.value.startsWith('*')) return undefined;
  return comment.value
    .split('\n')
    .map((line) => line.replace(/^\s*\*+\s?/, '').trimEnd())
    .join('\n')
    .trim();
}

/** The file that a specifier means; undefined for what is not ours. */
function resolveModule(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const [, folder, door = '.'] = /^@setpoint\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (folder === undefined) return undefined;
  return doorsOf(join('packages', folder)).get(door === '.' ? '.' : `./${door}`);
}

/** The public doors of a package that are sources, by their path in `exports`. */
export function doorsOf(folder: string): ReadonlyMap<string, string> {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return new Map();
  const { exports }: { exports: Readonly<Record<string, string>> } = JSON.parse(readFileSync(manifest, 'utf8'));
  const sources = Object.entries(exports).filter(([, file]) => file.endsWith('.ts'));
  return new Map(sources.map(([door, file]) => [door, join(folder, file)]));
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: string }): string {
  return node.name ?? node.value ?? '';
}
