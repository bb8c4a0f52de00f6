// `npm run test:real`: the same scenarios on a real etcd + kube-apiserver and on the embedded control plane.
// Needs Go (the servers are built from Go modules, once); without it everything is skipped, except in CI.
import { buildRealApiServer, goIsInstalled } from '../test/real-apiserver/build.ts';
import { runSteps, vitestPlayedAgain } from './lib/steps.ts';

if (!goIsInstalled()) {
  const inCi = process.env.CI === 'true';
  console.log(
    `Go is not installed, so the real API server cannot be built${inCi ? '' : '; all comparisons are skipped'}.`,
  );
  console.log(inCi ? '0 passed, 1 failed' : '0 passed, 0 failed, 1 skipped');
  process.exit(inCi ? 1 : 0);
}
buildRealApiServer();
if (!process.argv.includes('--build-only')) {
  await runSteps([vitestPlayedAgain('comparison with the real API server', '--config', 'vitest.real.config.ts')]);
}
