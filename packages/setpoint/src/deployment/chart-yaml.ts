import { isEmpty, isPlace, type Place, type Template } from './template.ts';

type Scalars = (value: string | number | boolean | null) => string;

/**
 * A template as YAML with Helm's expressions in its places. Every expression begins at the chart's root (`$`), so that
 * it means the same inside of `range` and `with`.
 */
export function chartYaml(template: Template, scalars: Scalars): string {
  return `${block(template, 0, scalars).join('\n')}\n`;
}

/** The lines of a mapping or a list; anything else is one line. */
function block(template: Template, indent: number, scalars: Scalars): string[] {
  if (isPlace(template)) {
    if (template.type === 'merged') return mergedLines(template, indent, scalars);
    return [`${pad(indent)}${inline(template)}`];
  }
  if (Array.isArray(template)) return template.flatMap((item) => itemLines(item, indent, scalars));
  if (typeof template !== 'object' || template === null)
    return [`${pad(indent)}${literal(template as string, scalars)}`];
  return membersOf(template as Members).flatMap(([name, member]) => memberLines(name, member, indent, scalars));
}

type Members = { readonly [member: string]: Template | undefined };

function membersOf(template: Members): readonly (readonly [string, Template])[] {
  return Object.keys(template)
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => (template[name] === undefined ? [] : [[name, template[name]] as const]));
}

function memberLines(name: string, member: Template, indent: number, scalars: Scalars): string[] {
  const key = `${pad(indent)}${literal(name, scalars)}:`;
  if (isPlace(member)) {
    if (member.type === 'when') return conditional(member, memberLines(name, member.then, indent, scalars));
    if (member.type === 'open') return withValue(member, [key, toYaml(indent + 2)]);
    if (member.type === 'merged') return [key, ...mergedLines(member, indent + 2, scalars)];
    return [`${key} ${inline(member)}`];
  }
  if (Array.isArray(member)) {
    // Where all items may be missing, an empty list follows: null is no list.
    return member.length === 0 ? [`${key} []`] : [key, ...block(member, indent, scalars)];
  }
  if (typeof member === 'object' && member !== null) {
    return isEmpty(member) ? [`${key} {}`] : [key, ...block(member, indent + 2, scalars)];
  }
  return [`${key} ${literal(member, scalars)}`];
}

function itemLines(item: Template, indent: number, scalars: Scalars): string[] {
  if (isPlace(item)) {
    if (item.type === 'when') return conditional(item, itemLines(item.then, indent, scalars));
    if (item.type === 'open') return withValue(item, [toYaml(indent)]);
    return [`${pad(indent)}- ${inline(item)}`];
  }
  if (typeof item === 'object' && item !== null && isEmpty(item)) {
    return [`${pad(indent)}- ${Array.isArray(item) ? '[]' : '{}'}`];
  }
  if (typeof item !== 'object' || item === null) return [`${pad(indent)}- ${literal(item, scalars)}`];
  const [first = '', ...rest] = block(item, indent + 2, scalars);
  // A mapping whose first member is conditional begins on a line of its own.
  if (first.startsWith('{{')) return [`${pad(indent)}-`, first, ...rest];
  return [`${pad(indent)}- ${first.slice(indent + 2)}`, ...rest];
}

function mergedLines(place: Place & { type: 'merged' }, indent: number, scalars: Scalars): string[] {
  const { more } = place;
  const added = more.type === 'open' ? withValue(more, [toYaml(indent)]) : [];
  return [...block(place.fixed, indent, scalars), ...added];
}

function conditional({ condition: { path, is } }: Place & { type: 'when' }, lines: readonly string[]): string[] {
  return [`{{- if ${is ? '' : 'not '}$.Values.${path} }}`, ...lines, '{{- end }}'];
}

function withValue({ path }: Place & { type: 'open' }, lines: readonly string[]): string[] {
  return [`{{- with $.Values.${path} }}`, ...lines, '{{- end }}'];
}

function toYaml(indent: number): string {
  return `${pad(indent)}{{- toYaml . | nindent ${indent} }}`;
}

/** A scalar with its expression. */
function inline(template: Place): string {
  switch (template.type) {
    case 'scalar':
      return typeof template.value === 'string'
        ? `{{ ${template.expression} | quote }}`
        : `{{ ${template.expression} }}`;
    case 'text':
      return `"${template.parts.map(textPart).join('')}"`;
    default:
      throw new Error(`a place of type ${template.type} is no scalar`);
  }
}

function textPart(part: string | Place): string {
  if (typeof part === 'string') return JSON.stringify(part).slice(1, -1);
  if (part.type !== 'scalar') throw new Error(`a place of type ${part.type} is no part of a string`);
  return `{{ ${part.expression} }}`;
}

/** Braces of Helm's in a text stand for themselves. */
function literal(value: string | number | boolean | null, scalars: Scalars): string {
  return scalars(value).replaceAll(/\{\{|\}\}/g, (braces) => `{{ "${braces}" }}`);
}

function pad(indent: number): string {
  return ' '.repeat(indent);
}
