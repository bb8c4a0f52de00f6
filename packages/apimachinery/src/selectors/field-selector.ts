import { SelectorError } from './selector-error.ts';

/** One condition of a field selector. `==` is read as `=`. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A field selector ready to use: all requirements must be met. */
export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  /** True if the selector restricts nothing. */
  readonly empty: boolean;
  /** Whether the fields meet all requirements; a field that is not there counts as the empty string. */
  matches(fields: Readonly<Record<string, string>>): boolean;
  /** The text form, with values escaped. */
  toString(): string;
}

/**
 * Parses `metadata.name=web,status.phase!=Running`; `\` escapes `,`, `=` and itself in values.
 * Which fields a kind knows is for the caller to check.
 *
 * @throws SelectorError with the message of the API server (k8s.io/apimachinery/pkg/fields)
 */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text).sort();
  return fieldSelectorOf(terms.filter((term) => term !== '').map((term) => parseTerm(term, text)));
}

/** Escapes a literal for use as a value in a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

function fieldSelectorOf(list: readonly FieldRequirement[]): FieldSelector {
  const requirements = Object.freeze(list);
  return Object.freeze({
    requirements,
    empty: requirements.length === 0,
    matches: (fields: Readonly<Record<string, string>>) =>
      requirements.every(({ field, operator, value }) => {
        const actual = Object.hasOwn(fields, field) ? fields[field] : '';
        return (actual === value) === (operator === '=');
      }),
    toString: () =>
      requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(','),
  });
}

/** Commas separate terms unless escaped; the backslashes stay for parseTerm. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      i++;
    } else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const found = /!=|==|=/.exec(term);
  if (!found) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [operator] = found;
  return Object.freeze({
    field: term.slice(0, found.index),
    operator: operator === '!=' ? '!=' : '=',
    value: unescapeValue(term.slice(found.index + operator.length)),
  });
}

function unescapeValue(value: string): string {
  let plain = '';
  const characters = [...value];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '\\') {
      const escaped = characters[++i] ?? '';
      if (!['\\', ',', '='].includes(escaped)) {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      plain += escaped;
    } else if (character === ',' || character === '=') {
      // Upstream prints the code point, not the character.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character.codePointAt(0)}`);
    } else {
      plain += character;
    }
  }
  return plain;
}
