import { join } from 'node:path';
import { main } from '@setpoint/cli';
import { expect, test } from 'vitest';

test('config/ and dist/ are up to date', async () => {
  const said: string[] = [];
  const output = { out: () => {}, err: (text: string) => void said.push(text) };
  const project = join(import.meta.dirname, '..');
  expect(await main(['manifests', '--check', '--project', project], output), said.join('')).toBe(0);
});
