// Does what docs/tutorial.md asks its reader to do, with the packages that would be published, and kubectl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { serveRegistry } from '../../scripts/lib/registry.ts';
import { stepsOf } from './page.ts';
import { Shell } from './shell.ts';

test('each command of the tutorial prints what the page shows', { timeout: 400_000 }, async ({ onTestFinished }) => {
  execFileSync(process.execPath, ['scripts/pack.ts'], { stdio: 'ignore' });
  await using registry = await serveRegistry();
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-tutorial-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, '.npmrc'), 'fund=false\naudit=false\nupdate-notifier=false\nprogress=false\n');
  await using reader = new Shell({
    folder,
    environment: {
      PATH: `${inject('realBinaries')}${delimiter}${process.env.PATH}`,
      HOME: folder,
      LC_ALL: 'C',
      npm_config_registry: registry.url,
      npm_config_cache: join(folder, '.npm'),
    },
    goesOn: /^npm run dev$/,
    looks: /^kubectl (get|describe) /,
  });
  const steps = stepsOf(readFileSync('docs/tutorial.md', 'utf8'));
  expect(steps.length).toBeGreaterThan(20);
  for (const step of steps) expect(await reader.play(step), JSON.stringify(step)).toBeUndefined();
});
