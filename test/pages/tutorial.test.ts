import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stepsOf } from './page.ts';

const sources = stepsOf(readFileSync('docs/tutorial.md', 'utf8')).flatMap((step) =>
  step.type === 'file' && step.path.startsWith('src/') ? [step] : [],
);

test('the sources of the tutorial are those of operators/foo', () => {
  expect(sources.map(({ path }) => path)).toEqual(['src/api/v1/foo.ts', 'src/controllers/foo.ts']);
  for (const { path, text } of sources) {
    expect(text.split('\n').slice(1).join('\n')).toBe(readFileSync(`operators/foo/${path}`, 'utf8'));
  }
});
