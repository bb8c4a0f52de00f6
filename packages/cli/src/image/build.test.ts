import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import { npmProject, pnpmProject } from '../../test/image-project.ts';
import { findProject } from '../project.ts';
import { type Descriptor, jsonBytes, openRegistries, parseReference, readAll, sha256 } from '../registry/index.ts';
import { writeArchive } from './archive.ts';
import { type Build, type BuildOptions, buildImages } from './build.ts';
import type { ImageConfig, ImageManifest } from './document.ts';
import { tarBytes } from './tar.ts';

const { signal } = new AbortController();
const epoch = new Date(0);
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

async function built(project: string, options: Partial<BuildOptions> = {}): Promise<Build> {
  const registries = openRegistries({ signal, logins: async () => undefined });
  const all: BuildOptions = {
    base: 'none',
    platforms: [amd64],
    created: epoch,
    compression: 'gzip',
    bundle: false,
    registries,
    signal,
    progress: () => {},
    ...options,
  };
  const build = await buildImages(findProject(project), all);
  onTestFinished(async () => {
    registries[Symbol.dispose]();
    await build[Symbol.asyncDispose]();
  });
  return build;
}

async function read<T>(blob: { open(): AsyncIterable<Uint8Array> } | undefined): Promise<T> {
  return JSON.parse((await bytesOf(blob)).toString());
}

async function bytesOf(blob: { open(): AsyncIterable<Uint8Array> } | undefined): Promise<Buffer> {
  if (blob === undefined) throw new Error('there is no such blob');
  return readAll(blob.open());
}

/** An OCI layout with an image that has one layer of a few bytes. */
function baseLayout(config: object = {}, platform: object = amd64, folder: string = temporaryFolder()): string {
  const keep = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = sha256(bytes);
    const file = join(folder, 'blobs', digest.replace(':', '/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const layer = Buffer.from('pretend to be compressed');
  const [diff, history] = [`sha256:${'0'.repeat(64)}`, [{ created_by: 'somebody' }]];
  const manifest = {
    schemaVersion: 2,
    config: keep(
      'application/vnd.docker.container.image.v1+json',
      jsonBytes({ ...platform, config, rootfs: { type: 'layers', diff_ids: [diff] }, history }),
    ),
    layers: [keep('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
  };
  const descriptor = keep('application/vnd.docker.distribution.manifest.v2+json', jsonBytes(manifest));
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  return folder;
}

test('the same input makes the same image, wherever and whenever it is built', async () => {
  const [one, other] = [npmProject(), npmProject()];
  const later = new Date(1_700_000_000_000);
  for (const file of ['src/main.ts', 'node_modules/left/index.js']) utimesSync(join(other, file), later, later);
  chmodSync(join(other, 'src/main.ts'), 0o600);
  const [a, b, c] = [await built(one), await built(other), await built(pnpmProject())];
  expect(b.top.descriptor).toEqual(a.top.descriptor);
  expect(c.top.descriptor).toEqual(a.top.descriptor);
  // Another one would mean that all images change with a new version of Setpoint: let that be meant.
  expect(a.top.descriptor.digest).toBe('sha256:5f05d6d67f81e9f439c271e77a46150d0260874dd276f7678c23e9fe98338571');
});

test('another source makes another image, with the same layer of packages', async () => {
  const project = npmProject();
  const [before] = (await built(project)).images;
  writeFileSync(join(project, 'src/main.ts'), '// changed');
  const [after] = (await built(project)).images;
  expect(after?.layers[0]?.descriptor).toEqual(before?.layers[0]?.descriptor);
  expect(after?.layers[1]?.descriptor.digest).not.toBe(before?.layers[1]?.descriptor.digest);
});

test('layers hold what everybody may read and nobody but root may change', async () => {
  const project = npmProject();
  chmodSync(join(project, 'node_modules/left/index.js'), 0o4700);
  const [image] = (await built(project, { created: new Date(1_700_000_000_000) })).images;
  const entries = await unpackTar(gunzipSync(await bytesOf(image?.layers[0])));
  expect(entries.map(({ header: { name, mode } }) => [name, mode?.toString(8)])).toEqual([
    ['app/', '755'],
    ['app/node_modules/', '755'],
    ['app/node_modules/left/', '755'],
    ['app/node_modules/left/index.js', '755'],
    ['app/node_modules/left/node_modules/', '755'],
    ['app/node_modules/left/node_modules/right/', '755'],
    ['app/node_modules/left/node_modules/right/lib/', '755'],
    ['app/node_modules/left/node_modules/right/lib/index.js', '644'],
    ['app/node_modules/left/node_modules/right/package.json', '644'],
    ['app/node_modules/left/package.json', '644'],
    ['app/node_modules/right/', '755'],
    ['app/node_modules/right/lib/', '755'],
    ['app/node_modules/right/lib/index.js', '644'],
    ['app/node_modules/right/package.json', '644'],
  ]);
  for (const { header } of entries) {
    expect([header.uid, header.gid, header.mtime?.getTime()]).toEqual([0, 0, 1_700_000_000_000]);
  }
});

test('long and foreign paths survive', async () => {
  const long = `node_modules/left/${'deep/'.repeat(60)}${'n'.repeat(120)}.js`;
  const foreign = `node_modules/left/${'äöü/'.repeat(20)}日本.js`;
  const [image] = (await built(npmProject({}, { [long]: 'long', [foreign]: 'foreign' }))).images;
  const entries = await unpackTar(gunzipSync(await bytesOf(image?.layers[0])));
  const names = entries.map(({ header }) => header.name);
  expect(names).toContain(`app/${long}`);
  expect(names).toContain(`app/${foreign}`);
});

test.each([
  ['gzip', '+gzip', gunzipSync],
  ['zstd', '+zstd', zstdDecompressSync],
  ['none', '', (bytes: Buffer) => bytes],
] as const)(
  'layers are compressed by %s, and known by what they were before',
  async (compression, suffix, decompress) => {
    const project = npmProject();
    const [plain] = (await built(project, { compression: 'none' })).images;
    const build = await built(project, { compression });
    const [image] = build.images;
    const { rootfs } = await read<ImageConfig>(image?.config);
    for (const [i, { descriptor, open }] of (image?.layers ?? []).entries()) {
      const bytes = await readAll(open());
      expect(descriptor).toEqual({
        mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
        digest: sha256(bytes),
        size: bytes.length,
      });
      // Neither time nor system in its header.
      if (compression === 'gzip') expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
      const diffId = sha256(decompress(bytes));
      expect([diffId, plain?.layers[i]?.descriptor.digest]).toEqual([rootfs.diff_ids[i], diffId]);
    }
    expect((await built(npmProject(), { compression })).top.descriptor).toEqual(build.top.descriptor);
  },
);

test('the config says how the operator is run', async () => {
  const [image] = (await built(npmProject())).images;
  expect(await read<ImageConfig>(image?.config)).toMatchObject({
    created: '1970-01-01T00:00:00Z',
    os: 'linux',
    architecture: 'amd64',
    config: {
      User: '65532:65532',
      WorkingDir: '/app',
      Entrypoint: ['node', 'src/main.ts'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'NODE_ENV=production'],
      Labels: {
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.title': 'demo',
        'org.opencontainers.image.version': '1.2.3',
      },
    },
    rootfs: { type: 'layers', diff_ids: [expect.stringMatching(/^sha256:/), expect.stringMatching(/^sha256:/)] },
  });
});

test('an image stands on its base: layers, settings and history', async () => {
  const base = baseLayout({
    Entrypoint: ['/nodejs/bin/node'],
    Cmd: ['--version'],
    Env: ['PATH=/x', 'NODE_ENV=development', 'SSL_CERT_FILE=/certs'],
    Labels: { z: 'theirs', 'org.opencontainers.image.title': 'Base' },
    StopSignal: 'SIGTERM',
  });
  const [image] = (await built(npmProject(), { base })).images;
  const manifest = await read<ImageManifest>(image?.manifest);
  expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+gzip',
  ]);
  expect(manifest.config).toEqual(image?.config.descriptor);
  const { config, history, rootfs } = await read<ImageConfig>(image?.config);
  expect(config).toEqual({
    Env: ['PATH=/x', 'SSL_CERT_FILE=/certs', 'NODE_ENV=production'],
    StopSignal: 'SIGTERM',
    User: '65532:65532',
    Entrypoint: ['/nodejs/bin/node', 'src/main.ts'],
    WorkingDir: '/app',
    Labels: {
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.title': 'demo',
      'org.opencontainers.image.version': '1.2.3',
      z: 'theirs',
    },
  });
  expect(history?.map(({ created_by, comment }) => comment ?? created_by)).toEqual([
    'somebody',
    'dependencies',
    'sources',
  ]);
  expect(rootfs.diff_ids).toHaveLength(3);
});

test('a file that changes while it is read is noticed', async () => {
  const entry = {
    type: 'file',
    path: 'app/x',
    executable: false,
    size: 3,
    async *open() {
      yield Buffer.from('longer');
    },
  } as const;
  await expect(readAll(tarBytes([entry], epoch))).rejects.toThrow('app/x changed while it was read; run it once more');
  await expect(readAll(tarBytes([{ ...entry, size: 30 }], epoch))).rejects.toThrow('app/x changed while it was read');
});

test('an image for several platforms is an index, and shares its layers', async () => {
  const build = await built(npmProject(), { platforms: [amd64, arm64] });
  const { manifests } = await read<{ manifests: Descriptor[] }>(build.top);
  expect(manifests.map(({ platform }) => platform)).toEqual([amd64, arm64]);
  const [one, other] = build.images;
  expect(other?.layers.map(({ descriptor }) => descriptor)).toEqual(one?.layers.map(({ descriptor }) => descriptor));
});

test('an archive is complete, can be a base itself, and is the same again', async () => {
  const project = npmProject();
  const folder = temporaryFolder();
  const write = async (name: string, options: Partial<BuildOptions> = {}) => {
    const build = await built(project, options);
    const file = join(folder, name);
    await writeArchive(file, parseReference('team/demo:1'), build, { mtime: epoch, signal });
    return { file, build };
  };
  const first = await write('first.tar', { base: baseLayout() });
  const bytes = readFileSync(first.file);
  expect(readFileSync((await write('again.tar', { base: baseLayout() })).file).equals(bytes)).toBe(true);

  const entries = new Map((await unpackTar(bytes)).map(({ header, data }) => [header.name, data]));
  const json = (path: string) => JSON.parse(Buffer.from(entries.get(path) ?? []).toString());
  for (const [path, data] of entries) {
    if (path.startsWith('blobs/sha256/') && data) expect(path).toBe(`blobs/${sha256(data).replace(':', '/')}`);
  }
  expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  const [named] = json('index.json').manifests;
  expect(named.annotations).toEqual({
    'io.containerd.image.name': 'docker.io/team/demo:1',
    'org.opencontainers.image.ref.name': 'docker.io/team/demo:1',
  });
  const { config, layers } = json(`blobs/${named.digest.replace(':', '/')}`);
  for (const { digest, size } of [config, ...layers]) {
    expect(entries.get(`blobs/${digest.replace(':', '/')}`)?.length).toBe(size);
  }
  const [docker] = json('manifest.json');
  expect(docker.RepoTags).toEqual(['docker.io/team/demo:1']);
  for (const path of [docker.Config, ...docker.Layers]) expect(entries.has(path)).toBe(true);

  const second = await write('second.tar', { base: first.file });
  expect(second.build.images[0]?.layers).toHaveLength(5);
});

test('a base that is not as it says is noticed', async () => {
  const base = baseLayout();
  const [{ digest }] = JSON.parse(readFileSync(join(base, 'index.json'), 'utf8')).manifests;
  const file = join(base, 'blobs', digest.replace(':', '/'));
  writeFileSync(file, readFileSync(file, 'utf8').replace('"schemaVersion":2', '"schemaVersion":3'));
  await expect(built(npmProject(), { base })).rejects.toThrow(`should have the digest ${digest}`);
});

test.each([
  [() => './absent', /^the base \.\/absent does not exist$/],
  [() => temporaryFolder(), /is no OCI layout: it has no index\.json$/],
  [() => `${baseLayout()}:other`, /has no image that is called other$/],
  [
    () => baseLayout({}, arm64),
    /is for linux\/arm64 and not for linux\/amd64; name another with --base, or its platform/,
  ],
  [() => join(npmProject(), 'src/main.ts'), /cannot be read as an archive/],
])('a base that will not do is refused: %#', async (base, message) => {
  await expect(built(npmProject(), { base: base() })).rejects.toThrow(message);
});
