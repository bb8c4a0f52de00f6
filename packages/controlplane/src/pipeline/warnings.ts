/** Runes of all warnings of one answer beyond which long ones are cut, and how long they may be then. */
const mostRunes = 4096;
const mostRunesOfOne = 256;

/** The Warning headers of an answer: clients take no more than so many bytes of headers, so too much is cut short. */
export function warningHeaders(warnings: Iterable<string>): string[] {
  const texts = [...warnings].filter(isSayable);
  let runes = 0;
  for (const text of texts) runes += runesOf(text);
  return (runes > mostRunes ? cutShort(texts) : texts).map(warningHeader);
}

/** As the real server writes them one by one: what passes the limit has everything before it cut, and itself. */
function cutShort(texts: readonly string[]): string[] {
  let said = 0;
  let runes = 0;
  while (runes <= mostRunes) runes += runesOf(texts[said++] as string);
  const cut = texts.slice(0, said).map(shortened);
  runes = cut.reduce((sum, text) => sum + runesOf(text), 0);
  for (; said < texts.length && runes < mostRunes; said++) {
    const text = shortened(texts[said] as string);
    cut.push(text);
    runes += runesOf(text);
  }
  return cut;
}

function shortened(text: string): string {
  return text.length <= mostRunesOfOne ? text : Array.from(text).slice(0, mostRunesOfOne).join('');
}

function runesOf(text: string): number {
  return text.length > mostRunes ? text.length : Array.from(text).length;
}

/** A header has no place for control characters other than the ends of lines: such a warning is not given. */
function isSayable(text: string): boolean {
  return text.isWellFormed() && !controlCharacter.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const controlCharacter = /[\0-\x09\x0b\x0c\x0e-\x1f\x7f]/;

/** RFC 7234: code, agent, quoted text. */
function warningHeader(text: string): string {
  return `299 - "${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]+/g, ' ')}"`;
}
