// Does what docs/tutorial.md asks its reader to do, with the packages that would be published, and kubectl.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { expect, inject, test } from 'vitest';
import { npmHome } from '../../scripts/lib/npm-home.ts';
import { serveRegistry } from '../../scripts/lib/registry.ts';
import { stepsOf } from './page.ts';
import { Shell } from './shell.ts';

test('each command of the tutorial prints what the page shows', { timeout: 400_000 }, async () => {
  execFileSync(process.execPath, ['scripts/pack.ts'], { stdio: 'ignore' });
  await using registry = await serveRegistry();
  using home = npmHome(registry);
  await using reader = new Shell({
    folder: home.folder,
    environment: {
      PATH: `${inject('realBinaries')}${delimiter}${process.env.PATH}`,
      HOME: home.folder,
      LC_ALL: 'C',
      ...home.environment,
    },
    goesOn: /^npm run dev$/,
    looks: /^kubectl (get|describe) /,
  });
  const steps = stepsOf(readFileSync('docs/tutorial.md', 'utf8'));
  expect(steps.length).toBeGreaterThan(20);
  for (const step of steps) expect(await reader.play(step), JSON.stringify(step)).toBeUndefined();
});
