import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { command, type Result, temporaryFolder } from '../../test/command.ts';
import { create } from '../create.ts';
import { nodePackages } from '../scaffold/index.ts';

beforeEach(() => void vi.stubEnv('npm_config_user_agent', undefined));
afterEach(() => void vi.unstubAllEnvs());

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');
const manifest = (folder: string) => JSON.parse(read(folder, 'package.json'));
const files = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

async function made(...flags: readonly string[]): Promise<string> {
  const folder = join(temporaryFolder(), 'happy-friends');
  const { code, err } = await command('init', folder, ...flags);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return folder;
}

describe('a project', () => {
  test('has few files, and a first kind named after it', async () => {
    const folder = await made();
    expect(files(folder)).toEqual([
      '.dockerignore',
      '.gitignore',
      'Dockerfile',
      'Makefile',
      'README.md',
      'config/samples/happy-friends_v1_happyfriends.yaml',
      'package.json',
      'setpoint.config.ts',
      'src/api/v1/happyfriends.ts',
      'src/controllers/happyfriends.ts',
      'src/main.ts',
      'src/operator.ts',
      'test/happyfriends.test.ts',
      'tsconfig.json',
    ]);
    expect(Object.keys(manifest(folder).scripts)).toEqual([
      ...['dev', 'test', 'generate', 'manifests', 'run', 'image', 'deploy', 'undeploy'],
    ]);
  });

  test('of which the first kind is said', async () => {
    const folder = await made('--domain', 'my.domain', '--group', 'social', '--version', 'v1beta1', '--kind', 'Friend');
    expect(read(folder, 'src/api/v1beta1/friend.ts')).toContain("group: 'social.my.domain'");
    expect(read(folder, 'src/operator.ts')).toContain('controllers: [friendController]');
  });

  test('is the same as one without a kind to which create api added it', async () => {
    const kind = ['--group', 'social', '--version', 'v1', '--kind', 'Friend'];
    const [whole, bare] = [await made(...kind), await made('--no-api')];
    const { code } = await command('create', 'api', '--project', bare, ...kind);
    expect(code).toBe(0);
    const sources = files(whole).filter((path) => /^(src|test|config)\//.test(path));
    expect(files(bare)).toEqual(files(whole));
    for (const path of sources) expect(read(bare, path), path).toBe(read(whole, path));
  });

  test('is called after its folder, but not as a package that it needs', async () => {
    const folder = join(temporaryFolder(), 'Setpoint');
    await command('init', folder);
    expect(manifest(folder).name).toBe('setpoint-operator');
  });

  test('under a licence says so in each source, those to come too', async () => {
    const folder = await made('--license', 'apache2', '--owner', 'ACME Ltd');
    await command('create', 'api', '--project', folder, '--group', 'g', '--version', 'v1', '--kind', 'Other');
    const sources = files(folder).filter((path) => path.endsWith('.ts'));
    expect(sources).toContain('src/controllers/other.ts');
    const header = '// Copyright ACME Ltd\n// SPDX-License-Identifier: Apache-2.0\n\n';
    for (const path of sources) expect(read(folder, path).startsWith(header), path).toBe(true);
    expect(manifest(folder).license).toBe('Apache-2.0');
  });

  test('made by `npm create setpoint` is the same', async () => {
    const folder = join(temporaryFolder(), 'happy-friends');
    const said: string[] = [];
    const output = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
    expect(await create([folder, '--yes'], output, () => new AbortController().signal), said.join('')).toBe(0);
    const other = await made();
    expect(files(folder)).toEqual(files(other));
    for (const path of files(folder)) expect(read(folder, path), path).toBe(read(other, path));
  });
});

describe('the package manager', () => {
  const calls = {
    npm: 'npm test, npx setpoint install, npm ci --omit=dev',
    pnpm: 'pnpm test, pnpm exec setpoint install, npx --yes pnpm install --frozen-lockfile --prod',
    yarn: 'yarn test, yarn run setpoint install, npx --yes @yarnpkg/cli-dist workspaces focus --production',
    bun: 'bun run test, bunx setpoint install, bun install --frozen-lockfile --production',
  };
  const callsOf = (folder: string) => [
    /^test: ; (.*)$/m.exec(read(folder, 'Makefile'))?.[1],
    /^install: ; (.*)$/m.exec(read(folder, 'Makefile'))?.[1],
    /^RUN (.*)$/m.exec(read(folder, 'Dockerfile'))?.[1],
  ];

  test.each(Object.entries(calls))('%s is what Makefile and Dockerfile call', async (name, expected) => {
    const folder = await made('--package-manager', name);
    expect(callsOf(folder).join(', ')).toBe(expected);
    expect(read(folder, 'README.md')).toContain(`${name} install\n`);
    // All that is copied into an image is let in.
    const copied = /^COPY (package.json .*) \.\/$/m.exec(read(folder, 'Dockerfile'))?.[1]?.split(' ') ?? [];
    for (const path of copied) expect(read(folder, '.dockerignore')).toContain(`!${path}\n`);
  });

  test('is the one that runs this, in its version', async () => {
    vi.stubEnv('npm_config_user_agent', 'pnpm/10.4.1 npm/? node/v24.1.0 linux x64');
    const folder = await made();
    expect(manifest(folder).packageManager).toBe('pnpm@10.4.1');
    expect(read(folder, 'Dockerfile')).toContain('npx --yes pnpm@10.4.1 install');
  });

  test('is the one whose lock file is in the repository around it', async () => {
    vi.stubEnv('npm_config_user_agent', 'npm/11.1.0 node/v24.1.0 linux x64 workspaces/false');
    const repository = temporaryFolder();
    mkdirSync(join(repository, '.git'));
    writeFileSync(join(repository, 'yarn.lock'), '');
    const folder = join(repository, 'operators', 'one');
    expect((await command('init', folder)).out).toContain('yarn install\n');
    expect(read(folder, '.yarnrc.yml')).toBe('nodeLinker: node-modules\n');
  });

  test('of a lock file outside any repository says nothing', async () => {
    const around = temporaryFolder();
    writeFileSync(join(around, 'yarn.lock'), '');
    expect((await command('init', join(around, 'one'))).out).toContain('npm install\n');
  });

  test('yarn gets what others install by themselves, in the version that is tested here', async () => {
    const locked = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../../package-lock.json'), 'utf8'),
    ).packages;
    const { devDependencies } = manifest(await made('--package-manager', 'yarn'));
    expect(devDependencies.vite).toBe(locked['node_modules/vite'].version);
    expect(manifest(await made()).devDependencies.vite).toBeUndefined();
    for (const [name, version] of Object.entries(nodePackages)) {
      expect(locked[`node_modules/${name}`].version).toBe(version);
    }
  });

  test('yarn 1 needs no setting, and has other flags', async () => {
    vi.stubEnv('npm_config_user_agent', 'yarn/1.22.22 npm/? node/v24.1.0 linux x64');
    const folder = await made();
    expect(files(folder)).not.toContain('.yarnrc.yml');
    expect(read(folder, 'Dockerfile')).toContain('npx --yes yarn@1.22.22 install --frozen-lockfile --production\n');
  });
});

describe('is refused with one sentence, and nothing is written:', () => {
  test.each([
    [['--name', 'Foo'], 2, '--name is at most 42 lower-case letters'],
    [['--name', 'zod'], 2, '--name cannot be zod: a package that it needs has that name'],
    [['--name', 'kube'], 2, '--name cannot be kube: its namespace would be kube-system'],
    [['--domain', 'My.Domain'], 2, '--domain is a domain such as example.com'],
    [['--domain', 'k8s.io'], 2, '--domain cannot be k8s.io, which belongs to Kubernetes'],
    [['--group', 'apps.k8s.io'], 2, 'the group apps.k8s.io belongs to Kubernetes'],
    [['--kind', 'friend'], 2, "kind: 'friend' is no name for it"],
    [['--version', 'V1'], 2, '--version: "V1" is no version of an API'],
    [
      ['--license', 'mit'],
      2,
      "option '--license <licence>' argument 'mit' is invalid. Allowed choices are apache2, none",
    ],
    [['--package-manager', 'cargo'], 2, 'Allowed choices are npm, pnpm, yarn, bun'],
    [['--license', 'apache2', '--owner', 'a\nb'], 2, '--owner is a name, on one line'],
  ])('%j', async (flags, code, sentence) => {
    const around = temporaryFolder();
    const result = await command('init', join(around, 'new'), ...flags);
    expectRefused(result, code, sentence);
    expect(readdirSync(around)).toEqual([]);
  });

  test('a folder with files in it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mine.txt'), '');
    const sentence = `${folder} is not empty (mine.txt); name a folder that is new or empty`;
    expectRefused(await command('init', folder, '--name', 'a'), 1, sentence);
    expect(readdirSync(folder)).toEqual(['mine.txt']);
    expectRefused(await command('init', join(folder, 'mine.txt'), '--name', 'a'), 1, 'is a file');
  });

  test.skipIf(process.platform === 'win32')('a folder that nobody may write to', async () => {
    // What is imported is looked for as whoever runs the test.
    await command('init', join(temporaryFolder(), 'new'));
    const result = await withoutRights(() => command('init', '/usr/setpoint-init-test/new'));
    expectRefused(result, 1, 'nothing can be written there (EACCES); name another folder');
  });

  function expectRefused({ code, out, err }: Result, expected: number, sentence: string): void {
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toMatch(/^setpoint: /);
    expect(err).toContain(sentence);
    expect(err.trimEnd().split('\n').length).toBeLessThanOrEqual(err.includes('--help lists') ? 2 : 1);
  }
});

test('packages that cannot be had are an error, the project is whole, and it is said what to do', async () => {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/');
  vi.stubEnv('npm_config_fetch_retries', '0');
  vi.stubEnv('npm_config_cache', temporaryFolder());
  vi.stubEnv('npm_config_loglevel', 'silent');
  const folder = join(temporaryFolder(), 'new');
  const { code, err } = await command('init', folder, '--install');
  expect(code).toBe(1);
  expect(err).toContain(
    `setpoint: the project is in ${folder}, but \`npm install\` failed; its message is above; run \`npm install\` there\n`,
  );
  expect(files(folder)).toContain('src/main.ts');
});

test('a package manager that is not there is named', async () => {
  vi.stubEnv('PATH', temporaryFolder());
  const { code, err } = await command('init', join(temporaryFolder(), 'new'), '--install', '--package-manager', 'bun');
  expect(code).toBe(1);
  expect(err).toContain('but bun is not installed here; run `bun install` there');
});

test('a call that is killed leaves no project, or a whole one', { timeout: 30_000 }, async () => {
  const around = mkdtempSync(join(tmpdir(), 'setpoint-init-'));
  onTestFinished(() => rmSync(around, { recursive: true, force: true }));
  const whole = files(await made()).length;
  const program = join(import.meta.dirname, '../../bin/setpoint.js');
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const folder = join(around, String(i), 'happy-friends');
      const child = spawn(process.execPath, [program, 'init', folder], { stdio: 'ignore' });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      while (child.exitCode === null && !readdirSync(around).includes(String(i))) await delay(1);
      child.kill('SIGKILL');
      await gone;
      return readdirSync(around).includes(String(i)) && readdirSync(join(around, String(i))).includes('happy-friends')
        ? files(folder).length
        : 0;
    }),
  );
  for (const found of outcomes) expect([0, whole]).toContain(found);
});

/** As somebody who owns nothing; whoever runs the tests may be allowed everything. */
async function withoutRights<T>(body: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return body();
  process.seteuid?.(65534);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
  }
}
