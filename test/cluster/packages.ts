import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a cluster needs beside Go, by the Debian package that has it. */
const needed = {
  containerd: ['/usr/bin/containerd', '/usr/bin/ctr'],
  runc: ['/usr/sbin/runc'],
  'containernetworking-plugins': ['/usr/lib/cni/ptp', '/usr/lib/cni/host-local', '/usr/lib/cni/loopback'],
  nftables: ['/usr/sbin/nft'],
  iproute2: ['/usr/sbin/ip'],
  'busybox-static': ['/usr/bin/busybox'],
  openssl: ['/usr/bin/openssl'],
} as const;

/** Debian packages of which something is missing. */
export function missingPackages(): readonly string[] {
  const [...all] = Object.entries(needed);
  return all.filter(([, files]) => !files.every((file) => existsSync(file) || existsSync(`/usr${file}`))).map(first);
}

function first([name]: readonly [string, unknown]): string {
  return name;
}

/** Installs them by apt-get, which fails at times where the network does; throws after some attempts. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const attempts = 4;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const apt = (...args: string[]) =>
      spawnSync('apt-get', ['-o', 'Acquire::Retries=3', '-qq', ...args], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status === 0;
    // What an update could not fetch an installation may have found before.
    apt('update');
    if (apt('install', '--yes', '--no-install-recommends', ...packages)) return;
    if (attempt < attempts) await delay(5_000 * attempt);
  }
  throw new Error(`apt-get could not install ${packages.join(', ')}; its message is above`);
}
