import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { scenarios as cacheScenarios } from '../cache-scenarios.ts';
import { scenarios as clientScenarios } from '../client-scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'setpoint-client-'));
const embedded = join(folder, 'kubeconfig');
// The real one beside it has no controllers either.
const controlPlane = createControlPlane({ controllers: [] });

beforeAll(async () => {
  await controlPlane.listen({ kubeconfig: embedded });
});

afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const [name, kubeconfig] of [
  ['a real kube-apiserver', inject('realKubeconfig')],
  ['the embedded control plane', embedded],
] as const) {
  describe(`the client on ${name}`, () => {
    for (const [scenario, play] of Object.entries(clientScenarios)) test(scenario, () => play(kubeconfig));
  });
  describe(`the cache on ${name}`, () => {
    for (const [scenario, play] of Object.entries(cacheScenarios)) test(scenario, () => play(kubeconfig));
  });
}
