// Small images made of files of this machine, as OCI archives: nothing is fetched from a registry.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ImageRecipe {
  /** `repository:tag`, of the registry localhost. */
  readonly name: string;
  readonly entrypoint: readonly string[];
  readonly user?: string;
  /** Puts its files into a folder that becomes `/`. */
  fill(root: string): void;
}

/** Applets of busybox, by which a pod can serve and ask over HTTP. */
const busybox: ImageRecipe = {
  name: 'localhost/busybox:1',
  entrypoint: ['/bin/sh'],
  fill(root) {
    mkdirSync(join(root, 'bin'));
    cpSync('/usr/bin/busybox', join(root, 'bin/busybox'), { dereference: true });
    const applets = execFileSync('/usr/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
    for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  },
};

/** What holds the namespaces of a pod. */
export const pause: ImageRecipe = { ...busybox, name: 'localhost/pause:1', entrypoint: ['/bin/sleep', '2147483647'] };

/** Serves the file `index.html`, which says `hello`, at port 8080. */
export const web: ImageRecipe = {
  name: 'localhost/web:1',
  entrypoint: ['/bin/sh', '-c', 'trap exit TERM; httpd -f -p 8080 -h /www & wait'],
  user: '65532',
  fill(root) {
    busybox.fill(root);
    mkdirSync(join(root, 'www'));
    writeFileSync(join(root, 'www/index.html'), 'hello\n');
  },
};

/** Does nothing, whatever it is told, until it is ended. */
export const idle: ImageRecipe = {
  ...busybox,
  name: 'localhost/idle:1',
  entrypoint: ['/bin/sh', '-c', 'trap exit TERM; sleep 2147483647 & wait'],
};

/** Says why it cannot go on, and ends. */
export const crash: ImageRecipe = {
  ...busybox,
  name: 'localhost/crash:1',
  entrypoint: ['/bin/sh', '-c', 'echo the sky has fallen; exit 3'],
};

/** The Node that runs this, with the libraries that it asks for. */
export const node: ImageRecipe = {
  name: 'localhost/node:24',
  entrypoint: ['/usr/bin/node'],
  user: '65532',
  fill(root) {
    const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
    for (const file of libraries) copyInto(root, file, file);
    copyInto(root, process.execPath, '/usr/bin/node');
    mkdirSync(join(root, 'tmp'), { mode: 0o1777 });
  },
};

function copyInto(root: string, from: string, to: string): void {
  mkdirSync(join(root, dirname(to)), { recursive: true });
  cpSync(realpathSync(from), join(root, to));
}

/** Writes the image as an OCI archive. */
export function writeImage({ name, entrypoint, user = '0', fill }: ImageRecipe, archive: string): void {
  const work = mkdtempSync(join(tmpdir(), 'setpoint-image-'));
  try {
    const [root, layout] = [join(work, 'root'), join(work, 'layout')];
    mkdirSync(root);
    fill(root);
    const blobs = join(layout, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const keep = (mediaType: string, content: Buffer) => {
      const hash = createHash('sha256').update(content).digest('hex');
      writeFileSync(join(blobs, hash), content);
      return { mediaType, digest: `sha256:${hash}`, size: content.length };
    };
    const json = (kind: string, value: object) =>
      keep(`application/vnd.oci.image.${kind}.v1+json`, Buffer.from(JSON.stringify(value)));
    execFileSync('tar', ['--create', '--owner=0', '--group=0', '--numeric-owner', '--file', join(work, 'layer'), '.'], {
      cwd: root,
    });
    const layer = keep('application/vnd.oci.image.layer.v1.tar', readFileSync(join(work, 'layer')));
    const config = json('config', {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: entrypoint, User: user, Env: ['PATH=/usr/bin:/bin'], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = json('manifest', { schemaVersion: 2, config, layers: [layer] });
    const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.split(':')[1] };
    writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(
      join(layout, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
    );
    execFileSync('tar', ['--create', '--file', archive, '.'], { cwd: layout });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
