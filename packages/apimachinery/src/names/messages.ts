/** How a validator of the API server says that a text does not match: with examples and the expression. */
export function regexError(message: string, expression: string, ...examples: readonly string[]): string {
  const used = `regex used for validation is '${expression}'`;
  if (examples.length === 0) return `${message} (${used})`;
  const list = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${list}${used})`;
}

/** The server counts bytes and says so. */
export function maximumLengthError(length: number): string {
  return `must be no more than ${length} bytes`;
}

/** Older validators say characters, and count bytes too. */
export function maximumCharactersError(length: number): string {
  return `must be no more than ${length} characters`;
}

export const emptyError = 'must be non-empty';

/** Length as Go counts it: bytes of UTF-8. */
export function byteLength(value: string): number {
  let bytes = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7ff) bytes += code >= 0xd800 && code <= 0xdfff ? 1 : 2;
    else if (code > 0x7f) bytes += 1;
  }
  return bytes;
}
