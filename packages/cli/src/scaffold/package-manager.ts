import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What installs a project's packages and runs its scripts. */
export interface PackageManager {
  readonly name: PackageManagerName;
  /** Such as `10.4.1`, where it is known. */
  readonly version?: string;
}

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** By which files each is known, the one it writes first. */
const lockFiles: Readonly<Record<PackageManagerName, readonly [string, ...string[]]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  bun: ['bun.lock', 'bun.lockb'],
};

export const packageManagers = Object.keys(lockFiles) as readonly PackageManagerName[];

/**
 * The package manager of a new project: that of the lock file in its folder or in the repository around it, else the one
 * that runs this process, else npm.
 *
 * @param userAgent what package managers put into `npm_config_user_agent`, such as `pnpm/10.4.1 npm/? node/v24.1.0`
 */
export function detectPackageManager(folder: string, userAgent: string | undefined): PackageManager {
  const running = ofUserAgent(userAgent);
  const name = ofLockFile(resolve(folder));
  if (name === undefined) return running ?? { name: 'npm' };
  return running?.name === name ? running : { name };
}

/** The one that was asked for; its version is known if it runs this process. */
export function namedPackageManager(name: PackageManagerName, userAgent: string | undefined): PackageManager {
  const running = ofUserAgent(userAgent);
  return running?.name === name ? running : { name };
}

function ofUserAgent(userAgent = ''): PackageManager | undefined {
  const [, name, version] = /^([a-z]+)\/(\d+\.\d+\.\d+[-.\w]*)/.exec(userAgent) ?? [];
  const known = packageManagers.find((one) => one === name);
  return known && version ? { name: known, version } : undefined;
}

/** Outside a repository only the folder itself is looked at: what lies in a home folder says nothing. */
function ofLockFile(folder: string): PackageManagerName | undefined {
  const inside = repositoryFolders(folder);
  for (const place of inside.length > 0 ? inside : [folder]) {
    const found = packageManagers.find((name) => lockFiles[name].some((file) => existsSync(join(place, file))));
    if (found) return found;
  }
  return undefined;
}

/** From the folder up to the root of its repository; none where there is no repository. */
function repositoryFolders(folder: string): readonly string[] {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    folders.push(at);
    if (existsSync(join(at, '.git'))) return folders;
    if (dirname(at) === at) return [];
  }
}

/** What a person types to have something done in a project. */
export interface ManagerCommands {
  readonly install: string;
  readonly test: string;
  /** What a call of the command `setpoint` begins with. */
  readonly setpoint: string;
  /** What a call of a script begins with. */
  readonly run: string;
}

export function commandsOf({ name }: PackageManager): ManagerCommands {
  const install = `${name} install`;
  switch (name) {
    case 'npm':
      return { install, test: 'npm test', setpoint: 'npx setpoint', run: 'npm run' };
    case 'pnpm':
      return { install, test: 'pnpm test', setpoint: 'pnpm exec setpoint', run: 'pnpm run' };
    case 'yarn':
      return { install, test: 'yarn test', setpoint: 'yarn run setpoint', run: 'yarn run' };
    case 'bun':
      // `bun test` is a test runner of its own.
      return { install, test: 'bun run test', setpoint: 'bunx setpoint', run: 'bun run' };
    default:
      return name satisfies never;
  }
}

/** How an image gets the packages that its operator needs, and nothing else. */
export interface ImageInstall {
  readonly base: string;
  readonly files: readonly string[];
  readonly command: string;
}

/** @param bringsNode whether the project has Node as a package, which an image with a Node of its own has no use for */
export function imageInstall(manager: PackageManager, bringsNode: boolean): ImageInstall {
  const { name, version } = manager;
  const base = 'node:24';
  const exact = version === undefined ? '' : `@${version}`;
  const without = (flag: string) => (bringsNode ? ` ${flag}` : '');
  switch (name) {
    case 'npm':
      return { base, files: ['package-lock.json'], command: `npm ci --omit=dev${without('--omit=optional')}` };
    case 'pnpm':
      return {
        base,
        files: ['pnpm-lock.yaml'],
        command: `npx --yes pnpm${exact} install --frozen-lockfile --prod${without('--no-optional')}`,
      };
    case 'yarn':
      if (isClassicYarn(manager)) {
        const flags = `--frozen-lockfile --production${without('--ignore-optional')}`;
        return { base, files: ['yarn.lock'], command: `npx --yes yarn${exact} install ${flags}` };
      }
      return {
        base,
        files: ['yarn.lock', '.yarnrc.yml'],
        command: `npx --yes @yarnpkg/cli-dist${exact} workspaces focus --production`,
      };
    case 'bun':
      return {
        base: 'oven/bun:1',
        files: ['bun.lock'],
        command: `bun install --frozen-lockfile --production${without('--omit=optional')}`,
      };
    default:
      return name satisfies never;
  }
}

/** Yarn 1, which knows no `.yarnrc.yml`. */
export function isClassicYarn({ name, version }: PackageManager): boolean {
  return name === 'yarn' && version?.startsWith('1.') === true;
}
