import type { TestProject } from 'vitest/node';
import { startRealApiServer } from './real-apiserver/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a kubeconfig of the real API server: an admin in system:masters. */
    readonly realKubeconfig: string;
    /** The folder with its programs, kubectl among them. */
    readonly realBinaries: string;
  }
}

/** One real API server for a whole run; scenarios keep apart by namespace and group. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRealApiServer();
  project.provide('realKubeconfig', server.kubeconfig);
  project.provide('realBinaries', server.binaries);
  return server.stop;
}
