// A package registry in this process, for installing what would be published: offline, and with nothing but npm.
//
// It has the packed packages of this repository, and whatever the lock file names: what is installed here is packed again
// from node_modules when it is asked for, and what is for other platforms is described but cannot be had.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { packTar } from 'modern-tar/fs';

export interface Registry extends AsyncDisposable {
  /** With a slash at its end. */
  readonly url: string;
  /** How often something was asked for. */
  readonly requests: ReadonlyMap<string, number>;
}

/** One version of a package. */
interface Release {
  readonly manifest: { readonly name: string; readonly version: string };
  /** A tarball, or a folder to make one of. */
  readonly source?: { readonly tarball: string } | { readonly folder: string };
}

/** The build is that of scripts/pack.ts. */
export async function serveRegistry(build = 'build'): Promise<Registry> {
  const releases = [...packedReleases(build), ...lockedReleases()];
  const requests = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url?.split('?')[0] ?? '/').slice(1);
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const file = /^-\/(\d+)\.tgz$/.exec(path)?.[1];
    const asked = file === undefined ? undefined : releases[Number(file)];
    if (asked?.source) {
      sendTarball(asked.source, response).catch(() => response.destroy());
      return;
    }
    const document = describe(path, releases, `http://${request.headers.host}`);
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { error: `${path} is not there` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function packedReleases(build: string): readonly Release[] {
  return readdirSync(join(build, 'staged')).map((name) => {
    const manifest = JSON.parse(readFileSync(join(build, 'staged', name, 'package.json'), 'utf8'));
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
    return { manifest, source: { tarball: join(build, 'packages', file) } };
  });
}

function lockedReleases(): readonly Release[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const releases: Release[] = [];
  for (const [place, locked] of Object.entries<{ version: string; link?: boolean }>(packages)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    if (name === undefined || locked.link) continue;
    const own = join(place, 'package.json');
    if (existsSync(own)) {
      releases.push({ manifest: JSON.parse(readFileSync(own, 'utf8')), source: { folder: place } });
    } else releases.push({ manifest: { ...locked, name } });
  }
  return releases;
}

/** What a client reads before it chooses a version. */
function describe(name: string, releases: readonly Release[], url: string): object | undefined {
  const versions: Record<string, object> = {};
  let latest: string | undefined;
  for (const [i, { manifest, source }] of releases.entries()) {
    if (manifest.name !== name) continue;
    // A package that is installed has been through its scripts, and says things that only its authors need.
    const { scripts: _, devDependencies: __, ...published } = manifest as Record<string, unknown>;
    versions[manifest.version] = { ...published, dist: { tarball: `${url}/-/${source ? i : `none/${name}`}.tgz` } };
    latest ??= manifest.version;
  }
  return latest === undefined ? undefined : { name, 'dist-tags': { latest }, versions };
}

async function sendTarball(source: NonNullable<Release['source']>, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  if ('tarball' in source) return pipeline(createReadStream(source.tarball), response);
  const { folder } = source;
  const tar = packTar(folder, {
    filter: (path) => !relative(folder, path).split(sep).includes('node_modules'),
    map: (header) => ({ ...header, name: `package/${header.name}` }),
  });
  // Stored rather than compressed: it goes no further than this machine.
  await pipeline(tar, createGzip({ level: 0 }), response);
}
