import type { LabelSelector } from '../meta/index.ts';
import { scanLabelSelector, type Token } from './lexer.ts';
import {
  binaryOperators,
  checkParsedKey,
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  meets,
  requirement,
} from './requirement.ts';
import { SelectorError } from './selector-error.ts';

/** A label selector ready to use: all requirements must be met. */
export interface Selector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  /** True if the selector restricts nothing. `nothing` is not empty: it selects no object. */
  readonly empty: boolean;
  matches(labels: Labels | undefined): boolean;
  /** The text form: what goes into the query parameter `labelSelector`. */
  toString(): string;
}

/** Selects every object. */
export const everything: Selector = selectorOf([]);

/** Selects no object; has no text form. */
export const nothing: Selector = Object.freeze({
  requirements: Object.freeze([]),
  empty: false,
  matches: () => false,
  toString: () => '',
});

/**
 * Parses the text form of a label selector: `app=web,tier in (front,back),!legacy,revision>3`.
 *
 * @throws SelectorError with the message of the API server (k8s.io/apimachinery/pkg/labels)
 */
export function parseLabelSelector(text: string): Selector {
  return selectorOf(new Parser(scanLabelSelector(text)).parse());
}

/**
 * The selector an object carries, as in `spec.selector`. Absent selects nothing, `{}` selects everything.
 *
 * @throws SelectorError with the message of the API server
 */
export function labelSelectorOf(selector: LabelSelector | null | undefined): Selector {
  if (!selector) return nothing;
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => {
    const known = Object.hasOwn(expressionOperators, operator) ? expressionOperators[operator] : undefined;
    if (!known) throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    return requirement(key, known, values ?? []);
  });
  return selectorOf([...labels, ...expressions]);
}

/** The selector of objects that carry all these labels. @throws SelectorError for an illegal key or value */
export function selectorOfLabels(labels: Labels): Selector {
  return labelSelectorOf({ matchLabels: labels });
}

const expressionOperators: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function selectorOf(unsorted: readonly LabelRequirement[]): Selector {
  const requirements = Object.freeze(unsorted.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
  return Object.freeze({
    requirements,
    empty: requirements.length === 0,
    matches: (labels: Labels = {}) => requirements.every((one) => meets(labels, one)),
    toString: () => requirements.map(formatRequirement).join(','),
  });
}

const symbolOperators: Readonly<Record<string, LabelOperator>> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
  in: 'in',
  notin: 'notin',
};

/** Recursive descent with one token of look-ahead; each message is worded, and worded wrongly, as upstream. */
class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek().type === 'end') return requirements;
    if (!startsRequirement(this.#peek())) this.#fail(this.#peek(), "!, identifier, or 'end of string'");
    for (;;) {
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.type === 'end') return requirements;
      if (!isSymbol(separator, ',')) this.#fail(separator, "',' or 'end of string'");
      if (!startsRequirement(this.#peek())) this.#fail(this.#peek(), "identifier after ','");
    }
  }

  #requirement(): LabelRequirement {
    try {
      return this.#requirementWithoutContext();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #requirementWithoutContext(): LabelRequirement {
    let token = this.#next();
    const negated = isSymbol(token, '!');
    if (negated) token = this.#next();
    if (!isIdentifier(token)) this.#fail(token, 'identifier');
    const key = token.text;
    checkParsedKey(key);
    if (negated) return requirement(key, '!', []);
    if (this.#peek().type === 'end' || isSymbol(this.#peek(), ',')) return requirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#valueSet() : this.#exactValue();
    return requirement(key, operator, [...values].sort());
  }

  #operator(): LabelOperator {
    const token = this.#next();
    const operator =
      token.type !== 'identifier' && Object.hasOwn(symbolOperators, token.text)
        ? symbolOperators[token.text]
        : undefined;
    return operator ?? this.#fail(token, binaryOperators.join(', '));
  }

  #exactValue(): ReadonlySet<string> {
    const following = this.#peek();
    if (following.type === 'end' || isSymbol(following, ',')) return new Set(['']);
    const token = this.#next();
    return isIdentifier(token) ? new Set([token.text]) : this.#fail(token, 'identifier');
  }

  #valueSet(): ReadonlySet<string> {
    const open = this.#next();
    if (!isSymbol(open, '(')) throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (isSymbol(first, ')')) {
      this.#next();
      return new Set(['']);
    }
    if (!isIdentifier(first) && !isSymbol(first, ',')) this.#fail(first, "',', ')' or identifier");
    const values = this.#values();
    this.#next();
    return values;
  }

  /** Up to the closing parenthesis, which is left; values may be empty, as in `(a,,b,)`. */
  #values(): ReadonlySet<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.#next();
      if (isIdentifier(token)) {
        values.add(token.text);
        if (isSymbol(this.#peek(), ')')) return values;
        if (!isSymbol(this.#peek(), ',')) this.#fail(this.#peek(), "',' or ')'");
      } else if (isSymbol(token, ',')) {
        if (values.size === 0) values.add('');
        if (isSymbol(this.#peek(), ',')) values.add('');
        if (isSymbol(this.#peek(), ')')) return values.add('');
      } else {
        this.#fail(token, "',', or identifier");
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? endToken;
  }

  #next(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  #fail(token: Token, expected: string): never {
    throw new SelectorError(`found '${token.text}', expected: ${expected}`);
  }
}

const endToken: Token = { type: 'end', text: '' };

function isSymbol(token: Token, text: string): boolean {
  return token.type === 'symbol' && token.text === text;
}

/** `in` and `notin` are keywords after a key and identifiers anywhere else. */
function isIdentifier(token: Token): boolean {
  return token.type === 'identifier' || token.type === 'keyword';
}

function startsRequirement(token: Token): boolean {
  return isIdentifier(token) || isSymbol(token, '!');
}
