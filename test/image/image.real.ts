// Images of `setpoint image`, looked at and run by programs that others wrote: skopeo, umoci, runc, crane.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { nodeBase } from './base.ts';
import { buildCrane, whyNoImages } from './tools.ts';

const foo = join(import.meta.dirname, '../../operators/foo');
const setpoint = join(import.meta.dirname, '../../packages/cli/bin/setpoint.js');

const reason = await whyNoImages();
if (reason !== undefined) console.log(`images are not looked at: ${reason}`);

function run(program: string, ...argv: readonly string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function image(...flags: readonly string[]): string {
  return run(process.execPath, setpoint, 'image', '--project', foo, '--base', nodeBase(), ...flags).trim();
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'setpoint-image-test-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe.skipIf(reason !== undefined)('an image of the Foo operator', () => {
  test('is read by skopeo as it was described', () => {
    const archive = join(folder(), 'foo.tar');
    const digest = image('--tag', 'localhost/foo:1', '--output', archive);
    const found = JSON.parse(run('skopeo', 'inspect', `oci-archive:${archive}`));
    expect(found.Digest).toBe(digest);
    expect([found.Os, found.Architecture, found.Layers.length]).toEqual(['linux', 'amd64', 3]);
    expect(found.Labels['org.opencontainers.image.title']).toBe('foo-operator');
    // Older Dockers go by another list in the same archive.
    const docker = JSON.parse(run('skopeo', 'inspect', '--config', `docker-archive:${archive}`));
    expect(docker.config.Entrypoint).toEqual(['/nodejs/bin/node', '--enable-source-maps', 'dist/operator/main.mjs']);
  });

  test('runs as nobody, on a file system that cannot be written', () => {
    const at = folder();
    const archive = join(at, 'foo.tar');
    image('--tag', 'localhost/foo:1', '--output', archive);
    run('skopeo', 'copy', '--quiet', `oci-archive:${archive}`, `oci:${join(at, 'layout')}:foo`);
    run('umoci', 'unpack', '--image', `${join(at, 'layout')}:foo`, join(at, 'bundle'));
    const file = join(at, 'bundle', 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    expect(config.process).toMatchObject({ user: { uid: 65532, gid: 65532 }, cwd: '/app' });
    config.process.terminal = false;
    config.process.args.push('--help');
    config.root.readonly = true;
    writeFileSync(file, JSON.stringify(config));
    const name = `setpoint-image-${process.pid}`;
    const { status, stdout } = spawnSync('runc', ['run', '--bundle', join(at, 'bundle'), name], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^foo-operator: a Kubernetes operator/)]);
  });

  test('can be compressed by zstd', () => {
    const at = folder();
    const archive = join(at, 'foo.tar');
    const flags = ['--project', foo, '--base', 'none', '--tag', 'localhost/foo:1', '--compression', 'zstd'];
    run(process.execPath, setpoint, 'image', ...flags, '--output', archive);
    const { rootfs } = JSON.parse(run('skopeo', 'inspect', '--config', `oci-archive:${archive}`));
    run('skopeo', 'copy', '--quiet', '--dest-decompress', `oci-archive:${archive}`, `dir:${join(at, 'plain')}`);
    for (const digest of rootfs.diff_ids) {
      const bytes = readFileSync(join(at, 'plain', digest.replace('sha256:', '')));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest.replace('sha256:', ''));
    }
  });

  describe('in a registry', () => {
    let crane: string;
    let registry: Registry;
    beforeAll(async () => {
      crane = buildCrane();
      registry = await startRegistry(crane);
    }, 600_000);
    afterAll(() => registry?.[Symbol.asyncDispose]());

    test('is found valid by crane, and is the same after a round trip', () => {
      const name = `${registry.host}/team/foo:1`;
      const pushed = image('--tag', name, '--push');
      expect(pushed).toMatch(new RegExp(`^${registry.host}/team/foo@sha256:[0-9a-f]{64}$`));
      expect(run(crane, 'digest', name).trim()).toBe(pushed.split('@')[1]);
      run(crane, 'validate', '--remote', pushed);
      expect(JSON.parse(run('skopeo', 'inspect', '--tls-verify=false', `docker://${name}`)).Digest).toBe(
        pushed.split('@')[1],
      );
      // Built upon itself: pulled, and its layers taken over.
      const upon = run(
        process.execPath,
        setpoint,
        'image',
        '--project',
        foo,
        '--base',
        name,
        '--tag',
        `${registry.host}/other/foo`,
        '--push',
      ).trim();
      run(crane, 'validate', '--remote', upon);
      expect(JSON.parse(run(crane, 'manifest', upon)).layers).toHaveLength(5);
    });

    test('can be for two platforms under one name', () => {
      const name = `${registry.host}/team/both:1`;
      const flags = [
        '--project',
        foo,
        '--base',
        'none',
        '--platform',
        'linux/amd64,linux/arm64',
        '--tag',
        name,
        '--push',
      ];
      const pushed = run(process.execPath, setpoint, 'image', ...flags).trim();
      run(crane, 'validate', '--remote', pushed);
      for (const architecture of ['amd64', 'arm64']) {
        const config = JSON.parse(run(crane, 'config', '--platform', `linux/${architecture}`, name));
        expect(config.architecture).toBe(architecture);
      }
    });

    test('is made upon a base that crane pushed', () => {
      const at = folder();
      run(
        'skopeo',
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        `oci:${nodeBase()}:node-24`,
        `docker://${registry.host}/base/node:24`,
      );
      const archive = join(at, 'foo.tar');
      const flags = [
        '--project',
        foo,
        '--base',
        `${registry.host}/base/node:24`,
        '--tag',
        'localhost/foo:1',
        '--output',
        archive,
      ];
      run(process.execPath, setpoint, 'image', ...flags);
      const [layer] = JSON.parse(run('skopeo', 'inspect', `oci-archive:${archive}`)).Layers;
      expect(layer).toBe(JSON.parse(run(crane, 'manifest', `${registry.host}/base/node:24`)).layers[0].digest);
    });
  });
});

interface Registry extends AsyncDisposable {
  readonly host: string;
}

async function startRegistry(crane: string): Promise<Registry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const child = spawn(crane, ['registry', 'serve', '--address', host], { stdio: 'ignore' });
  const closed = new Promise((resolve) => child.once('exit', resolve));
  for (let left = 100; left > 0; left--) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.ok) break;
    await delay(100);
  }
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill();
      await closed;
    },
  };
}
