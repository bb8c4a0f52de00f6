// `npm run test:cluster`: operators deployed on a whole Kubernetes of one node (test/cluster).
// Needs Linux, root, Go and some Debian packages, which CI installs; without them everything is skipped, except in CI.
// `-- --up` starts a cluster to look into, until Ctrl-C; `-- --build-only` runs nothing.

import { buildClusterPrograms } from '../test/cluster/build.ts';
import { startCluster } from '../test/cluster/cluster.ts';
import { installPackages, missingPackages } from '../test/cluster/packages.ts';
import { buildHelm } from '../test/deployment/helm.ts';
import { goIsInstalled } from '../test/real-apiserver/build.ts';
import { check, runSteps, vitestPlayedAgain } from './lib/steps.ts';

const inCi = process.env.CI === 'true';
const reason = await whyNot();
if (reason !== undefined) {
  console.log(`${reason}, so no cluster can be started${inCi ? '' : '; all deployments on it are skipped'}.`);
  console.log(inCi ? '0 passed, 1 failed' : '0 passed, 0 failed, 1 skipped');
  process.exit(inCi ? 1 : 0);
}
buildClusterPrograms();
buildHelm();
if (process.argv.includes('--up')) {
  await using cluster = await startCluster();
  console.log(
    `export KUBECONFIG=${cluster.kubeconfig}\n${cluster.binaries}/kubectl; ports of the node at ${cluster.address}`,
  );
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
} else if (!process.argv.includes('--build-only')) {
  await runSteps([
    check('packages as they are published', 'node', 'scripts/pack.ts'),
    vitestPlayedAgain('operators deployed on a real cluster', '--config', 'vitest.cluster.config.ts'),
  ]);
}

/** What a cluster lacks here, in CI after an attempt to install it. */
async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'This is not Linux';
  if (process.getuid?.() !== 0) return 'This is not root';
  if (!goIsInstalled()) return 'Go is not installed';
  const missing = missingPackages();
  if (missing.length === 0) return undefined;
  const named = `These Debian packages are missing: ${missing.join(' ')}`;
  if (!inCi) return named;
  try {
    await installPackages(missing);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}
