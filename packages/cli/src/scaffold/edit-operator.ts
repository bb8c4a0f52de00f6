import type { parse as Parse } from '@babel/parser';

type Tree = ReturnType<typeof Parse>;
type Statement = Tree['program']['body'][number];
type ObjectExpression = Extract<Node, { type: 'ObjectExpression' }>;
type ArrayExpression = Extract<Node, { type: 'ArrayExpression' }>;
type Node = Extract<Statement, { type: 'ExpressionStatement' }>['expression'];
interface Span {
  readonly start?: number | null;
  readonly end?: number | null;
}

/** What joins an operator: an export of a module, in one of the operator's lists. */
export interface Addition {
  readonly list: 'controllers' | 'kinds' | 'webhooks' | 'crds';
  readonly name: string;
  /** As it stands in an import. */
  readonly module: string;
}

/**
 * The source of an operator with one more controller (kind, …): an import after the others and an item in the list, in
 * the form that the source has already. The same source where it is there. Undefined where there is no
 * `export default operator({ … })` with lists to be seen, or the source cannot be read: then a person has to do it.
 */
export async function addToOperator(source: string, addition: Addition): Promise<string | undefined> {
  const { parse } = await import('@babel/parser');
  let tree: Tree;
  try {
    tree = parse(source, { sourceType: 'module', plugins: ['typescript'] });
  } catch {
    return undefined;
  }
  const declaration = operatorDeclaration(tree);
  if (!declaration) return undefined;
  const listed = withItem(source, declaration, addition);
  return listed === undefined ? undefined : withImport(listed, tree, addition);
}

/** The object in `export default operator({ … })`. */
function operatorDeclaration({ program }: Tree): ObjectExpression | undefined {
  for (const statement of program.body) {
    if (statement.type !== 'ExportDefaultDeclaration') continue;
    const call = statement.declaration;
    if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== 'operator')
      continue;
    const [argument] = call.arguments;
    return argument?.type === 'ObjectExpression' ? argument : undefined;
  }
  return undefined;
}

function withItem(source: string, declaration: ObjectExpression, { list, name }: Addition): string | undefined {
  for (const property of declaration.properties) {
    if (property.type !== 'ObjectProperty' || property.key.type !== 'Identifier' || property.key.name !== list)
      continue;
    return property.value.type === 'ArrayExpression' ? inArray(source, property.value, name) : undefined;
  }
  return insertAfterLast(source, declaration, declaration.properties, `${list}: [${name}]`);
}

function inArray(source: string, array: ArrayExpression, name: string): string {
  const items = array.elements.filter((element) => element !== null);
  if (items.some((item) => item.type === 'Identifier' && item.name === name)) return source;
  return insertAfterLast(source, array, items, name);
}

/** Puts `text` behind the last of some members, on a line of its own where that one has one. */
function insertAfterLast(source: string, whole: Span, members: readonly Span[], text: string): string {
  const last = members.at(-1);
  if (last?.end == null || last.start == null) {
    const open = (whole.start ?? 0) + 1;
    const spaced = source[whole.start ?? 0] === '{' ? ` ${text} ` : text;
    return `${source.slice(0, open)}${spaced}${source.slice((whole.end ?? 0) - 1)}`;
  }
  const rest = source.slice(last.end, (whole.end ?? 0) - 1);
  const comma = /^\s*,/.exec(rest)?.[0];
  const at = last.end + (comma?.length ?? 0);
  const lineStart = source.lastIndexOf('\n', last.start) + 1;
  const indent = source.slice(lineStart, last.start);
  const ownLine = rest.includes('\n') && indent.trim() === '';
  const inserted = ownLine
    ? `${comma ? '' : ','}\n${indent}${text}${comma ? ',' : ''}`
    : `${comma ? '' : ','} ${text}${comma ? ',' : ''}`;
  return `${source.slice(0, at)}${inserted}${source.slice(at)}`;
}

/** All imports stand before the declaration, so that their places are those of the tree. */
function withImport(source: string, { program }: Tree, { name, module }: Addition): string {
  const imports = program.body.filter((statement) => statement.type === 'ImportDeclaration');
  const known = imports.some(({ specifiers }) => specifiers.some((specifier) => specifier.local.name === name));
  if (known) return source;
  const quote = source.includes("from '") || !source.includes('from "') ? "'" : '"';
  const semicolon = imports.length === 0 || imports.some(({ end }) => source[(end ?? 1) - 1] === ';') ? ';' : '';
  const line = `import { ${name} } from ${quote}${module}${quote}${semicolon}`;
  const last = imports.at(-1)?.end;
  return last == null ? `${line}\n\n${source}` : `${source.slice(0, last)}\n${line}${source.slice(last)}`;
}
