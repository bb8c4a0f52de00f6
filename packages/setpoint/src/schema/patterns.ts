/**
 * Patterns of a CRD are RE2 (no look-around, no back-references, linear time). A JavaScript expression mostly is one;
 * these are the constructs of it that are not.
 */
const notRe2: readonly (readonly [RegExp, string])[] = [
  [/\(\?[=!]/, 'a look-ahead'],
  [/\(\?<[=!]/, 'a look-behind'],
  [/\\[1-9]|\\k</, 'a back-reference'],
  [/\\u/, 'a \\u escape (RE2 writes \\x{…})'],
  [/\\c[A-Za-z]/, 'a \\c escape'],
  [/\[\^?\]/, 'an empty class'],
];

/** Why the API server would refuse a pattern, or undefined where nothing is seen against it. */
export function whyNotRe2(pattern: string): string | undefined {
  // An escaped backslash or parenthesis begins nothing.
  const bare = pattern.replace(/\\[\\()[\]]/g, '__');
  // Within a class a parenthesis is a character.
  const outside = bare.replace(/\[\^?[^\]]+\]/g, (text) => text.replaceAll('(', '_'));
  for (const [construct, name] of notRe2) if (construct.test(outside)) return name;
  for (const [, low, high] of bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    if (Number(low) > 1000 || Number(high ?? 0) > 1000) return 'a repetition of more than 1000';
  try {
    new RegExp(pattern.replace(/\(\?[imsU]+(-[imsU]+)?\)|\(\?P</g, (m) => (m.endsWith('<') ? '(?<' : '')));
    return undefined;
  } catch (error) {
    return /\\[zAQC]|\[\[:|\(\?[a-zA-Z-]+:/.test(bare) ? undefined : `a mistake (${(error as Error).message})`;
  }
}

/** The pattern that matches exactly one of some texts. */
export function patternOfLiterals(texts: readonly string[]): string {
  return `^(${texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;
}

/** JavaScript escapes the slash, which only its own literals need. */
export function plainSlashes(pattern: string): string {
  return pattern.replace(/\\([\s\S])/g, (escaped, character) => (character === '/' ? '/' : escaped));
}

/** Formats that the API server checks, by their normalised names (dashes do not count). */
const stringFormats: ReadonlySet<string> = new Set([
  'bsonobjectid',
  'uri',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'cidr',
  'mac',
  'uuid',
  'uuid3',
  'uuid4',
  'uuid5',
  'isbn',
  'isbn10',
  'isbn13',
  'creditcard',
  'ssn',
  'hexcolor',
  'rgbcolor',
  'byte',
  'password',
  'date',
  'duration',
  'datetime',
]);

/** What libraries call a format that the API server has under another name. */
const renamedFormats: Readonly<Record<string, string>> = {
  base64: 'byte',
  cidrv4: 'cidr',
  cidrv6: 'cidr',
  url: 'uri',
  guid: 'uuid',
};

/** The API server's name of a format, or undefined where it knows none and would not check it. */
export function serverFormat(format: string): string | undefined {
  const name = renamedFormats[format] ?? format;
  return stringFormats.has(name.replaceAll('-', '')) ? name : undefined;
}
