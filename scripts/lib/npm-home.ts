import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry } from './registry.ts';

/** What npm is to somebody who has never used it on this machine. */
export interface NpmHome extends Disposable {
  /** To work in. */
  readonly folder: string;
  /** Tells npm of its registry, and of a cache and settings in the folder. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A folder with an empty cache, and nothing of this machine's settings for npm. */
export function npmHome(registry: Registry): NpmHome {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-npm-'));
  const settings = join(folder, '.npmrc');
  writeFileSync(settings, 'fund=false\naudit=false\nupdate-notifier=false\nprogress=false\n');
  return {
    folder,
    environment: {
      npm_config_userconfig: settings,
      npm_config_cache: join(folder, '.npm'),
      npm_config_registry: registry.url,
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
