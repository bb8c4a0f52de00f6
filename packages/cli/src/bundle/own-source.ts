import { isBuiltin } from 'node:module';
import { parseModule, type SyntaxNode, walk } from './syntax.ts';
import { Unbundleable } from './unbundleable.ts';

/** One of the project's own modules, and where it lies as seen from the bundle. */
export interface OwnSource {
  /** For messages: relative to the project. */
  readonly name: string;
  readonly code: string;
  /** Relative to the folder of the bundle, with `/`. */
  readonly fromBundle: string;
  /** It is the program, whose `import.meta.main` is true. */
  readonly isProgram: boolean;
}

/**
 * Its code with what it knows of its own place (`import.meta.url`, `dirname`, `filename`, `main`) as it would be, were it
 * not joined with others.
 *
 * @throws Unbundleable for what finds other modules only while it runs
 */
export function inOwnPlace(source: OwnSource): string {
  const { name, code } = source;
  if (!/import\s*\.\s*meta|\bWorker\b|\bfork\b|\bcreateRequire\b|import\s*\(/.test(code)) return code;
  const places: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  walk(parseModule(code), (node, parent) => {
    refuseWhatFindsModules(name, node);
    if (node.type !== 'MetaProperty') return true;
    const member = parent?.type === 'MemberExpression' && parent.computed !== true ? parent.property : undefined;
    const text = placeOf(source, (member as { readonly name?: string } | undefined)?.name);
    if (parent === undefined || text === undefined) {
      throw new Unbundleable(`${name} uses import.meta for more than its url, dirname, filename and main`);
    }
    places.push({ start: parent.start, end: parent.end, text });
    return true;
  });
  let changed = code;
  for (const { start, end, text } of places.sort((a, b) => b.start - a.start)) {
    changed = changed.slice(0, start) + text + changed.slice(end);
  }
  return changed;
}

function placeOf({ fromBundle, isProgram }: OwnSource, member: string | undefined): string | undefined {
  const path = JSON.stringify(fromBundle);
  switch (member) {
    case 'url':
      return `(new URL(${path}, import.meta.url).href)`;
    case 'filename':
      return `(process.getBuiltinModule('node:path').join(import.meta.dirname, ${path}))`;
    case 'dirname':
      return `(process.getBuiltinModule('node:path').join(import.meta.dirname, ${path}, '..'))`;
    case 'main':
      return String(isProgram);
    default:
      return undefined;
  }
}

function refuseWhatFindsModules(name: string, node: SyntaxNode): void {
  const callee = (node.type === 'NewExpression' || node.type === 'CallExpression' ? node.callee : undefined) as
    | { readonly name?: string; readonly property?: { readonly name?: string } }
    | undefined;
  const called = callee?.name ?? callee?.property?.name;
  if (called === 'Worker' || called === 'fork' || called === 'createRequire') {
    throw new Unbundleable(`${name} calls ${called}, which loads modules by their place`);
  }
  if (node.type !== 'ImportExpression') return;
  const { type, quasis } = node.source as SyntaxNode & { readonly quasis?: readonly unknown[] };
  if (type !== 'Literal' && !(type === 'TemplateLiteral' && quasis?.length === 1)) {
    throw new Unbundleable(`${name} imports modules whose names it makes`);
  }
}

/** The package that an import names; undefined for files and for what Node has. */
export function packageOf(specifier: string): string | undefined {
  if (/^(?:[./#\0]|[a-z]+:)/i.test(specifier) || isBuiltin(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

/** The packages that a module needs to be loaded. */
export function packagesImportedBy(code: string): readonly string[] {
  return parseModule(code).flatMap((node) => {
    const { importKind, exportKind, source } = node as { importKind?: string; exportKind?: string; source?: unknown };
    if (importKind === 'type' || exportKind === 'type') return [];
    const specifier = (source as { readonly value?: unknown } | null | undefined)?.value;
    return typeof specifier === 'string' ? (packageOf(specifier) ?? []) : [];
  });
}
