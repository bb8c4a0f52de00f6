import { describe, expect, test } from 'vitest';
import { restAfter, shows, stepsOf } from './page.ts';

describe('a page', () => {
  test('is files, commands with what they print, and what goes on being said', () => {
    const page = [
      'Make it:',
      '```console',
      '$ setpoint init \\',
      '    demo',
      'The operator demo …',
      '$ cd demo',
      '```',
      '```ts',
      '// src/a.ts',
      'export const a = 1;',
      '```',
      '```ts',
      'a + 1;',
      '```',
      '```sh',
      'rm -rf /',
      '```',
      'It says:',
      '```console',
      'restarted',
      '```',
    ].join('\n');
    expect(stepsOf(page)).toEqual([
      { type: 'command', command: 'setpoint init \\\n    demo', output: ['The operator demo …'] },
      { type: 'command', command: 'cd demo', output: [] },
      { type: 'file', path: 'src/a.ts', text: '// src/a.ts\nexport const a = 1;\n' },
      { type: 'said', output: ['restarted'] },
    ]);
  });
});

describe('what a command printed', () => {
  const table = 'NAME    HAPPY   AGE\nfoo-1   true    3s\n';

  test('is what the page shows, whatever the width of its columns and where it says …', () => {
    expect(shows(table, ['NAME  HAPPY  AGE', 'foo-1  true  …s'])).toBe(true);
    expect(shows(table, ['NAME  HAPPY  AGE', '…'])).toBe(true);
    expect(shows('\u001b[32mok\u001b[39m\n', ['ok'])).toBe(true);
    expect(shows('', [])).toBe(true);
  });

  test('is not, where a line is missing, more or otherwise', () => {
    expect(shows(table, ['NAME  HAPPY  AGE'])).toBe(false);
    expect(shows(table, ['NAME  HAPPY  AGE', 'foo-1  false  …s'])).toBe(false);
    expect(shows(table, ['NAME  HAPPY  AGE', 'foo-1  true  …s', 'foo-2  …'])).toBe(false);
    expect(shows('axb', ['a.b'])).toBe(false);
  });

  test('may go on, and is looked for from where it was read to', () => {
    const said = 'one\ntwo\none\nthree\n';
    const rest = restAfter(said, ['two']);
    expect(rest).toBe('one\nthree\n');
    expect(restAfter(rest ?? '', ['two'])).toBeUndefined();
    expect(restAfter(said, ['one', 'three'])).toBe('');
  });
});
