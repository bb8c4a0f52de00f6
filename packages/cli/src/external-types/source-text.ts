import { createHash } from 'node:crypto';
import { keyText, literal, quotedText } from '../scaffold/index.ts';
import type { Definition, DefinitionVersion } from './definitions.ts';
import { differs, type Field, fieldOf, keyOf, type Member, type Shape } from './shapes.ts';
import { nameTypes } from './type-names.ts';

type ObjectShape = Extract<Shape, { type: 'object' }>;
/** As the server answers, or as a person writes. */
type Side = 'output' | 'input';

/** The longest line that is written in one. */
const width = 110;

/** A module with the kind and the types of its objects. The same definition gives the same text. */
export function sourceText(definition: Definition, version: DefinitionVersion): string {
  const { group, kind } = definition;
  const shape = fieldOf({ ...version.schema, type: 'object' }).shape as ObjectShape;
  const root = {
    ...shape,
    members: shape.members.filter(({ name }) => !['apiVersion', 'kind', 'metadata'].includes(name)),
  };
  const names = nameTypes(kind, root, [kind, `${kind}Input`]);
  const declared = new Set([kind, `${kind}Input`, ...[...names.values()].flatMap((name) => [name, `${name}Input`])]);
  const metadata = definition.scope === 'Cluster' ? 'ServedMetadata' : 'NamespacedMetadata';
  const local = (name: string) => (declared.has(name) ? `Setpoint${name}` : name);
  const imported = [
    'externalKind',
    ...['MetadataInput', metadata].map((name) => `type ${name}${local(name) === name ? '' : ` as ${local(name)}`}`),
  ];
  const apiVersion = `${group}/${version.name}`;
  const doc = [version.schema.description, version.deprecated ? '@deprecated' : undefined].filter(Boolean).join('\n\n');
  const writer = { names };
  const body = `${['import', '{', imported.join(', '), '}', 'from', "'setpoint';"].join(' ')}

${comment(doc, '')}export const ${kind} = externalKind<${kind}, ${kind}Input>({
${optionsOf(definition, version)}});

${comment(doc, '')}export interface ${kind} {
  readonly apiVersion: ${quotedText(apiVersion)};
  readonly kind: ${quotedText(kind)};
  readonly metadata: ${local(metadata)};
${membersText(root, 'output', writer)}}

/** ${kind} as a person writes it: what the server fills in may be missing. */
export interface ${kind}Input {
  readonly apiVersion?: ${quotedText(apiVersion)};
  readonly kind?: ${quotedText(kind)};
  readonly metadata: ${local('MetadataInput')};
${membersText(asWritten(root, version), 'input', writer)}}
${interfaces(root, writer)}`;
  return `${header(definition, digest(body))}${body}`;
}

/** A person may leave the status out, which its controller writes. */
function asWritten(root: ObjectShape, { status }: DefinitionVersion): ObjectShape {
  const members = root.members.map((member) =>
    status && member.name === 'status' ? { ...member, required: false } : member,
  );
  return { ...root, members };
}

function optionsOf(
  { group, kind, plural, singular, shortNames, categories, scope }: Definition,
  version: DefinitionVersion,
) {
  const options = {
    group,
    version: version.name,
    kind,
    plural,
    ...(singular === kind.toLowerCase() ? {} : { singular }),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(scope === 'Cluster' ? { scope } : {}),
    ...(version.status ? { status: true } : {}),
    ...(version.scale ? { scale: true } : {}),
  };
  return Object.entries(options)
    .map(([name, value]) => `  ${name}: ${literal(value)},\n`)
    .join('');
}

interface Writer {
  readonly names: ReadonlyMap<string, string>;
}

/** All objects below the root, each once, in the order in which they are met. */
function interfaces(root: ObjectShape, writer: Writer): string {
  const written = new Set<string>();
  const texts: string[] = [];
  const visit = (shape: Shape, description: string | undefined): void => {
    if (shape.type === 'list') visit(shape.items.shape, description);
    if (shape.type === 'map') visit(shape.values.shape, description);
    const key = keyOf(shape);
    const name = writer.names.get(key);
    if (shape.type !== 'object' || name === undefined || written.has(key)) return;
    written.add(key);
    texts.push(interfaceText(name, shape, description, writer));
    for (const member of shape.members) visit(member.shape, member.description);
  };
  for (const member of root.members) visit(member.shape, member.description);
  return texts.join('');
}

function interfaceText(name: string, shape: ObjectShape, description: string | undefined, writer: Writer): string {
  const output = `
${comment(description, '')}export interface ${name} {
${membersText(shape, 'output', writer)}}
`;
  if (!differs(shape)) return output;
  const changed = shape.members.filter((member) => member.default !== undefined || differs(member.shape));
  // Without an index signature, which would swallow the names that are to be left out.
  const base =
    shape.open || shape.embedded
      ? ''
      : ` extends Omit<${name}, ${changed.map((member) => quotedText(member.name)).join(' | ')}>`;
  const members = base === '' ? shape : { ...shape, members: changed };
  return `${output}
/** ${name} as a person writes it. */
export interface ${name}Input${base.length > width ? ` extends Omit<\n  ${name},\n  ${changed.map((member) => quotedText(member.name)).join(' | ')}\n>` : base} {
${membersText(members, 'input', writer)}}
`;
}

function membersText({ members, open, embedded }: ObjectShape, side: Side, writer: Writer): string {
  const own = members.map((member) => memberText(member, side, writer)).join('');
  const always = embedded
    ? '  readonly apiVersion: string;\n  readonly kind: string;\n  readonly metadata?: { readonly [key: string]: unknown };\n'
    : '';
  return `${always}${own}${open ? '  readonly [key: string]: unknown;\n' : ''}`;
}

function memberText(member: Member, side: Side, writer: Writer): string {
  const filled = member.default !== undefined && member.default !== null;
  const there = side === 'output' ? member.required || filled : member.required && member.default === undefined;
  const shown = filled ? JSON.stringify(member.default) : '';
  const doc = [member.description, shown !== '' && shown.length <= 80 ? `@default ${shown}` : undefined];
  const type = typeText(member, side, writer);
  const head = `  readonly ${keyText(member.name)}${there ? '' : '?'}:`;
  const line = `${head} ${type};\n`;
  const parts = alternatives(member, side, writer);
  const text =
    line.length > width && parts.length > 1 ? `${head}\n${parts.map((part) => `    | ${part}`).join('\n')};\n` : line;
  return `${comment(doc.filter(Boolean).join('\n'), '  ')}${text}`;
}

function alternatives({ shape, nullable }: Field, side: Side, writer: Writer): readonly string[] {
  const own =
    shape.type === 'literals' ? shape.values.map((value) => literal(value)) : [shapeText(shape, side, writer)];
  return nullable && !own.includes('null') && shape.type !== 'unknown' ? [...own, 'null'] : own;
}

function typeText(field: Field, side: Side, writer: Writer): string {
  return alternatives(field, side, writer).join(' | ');
}

function shapeText(shape: Shape, side: Side, writer: Writer): string {
  switch (shape.type) {
    case 'intOrString':
      return 'number | string';
    case 'literals':
      return shape.values.map((value) => literal(value)).join(' | ');
    case 'list': {
      const items = typeText(shape.items, side, writer);
      return `readonly ${/^[\w.]+$|^\{[^|]*\}$/.test(items) ? items : `(${items})`}[]`;
    }
    case 'map':
      return `{ readonly [key: string]: ${typeText(shape.values, side, writer)} }`;
    case 'object':
      return objectText(shape, side, writer);
    default:
      return shape.type;
  }
}

function objectText(shape: ObjectShape, side: Side, writer: Writer): string {
  const name = writer.names.get(keyOf(shape));
  if (name !== undefined) return side === 'input' && differs(shape) ? `${name}Input` : name;
  if (shape.embedded) {
    return `{ readonly apiVersion: string; readonly kind: string; readonly [key: string]: unknown }`;
  }
  // Without a member and without leave to have others, it stays empty: the server prunes whatever is in it.
  return `{ readonly [key: string]: ${shape.open ? 'unknown' : 'never'} }`;
}

/** A doc comment; nothing for no text. Long lines are broken between words, those of lists and code are not. */
function comment(text: string | undefined, indent: string): string {
  const plain = (text ?? '').trim().replaceAll('*/', '*\\/');
  if (plain === '') return '';
  const lines = plain.split(/\r?\n/).flatMap((line) => wrapped(line.trimEnd(), width - indent.length));
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}

function wrapped(line: string, limit: number): readonly string[] {
  if (line.length <= limit || /^\s/.test(line)) return [line];
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= limit) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function header({ name }: Definition, sum: string): string {
  return `// Written by setpoint import from the definition of ${name} (${sum}).
// Import it again for a newer one; what was changed here by hand is only written over with --force.

`;
}

/** Whether nobody has changed a module since it was written, but for its format. */
export function isAsWritten(text: string): boolean {
  const [, sum, body] =
    /^\/\/ Written by setpoint import from [^\n]*\((\w+)\)\.\r?\n\/\/[^\n]*\r?\n([\s\S]*)$/.exec(text) ?? [];
  return body !== undefined && digest(body) === sum;
}

/** Of the text without what formatters change. */
function digest(text: string): string {
  const plain = text.replaceAll(/[\s;,|()"'*`]/g, '');
  return createHash('sha256').update(plain).digest('hex').slice(0, 16);
}
