/** The tokens of a label selector's text. Keywords `in` and `notin` are identifiers where a value is expected. */
export interface Token {
  readonly type: 'end' | 'identifier' | 'keyword' | 'symbol';
  /** As written; empty at the end of the text. */
  readonly text: string;
}

const symbols: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);
const special = /[=!(),><]/;
const identifierEnd = /[=!(),>< \t\r\n]/;

export function scanLabelSelector(source: string): readonly Token[] {
  // As in the API server, a NUL ends the text.
  const nul = source.indexOf('\0');
  const text = nul < 0 ? source : source.slice(0, nul);
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (isSpace(character)) {
      position++;
      continue;
    }
    const token = special.test(character) ? scanSymbol(text, position) : scanIdentifier(text, position);
    tokens.push(token);
    position += token.text.length;
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

/** The longest symbol wins: `==` before `=`. */
function scanSymbol(text: string, start: number): Token {
  const two = text.slice(start, start + 2);
  return { type: 'symbol', text: symbols.has(two) ? two : text.charAt(start) };
}

function scanIdentifier(text: string, start: number): Token {
  let end = start;
  while (end < text.length && !identifierEnd.test(text.charAt(end))) end++;
  const word = text.slice(start, end);
  return { type: word === 'in' || word === 'notin' ? 'keyword' : 'identifier', text: word };
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}
