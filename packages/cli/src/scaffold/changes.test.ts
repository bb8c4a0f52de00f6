import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import { edited, make, missing } from './changes.ts';

const output = () => {
  const said: string[] = [];
  return { out: (text: string) => void said.push(text), err: () => undefined, said: () => said.join('') };
};

test('files are written, changed and left alone as was said', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'same.ts'), 'same');
  writeFileSync(join(folder, 'mine.ts'), 'mine');
  const told = output();
  const files = ['a/b/new.ts', 'same.ts', 'mine.ts'].map((path) => ({ path, text: 'same' }));
  make(folder, [...missing(folder, files), edited('mine.ts', 'mine', 'ours'), edited('x.ts', 'x', 'x')], told);
  expect(told.said()).toBe(
    'a/b/new.ts written\nsame.ts unchanged\nmine.ts is there and was changed: left alone\nmine.ts changed\nx.ts unchanged\n',
  );
  expect(readFileSync(join(folder, 'mine.ts'), 'utf8')).toBe('ours');
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['a', 'a/b', 'a/b/new.ts', 'mine.ts', 'same.ts']);
});

test.each(['draft', 'replacement'])('if a %s fails, everything is as it was, and nothing is said', (where) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mine.ts'), 'mine');
  // No file can be where a folder is.
  mkdirSync(join(folder, where === 'draft' ? 'last.ts.setpoint-draft' : 'last.ts'));
  const before = readdirSync(folder, { recursive: true });
  const told = output();
  const changes = [
    ...missing(folder, [{ path: 'a/b/new.ts', text: 'new' }]),
    edited('mine.ts', 'mine', 'ours'),
    edited('last.ts', 'a', 'b'),
  ];
  expect(() => make(folder, changes, told)).toThrow(`cannot write to ${folder}, and changed nothing: EISDIR`);
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  expect(readFileSync(join(folder, 'mine.ts'), 'utf8')).toBe('mine');
  expect(told.said()).toBe('');
});
