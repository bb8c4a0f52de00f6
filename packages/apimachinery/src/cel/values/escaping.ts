/** Property names that are no identifiers of CEL, as Kubernetes spells them in expressions. */

const reserved = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return ' +
    'var void while'
  ).split(' '),
);

const sequences: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

const meanings: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** The identifier for a property's name; undefined if no expression can name it. */
export function escapeProperty(name: string): string | undefined {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !name.includes('__') && !reserved.has(name)) return name;
  if (name === '' || /^\d/.test(name)) return undefined;
  if (reserved.has(name)) return `__${name}__`;
  if (/[^a-zA-Z0-9\-./_]/.test(name)) return undefined;
  return name.replace(/__|[-./]/g, (part) => sequences[part] as string);
}

/** The name an identifier stands for; undefined if it holds an escape that is none. */
export function unescapeProperty(identifier: string): string | undefined {
  if (!identifier.includes('__')) return identifier;
  let isValid = true;
  const name = identifier.replace(/__([^_]+)__/g, (sequence, content: string) => {
    const meaning = Object.hasOwn(meanings, content) ? meanings[content] : undefined;
    if (meaning !== undefined) return meaning;
    isValid &&= reserved.has(content) && sequence.length === identifier.length;
    return content;
  });
  return isValid ? name : undefined;
}
