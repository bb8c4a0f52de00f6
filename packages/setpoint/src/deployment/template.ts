/**
 * Objects with places that whoever installs them may set: one model from which both plain manifests, where each place
 * has its default, and a Helm chart, where it has an expression, are made.
 */
export type Template = Json | Place | readonly Template[] | { readonly [member: string]: Template | undefined };

type Json = string | number | boolean | null;

const place = Symbol('place');

/** A place in an object that a chart leaves to its user. */
export type Place = { readonly [place]: true } & (
  | { readonly type: 'scalar'; readonly expression: string; readonly value: string | number | boolean }
  | { readonly type: 'open'; readonly path: string; readonly value: object | string }
  | { readonly type: 'text'; readonly parts: readonly (string | Place)[] }
  | { readonly type: 'when'; readonly condition: Condition; readonly then: Template }
  | { readonly type: 'merged'; readonly fixed: { readonly [member: string]: Template }; readonly more: Place }
);

/** Whether something is there: while the chart's value at that path is true, or no empty list (or is false, or empty). */
export interface Condition {
  readonly path: string;
  readonly is: boolean;
  /** Whether that is so with the settings at hand. */
  readonly holds: boolean;
}

export function isPlace(template: Template | undefined): template is Place {
  return typeof template === 'object' && template !== null && place in template;
}

/** A string, number or boolean that is always there. `expression` is what Helm evaluates: `.Values.replicas`. */
export function scalar(expression: string, value: string | number | boolean): Place {
  return { [place]: true, type: 'scalar', expression, value };
}

/** A value of any shape at a path of the chart's values; an empty one is left out. In a list its items join the list. */
export function open(path: string, value: object | string): Place {
  return { [place]: true, type: 'open', path, value };
}

/** A string of several parts. */
export function text(...parts: readonly (string | Place)[]): Place {
  return { [place]: true, type: 'text', parts };
}

/** A member or an item that is there only while the condition holds. */
export function when(condition: Condition, then: Template): Place {
  return { [place]: true, type: 'when', condition, then };
}

/** Fixed members, and those that the user adds. */
export function merged(fixed: { readonly [member: string]: Template }, more: Place): Place {
  return { [place]: true, type: 'merged', fixed, more };
}

/** The template with each place at its default; `undefined` for what is not there. */
export function resolve(template: Template | undefined): unknown {
  if (typeof template !== 'object' || template === null) return template;
  if (isPlace(template)) return resolvePlace(template);
  if (Array.isArray(template)) return template.flatMap(resolveItem);
  const members = Object.entries(template).map(([name, member]) => [name, resolve(member)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function resolvePlace(template: Place): unknown {
  switch (template.type) {
    case 'scalar':
      return template.value;
    case 'open':
      return isEmpty(template.value) ? undefined : template.value;
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? part : String(resolve(part) ?? ''))).join('');
    case 'when':
      return template.condition.holds ? resolve(template.then) : undefined;
    case 'merged':
      return { ...(resolve(template.fixed) as object), ...((resolve(template.more) as object | undefined) ?? {}) };
    default:
      return template satisfies never;
  }
}

/** The items of an open place stand in the list beside the others. */
function resolveItem(item: Template): unknown[] {
  const value = resolve(item);
  if (value === undefined) return [];
  return isPlace(item) && item.type === 'open' && Array.isArray(value) ? value : [value];
}

export function isEmpty(value: object | string): boolean {
  return typeof value === 'string' ? value === '' : Object.keys(value).length === 0;
}
