// Control groups are what a cluster leaves on the machine that it runs on: one, by its name, in each hierarchy.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const mounted = '/sys/fs/cgroup';

/** One of version 2, or one for each controller. */
function hierarchies(): readonly string[] {
  if (isGroup(mounted)) return [mounted];
  return readdirSync(mounted)
    .map((name) => join(mounted, name))
    .filter(isGroup);
}

function isGroup(folder: string): boolean {
  return existsSync(join(folder, 'cgroup.procs'));
}

export function makeControlGroups(name: string): void {
  for (const hierarchy of hierarchies()) {
    const offered = join(hierarchy, 'cgroup.controllers');
    if (existsSync(offered)) {
      const controllers = readFileSync(offered, 'utf8').trim().split(' ').filter(Boolean);
      for (const folder of [hierarchy, join(hierarchy, name)]) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'cgroup.subtree_control'), controllers.map((one) => `+${one}`).join(' '));
      }
    }
    mkdirSync(join(hierarchy, name), { recursive: true });
  }
}

/** Removes groups whose processes have ended, which the kernel may need a moment to notice. */
export async function removeControlGroups(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    for (let attempt = 0; existsSync(join(hierarchy, name)); attempt++) {
      try {
        removeTree(join(hierarchy, name));
      } catch (error) {
        if (attempt === 100) throw error;
        await delay(50);
      }
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** Names of groups at the top that begin so. */
export function controlGroups(prefix: string): readonly string[] {
  const names = hierarchies().flatMap((hierarchy) => readdirSync(hierarchy).filter((name) => name.startsWith(prefix)));
  return [...new Set(names)];
}
