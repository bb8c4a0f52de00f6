import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildRealApiServer } from '../real-apiserver/build.ts';
import { type RealApiServer, startRealApiServer } from '../real-apiserver/server.ts';

/** A server of the programs in `assets` that knows the definitions of a folder, for suites that start none. */
export async function runServers(assets: string, definitions: string): Promise<RealApiServer> {
  const servers = await startRealApiServer({ binaries: assets });
  const kubectl = (...args: string[]) => {
    const program = join(buildRealApiServer(), 'kubectl');
    const { status, stderr } = spawnSync(program, [`--kubeconfig=${servers.kubeconfig}`, ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr}`);
  };
  try {
    const files = globSync('*.yaml', { cwd: definitions }).map((file) => join(definitions, file));
    // What a folder has beside them (a kustomization, say) is not for a server.
    const wanted = files.filter((file) => readFileSync(file, 'utf8').includes('kind: CustomResourceDefinition'));
    kubectl('apply', '--server-side', ...wanted.map((file) => `--filename=${file}`));
    kubectl('wait', '--for=condition=Established', '--timeout=60s', 'customresourcedefinitions', '--all');
  } catch (error) {
    await servers.stop();
    throw error;
  }
  return servers;
}
