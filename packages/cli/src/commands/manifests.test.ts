import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../../test/command.ts';

const root = join(import.meta.dirname, '../../../..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'setpoint-manifests-'));
  cpSync(join(root, 'operators/foo/src'), join(folder, 'src'), { recursive: true });
  cpSync(join(root, 'operators/foo/package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const setpoint = (...argv: string[]) => command('manifests', '--project', folder, ...argv);
const path = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(path(name), 'utf8');

test('writes what is missing, and nothing a second time', async () => {
  expect(await setpoint('--check')).toMatchObject({ code: 1, err: expect.stringContaining('out of date: config/') });
  expect(existsSync(path('config'))).toBe(false);
  const { code, out } = await setpoint();
  expect(code).toBe(0);
  expect(out).toContain('dist/install.yaml written\n');
  expect((await setpoint()).out).toMatch(/^\d+ files unchanged\n$/);
  expect(await setpoint('--check')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ files are up to date\n$/),
  });
});

test('a sample has the required fields, and is never written again', async () => {
  const sample = 'config/samples/tutorial_v1_foo.yaml';
  expect(read(sample)).toBe(`apiVersion: tutorial.my.domain/v1
kind: Foo
metadata:
  name: foo-sample
  namespace: default
spec:
  name: example
`);
  writeFileSync(path(sample), 'mine: yes\n');
  await setpoint();
  expect(read(sample)).toBe('mine: yes\n');
});

test('what it generated it mends, and removes where it is needed no more', async () => {
  writeFileSync(path('config/rbac/role.yaml'), `${read('config/rbac/role.yaml')}# changed\n`);
  writeFileSync(path('config/rbac/old.yaml'), read('config/rbac/role.yaml'));
  writeFileSync(path('config/rbac/mine.yaml'), 'a: b\n');
  const { err } = await setpoint('--check');
  expect(err).toContain('config/rbac/role.yaml, config/rbac/old.yaml (to be removed)');
  await setpoint();
  expect(read('config/rbac/role.yaml')).not.toContain('# changed');
  expect(existsSync(path('config/rbac/old.yaml'))).toBe(false);
  expect(read('config/rbac/mine.yaml')).toBe('a: b\n');
});

test('a file of somebody else in its place is not overwritten', async () => {
  writeFileSync(path('config/rbac/role.yaml'), 'a: b\n');
  const { code, err } = await setpoint();
  expect(code).toBe(1);
  expect(err).toContain('config/rbac/role.yaml: not written, since somebody else did');
  expect(read('config/rbac/role.yaml')).toBe('a: b\n');
  rmSync(path('config/rbac/role.yaml'));
});

test('setpoint.config.ts sets namespace and image', async () => {
  const write = (config: string) => writeFileSync(path('setpoint.config.ts'), `export default ${config};\n`);
  write(`{ deployment: { namespace: 'mine', image: 'r/i:t' } }`);
  expect((await setpoint()).code).toBe(0);
  const install = read('dist/install.yaml');
  expect(install).toContain('image: r/i:t\n');
  expect(install).toContain('namespace: mine\n');
  expect((await setpoint('--image', 'a b')).err).toContain('image "a b": use registry/repository:tag');
});
