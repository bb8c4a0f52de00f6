import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { command, temporaryFolder } from '../../test/command.ts';
import { npmProject } from '../../test/image-project.ts';
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry } from '../registry/testing/fake-registry.ts';

const environment = { ...process.env };
beforeEach(() => {
  delete process.env.SOURCE_DATE_EPOCH;
  // Nobody's own logins.
  process.env.HOME = temporaryFolder();
});
afterEach(() => {
  process.env = { ...environment };
});

function image(...flags: string[]) {
  return command('image', '--base', 'none', '--tag', 'team/demo:1', ...flags);
}

async function registry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const made = await fakeRegistry(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

test('--output writes an archive, and its digest alone to stdout', async () => {
  const file = join(temporaryFolder(), 'demo.tar');
  const { code, out, err } = await image('--project', npmProject(), '--output', file);
  expect(err).toMatch(/dependencies: \d+ entries, \d+ kB\n.*sources: .*\n.* written: docker\.io\/team\/demo:1\n$/s);
  expect(out).toMatch(/^sha256:[a-f0-9]{64}\n$/);
  expect(code).toBe(0);
  expect(existsSync(file)).toBe(true);
});

test('--push sends it to its registry, and the name to deploy alone to stdout', async () => {
  const fake = await registry();
  const project = npmProject();
  const push = () => image('--project', project, '--tag', `${fake.host}/team/demo:1`, '--push');
  const { code, out, err } = await push();
  expect(out).toMatch(new RegExp(`^${fake.host}/team/demo@sha256:[a-f0-9]{64}\n$`));
  expect(code).toBe(0);
  expect(err.match(/ sent \(/g)).toHaveLength(3);
  expect(fake.manifests.has(`${out.trim().slice(fake.host.length + 1)}`)).toBe(true);
  expect(fake.manifests.has('team/demo:1')).toBe(true);

  const again = await push();
  expect(again.out).toBe(out);
  expect(again.err.match(/ present \(/g)).toHaveLength(3);
});

test('what was pushed is a base, whose layers are taken over within its registry', async () => {
  const fake = await registry();
  const project = npmProject();
  await image('--project', project, '--tag', `${fake.host}/base:1`, '--platform', 'linux/amd64,linux/arm64', '--push');
  const tag = `${fake.host}/team/demo:2`;
  const { code, out, err } = await image('--project', project, '--base', `${fake.host}/base:1`, '--tag', tag, '--push');
  expect([code, err]).toEqual([0, expect.stringContaining(' mounted (')]);
  const stored = fake.manifests.get(out.trim().slice(fake.host.length + 1));
  const { annotations, layers } = JSON.parse(stored?.bytes.toString() ?? '');
  expect(layers).toHaveLength(4);
  expect(annotations['org.opencontainers.image.base.name']).toBe(`${fake.host}/base:1`);
  expect(annotations['org.opencontainers.image.base.digest']).toMatch(/^sha256:/);
  expect(fake.requests.filter((request) => /^GET .*\/blobs\//.test(request))).toHaveLength(1);

  const s390x = await image(
    '--project',
    project,
    '--base',
    `${fake.host}/base:1`,
    '--platform',
    'linux/s390x',
    '--push',
  );
  expect(s390x.err).toContain(`has no image for linux/s390x, but for linux/amd64, linux/arm64\n`);
});

test('an image of sources is what was asked for, or what a program needs that cannot be bundled', async () => {
  const building = async (more: object, ...flags: string[]) => {
    const folder = npmProject(more, { 'src/worker.ts': "import 'left';" });
    return (await image('--project', folder, '--output', join(temporaryFolder(), 'x.tar'), ...flags)).err;
  };
  expect(await building({})).toMatch(/^not bundled: src\/worker\.ts imports left, and src\/main\.ts does not import /);
  expect(await building({}, '--no-bundle')).not.toContain('bundled');
  expect(await building({ setpoint: { bundle: false } })).not.toContain('bundled');
  expect(await building({ setpoint: { bundle: 'no' } })).toContain('setpoint.bundle has to be true or false');
  expect(await building({ setpoint: { external: 'left' } })).toContain(
    'setpoint.external has to be a list of packages',
  );
});

test('SOURCE_DATE_EPOCH sets the time of the image, and so its digest', async () => {
  const project = npmProject();
  const digestAt = async (time?: string) => {
    if (time) process.env.SOURCE_DATE_EPOCH = time;
    return (await image('--project', project, '--output', join(temporaryFolder(), 'x.tar'))).out;
  };
  const [zero, later] = [await digestAt(), await digestAt('1700000000')];
  expect(later).not.toBe(zero);
});

test('a push that is refused fails with what the registry says, and prints no name', async () => {
  const fake = await registry({
    intercept: ({ method }, response) => {
      if (method !== 'POST') return false;
      response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"not yours"}]}');
      return true;
    },
  });
  const { code, out, err } = await image('--project', npmProject(), '--tag', `${fake.host}/team/demo`, '--push');
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/setpoint: cannot push to .*\/team\/demo: .* answers 403: DENIED: not yours\n$/);
});

test('what failed leaves nothing behind', async () => {
  process.env.TMPDIR = temporaryFolder();
  const folder = temporaryFolder();
  const { code } = await image('--project', npmProject(), '--output', join(folder, 'x.tar'), '--base', './absent');
  expect([code, readdirSync(folder), readdirSync(process.env.TMPDIR)]).toEqual([1, [], []]);
});

test.each([
  [['--push', '--tag', 'Not A Name'], 2, 'the image name "Not A Name" is not valid: a repository is lower-case'],
  [['--push', '--tag', `x@sha256:${'0'.repeat(64)}`], 2, 'has a digest, which only the image itself can have'],
  [['--push', '--platform', 'windows/amd64'], 2, '"windows/amd64" is no platform: use linux/amd64 or linux/arm64'],
  [[], 2, 'say where the image goes: --push, or --output <file>'],
  [['--output', '/absent/folder/x.tar'], 1, 'cannot be written: there is no folder /absent/folder'],
  [['--output', '/tmp'], 1, '/tmp cannot be written: it is a folder'],
  [['--output', '/proc/x.tar'], 1, '/proc/x.tar was not written: '],
  [['--output', 'x.tar', '--project', '/absent'], 1, 'the folder /absent does not exist'],
  [['--push', '--base', 'localhost:1/base:1'], 1, 'cannot pull from localhost:1/base: cannot reach localhost:1'],
])('%j ends with %i and one sentence', async (flags, code, message) => {
  const project = flags.includes('--project') ? [] : ['--project', npmProject()];
  const result = await image(...project, ...flags);
  expect(result.err).toContain(message);
  expect([result.code, result.out]).toEqual([code, '']);
});

test('packages that are not installed are asked for', async () => {
  const project = npmProject();
  rmSync(join(project, 'node_modules'), { recursive: true });
  const { code, err } = await image('--project', project, '--push');
  expect([code, err]).toEqual([1, expect.stringMatching(/^setpoint: .* has no node_modules: run `npm install`\n$/)]);
});
