import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { command, temporaryFolder } from '../../test/command.ts';
import { folderWith, projectSources } from '../../test/image-project.ts';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** Only these programs are installed. */
function installed(scripts: Readonly<Record<string, string>>): void {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = folder;
}

function build(...flags: string[]) {
  const project = folderWith({ ...projectSources, 'package.json': { name: 'demo' }, Dockerfile: 'FROM scratch' });
  return command('docker-build', '--project', project, '--tag', 'demo:1', ...flags);
}

test('the first tool that is installed builds, and stdout has the name alone', async () => {
  installed({ podman: 'echo "podman $1 $2 $3"', buildah: 'exit 1' });
  const { code, out, err } = await build();
  expect([code, out]).toEqual([0, 'demo:1\n']);
  expect(err).toContain('podman build --tag demo:1\n');
});

test('--tool names another one', async () => {
  installed({ podman: 'exit 1', buildah: 'echo building' });
  expect((await build('--tool', 'buildah')).err).toContain('building');
  expect(await build('--tool', 'docker')).toMatchObject({
    code: 1,
    err: 'setpoint: docker is not installed: `setpoint image` builds the image without it\n',
  });
  expect((await build('--tool', 'make')).code).toBe(2);
});

test('what a tool says is shown, and that another way needs none', async () => {
  installed({ docker: 'echo no daemon >&2; exit 17' });
  const { code, out, err } = await build();
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(
    /no daemon\nsetpoint: docker build failed with exit code 17; `setpoint image` needs neither it nor/,
  );
});

test('without any tool, the other way is named', async () => {
  installed({});
  expect(await build()).toMatchObject({
    code: 1,
    err: 'setpoint: neither Docker nor Podman nor Buildah is installed: `setpoint image` builds the image without it\n',
  });
  expect((await build('--tag', 'Not A Name')).code).toBe(2);
});

test('without a Dockerfile, too', async () => {
  installed({ docker: 'exit 0' });
  const project = folderWith({ ...projectSources, 'package.json': {} });
  const { code, err } = await command('docker-build', '--project', project, '--tag', 'demo:1');
  expect([code, err]).toEqual([1, expect.stringContaining('there is no Dockerfile in')]);
});
