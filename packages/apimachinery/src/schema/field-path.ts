import type { StructuralSchema } from './types.ts';

/** What a JSON path of fields points to, or why it points to nothing. */
export type FollowedPath =
  | {
      /** As messages write it: `spec.labels[app]`. */
      readonly path: string;
      /** The first field of it. */
      readonly root: string;
      readonly schema: StructuralSchema;
    }
  | { readonly error: string };

/**
 * Follows a JSON path of nothing but fields and keys of maps, `.spec.labels['app']`, through a schema: what fieldPath
 * of a rule and selectable fields may be. Lists cannot be entered.
 */
export function followFieldPath(
  text: string,
  schema: StructuralSchema,
  options: { readonly brackets: boolean } = { brackets: true },
): FollowedPath {
  const tokens = tokensOf(text);
  const steps: Steps = { path: '', root: '', schema };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as string;
    if (token === '[' && !options.brackets) return { error: 'array notation is not allowed' };
    if (token !== '[' && token !== '.') return { error: `expected [ or . but got: ${token}` };
    const next = tokens[++at];
    if (next === undefined) return { error: 'unexpected end of JSON path' };
    const name = token === '.' ? next : unquoted(next);
    const error = typeof name === 'string' ? step(steps, name) : name.error;
    if (error !== undefined) return { error };
    if (token === '.') continue;
    const end = tokens[++at];
    if (end === undefined) return { error: 'unexpected end of JSON path' };
    if (end !== ']') return { error: `expected ] but got ${end}` };
  }
  return steps;
}

interface Steps {
  path: string;
  root: string;
  schema: StructuralSchema;
}

function step(steps: Steps, name: string): string | undefined {
  const { properties, additionalProperties } = steps.schema;
  const unknown = 'does not refer to a valid field';
  let below: StructuralSchema | undefined;
  let at = `[${name}]`;
  if (properties !== undefined && Object.keys(properties).length > 0) {
    below = Object.hasOwn(properties, name) ? properties[name] : undefined;
    at = steps.path === '' ? name : `.${name}`;
  } else if (typeof additionalProperties === 'object') below = additionalProperties;
  if (below === undefined) return unknown;
  if (steps.path === '') steps.root = name;
  steps.path += at;
  steps.schema = below;
  return undefined;
}

/** Points, brackets, and what stands between them; in quotes they are no more than characters. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let rest = text;
  while (rest !== '') {
    const quoted = rest.startsWith("'") ? /^'(?:[\s\S]*?[^\\])?'/.exec(rest)?.[0] : undefined;
    const token = quoted ?? (rest.startsWith("'") ? rest : (/^[^.[\]]+/.exec(rest)?.[0] ?? (rest[0] as string)));
    tokens.push(token);
    rest = rest.slice(token.length);
  }
  return tokens;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unquoted(token: string): string | { readonly error: string } {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) {
    return { error: `expected single quoted string but got ${token}` };
  }
  let wrong: string | undefined;
  const text = token.slice(1, -1).replace(/\\./g, (sequence) => {
    const character = escapes[sequence[1] as string];
    if (character === undefined) wrong = `invalid string literal: invalid escape char ${sequence}`;
    return character ?? '';
  });
  return wrong === undefined ? text : { error: wrong };
}
