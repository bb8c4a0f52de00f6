// Plays what kube-controller-manager does on a kube-apiserver with one beside it, and on the embedded control plane with
// its controllers, and compares how both leave the objects.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type RealApiServer, startRealApiServer } from '../real-apiserver/server.ts';
import { controllerScenarios } from './controllers/index.ts';
import { normalise } from './normalise.ts';
import { type Exchange, recorded } from './recorder.ts';
import type { Scenario } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'setpoint-controllers-'));
const embedded = join(folder, 'kubeconfig');
const failures: string[] = [];
const controlPlane = createControlPlane({
  // A real cluster's provisioners are programs of their own, and not there; nor are scheduler and kubelets.
  controllers: ['*', '-volume-provisioner', '-pod-simulator'],
  admissionPlugins: { disable: ['ServiceAccount'] },
  allowPrivileged: false,
  onControllerFailure: ({ controller, key, error }) => failures.push(`${controller} ${key}: ${error}`),
});
const results: { area: string; name: string; comparisons: number; same: boolean }[] = [];
let real: RealApiServer;
let played = 0;

beforeAll(async () => {
  real = await startRealApiServer({ controllerManager: true });
  await controlPlane.listen({ kubeconfig: embedded });
}, 600_000);

afterAll(async () => {
  await real?.stop();
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
  writeFileSync('build/controllers.json', JSON.stringify(results, undefined, 2));
  console.log([`${results.length} scenarios of controllers`, ...failures].join('\n'));
});

for (const [area, ofArea] of Map.groupBy(controllerScenarios, (scenario) => scenario.area)) {
  describe(area, () => {
    test.concurrent.for(ofArea)('$name', { timeout: 180_000, retry: 1 }, async (scenario, { expect }) => {
      const name = `k${played++}`;
      const [wanted, seen] = await Promise.all([play(scenario, real.kubeconfig, name), play(scenario, embedded, name)]);
      const result = { area, name: scenario.name, comparisons: wanted.length, same: false };
      results.push(result);
      expect(wanted.length, 'a scenario without a recorded request proves nothing').toBeGreaterThan(0);
      expect(seen).toEqual(wanted);
      result.same = true;
    });
  });
}

async function play(scenario: Scenario, kubeconfig: string, name: string): Promise<readonly unknown[]> {
  return normalise((await recorded(scenario, kubeconfig, name)).map(withoutRevisions));
}

/** How many writes it took, and what they were interleaved with, is the controllers' own business. */
function withoutRevisions(exchange: Exchange): Exchange {
  const body = JSON.stringify(exchange.body, (key, value) => {
    if (isChance(key)) return undefined;
    // An Event is called after its object and the nanosecond.
    return key === 'name' && typeof value === 'string' ? value.replace(/\.18[\da-f]{14}$/, '.<time>') : value;
  });
  return { ...exchange, body: body === undefined ? undefined : JSON.parse(body) };
}

/** Keys and certificates are each server's own; so is when a controller looked. */
function isChance(key: string): boolean {
  const chance = [
    'resourceVersion',
    'generation',
    'count',
    'token',
    'ca.crt',
    'endpoints.kubernetes.io/last-change-trigger-time',
  ];
  return chance.includes(key);
}
