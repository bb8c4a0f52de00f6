import { parseAst } from 'rolldown/parseAst';

/** A node of a syntax tree (ESTree), as far as it matters here. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** The statements of a module; TypeScript or JavaScript. */
export function parseModule(code: string): readonly SyntaxNode[] {
  return parseAst(code, { lang: 'ts' }).body as unknown as readonly SyntaxNode[];
}

/**
 * Calls back with every node below these, and what it is part of, until `visit` answers false: what is inside that one is
 * left out.
 */
export function walk(
  nodes: readonly SyntaxNode[],
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => boolean,
): void {
  const pending = nodes.map((node) => [node, undefined as SyntaxNode | undefined] as const);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [node, parent] = next;
    if (!visit(node, parent)) continue;
    for (const member of Object.values(node)) {
      for (const inner of Array.isArray(member) ? member : [member]) if (isNode(inner)) pending.push([inner, node]);
    }
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof (value as SyntaxNode | null)?.type === 'string';
}

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'PropertyDefinition',
]);

/** Whether a module is waited for while it is evaluated: what imports it then comes to a stop, too. */
export function awaitsAtTop(code: string): boolean {
  if (!/\bawait\b/.test(code)) return false;
  let found = false;
  walk(parseModule(code), (node) => {
    found ||= node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true);
    found ||= node.type === 'VariableDeclaration' && node.kind === 'await using';
    return !found && !functions.has(node.type);
  });
  return found;
}
