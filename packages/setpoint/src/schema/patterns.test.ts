import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { patternOfLiterals, serverFormat, whyNotRe2 } from './patterns.ts';

function isRe2(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

const patterns = [
  '^[a-z]([-a-z0-9]*[a-z0-9])?$',
  '^\\d+(\\.\\d{1,3})*%$',
  '(?i:abc)',
  '(?i)abc',
  '(?P<name>a)b',
  '(?<name>a)b',
  '\\(?=x',
  '[(?=x)]',
  'a\\\\1',
  '[^/]+/[^/]+',
  '\\p{Lu}+',
  '\\Aabc\\z',
  '[[:alpha:]]+',
  '\\x{10FFFF}',
  '\\x41',
  '^(?=a)b',
  '^(?!a)b',
  '(?<=a)b',
  '(?<!a)b',
  '(a)\\1',
  '(?<x>a)\\k<x>',
  '\\u0041',
  '\\cJ',
  '[]a',
  '[^]',
  'a{1001}',
  'a{2,1001}',
  '(a',
  'a)',
  '[z-a]',
  'a**',
  '*a',
];

describe('whyNotRe2', () => {
  it.each(patterns)('judges %s as RE2 does', (pattern) => {
    expect(whyNotRe2(pattern) === undefined).toBe(isRe2(pattern));
  });
});

describe('patternOfLiterals', () => {
  it('matches exactly the literals, whatever is in them', () => {
    const texts = ['a.b', 'c|d', '^$', '(x)', '[y]\\', 'plain', '1{2}', 'a+', '?'];
    const pattern = RE2JS.compile(patternOfLiterals(texts));
    for (const text of texts) expect(pattern.matches(text)).toBe(true);
    for (const text of ['axb', 'c', 'd', '', 'plainer', 'aa']) expect(pattern.matches(text)).toBe(false);
  });
});

describe('serverFormat', () => {
  it('knows the formats of an API server by any name of theirs', () => {
    expect(['date-time', 'datetime', 'base64', 'cidrv6', 'uuid'].map(serverFormat)).toEqual([
      'date-time',
      'datetime',
      'byte',
      'cidr',
      'uuid',
    ]);
    expect(serverFormat('jwt')).toBeUndefined();
  });
});
