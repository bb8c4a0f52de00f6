import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from './cluster.ts';
import { crash, idle, node, web, writeImage } from './images.ts';
import { importImage } from './node.ts';
import { makeProjects } from './projects.ts';

/** What the tests know of their cluster. */
export type ProvidedCluster = Omit<Cluster, typeof Symbol.asyncDispose> & {
  /** The folder with a folder for each operator. */
  readonly projects: string;
  /** The archive with an image of Node. */
  readonly base: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: ProvidedCluster;
  }
}

/** One cluster for a whole run; a test leaves it as it was. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const making = makeProjects();
  making.catch(() => undefined);
  const cluster = await startCluster();
  const { [Symbol.asyncDispose]: dispose, ...known } = cluster;
  const projects = await making.catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  const archive = (name: string) => join(projects, `${name}.tar`);
  writeImage(node, archive('node'));
  for (const [name, recipe] of Object.entries({ web, idle, crash })) {
    writeImage(recipe, archive(name));
    importImage(cluster.pid, archive(name));
  }
  console.log(`the cluster of the tests started in ${(cluster.startMs / 1000).toFixed(1)} s`);
  project.provide('cluster', { ...known, projects, base: archive('node') });
  return async () => {
    await dispose();
    rmSync(projects, { recursive: true, force: true });
  };
}
