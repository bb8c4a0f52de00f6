// Plays every scenario on a real kube-apiserver and on the embedded control plane and compares all that was seen.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { normalise } from './normalise.ts';
import { recorded } from './recorder.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const real = inject('realKubeconfig');
const folder = mkdtempSync(join(tmpdir(), 'setpoint-conformance-'));
const embedded = join(folder, 'kubeconfig');
// The real server runs without kube-controller-manager.
const controlPlane = createControlPlane({ controllers: [], allowPrivileged: false });
const results = new Map<Scenario, { area: string; name: string; comparisons: number; same: boolean }>();
let played = 0;

/**
 * The controllers inside a real server (of definitions, of names) act when they get to it. A scenario that looked at the
 * wrong moment is played once more from the start; a real difference is there again.
 */
const retry = 2;

const report = 'build/conformance.json';

/** Where only those are played that failed before, the others keep their results. */
function playedBefore(): unknown[] {
  if (process.env.SETPOINT_ONCE_MORE === undefined || !existsSync(report)) return [];
  const key = ({ area, name }: { area: string; name: string }) => `${area}: ${name}`;
  const now = new Set([...results.values()].map(key));
  return JSON.parse(readFileSync(report, 'utf8')).filter(
    (result: { area: string; name: string }) => !now.has(key(result)),
  );
}

beforeAll(async () => {
  await controlPlane.listen({ kubeconfig: embedded });
});

afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(report, JSON.stringify([...results.values(), ...playedBefore()], undefined, 2));
  const comparisons = Iterator.from(results.values()).reduce((sum, result) => sum + result.comparisons, 0);
  console.log(`${comparisons} comparisons in ${results.size} scenarios`);
});

for (const [area, ofArea] of Map.groupBy(scenarios, (scenario) => scenario.area)) {
  describe(area, () => {
    test.concurrent.for(ofArea)('$name', { timeout: 120_000, retry }, async (scenario, { expect }) => {
      // A name of its own for each time: a bare real server never gets rid of a namespace.
      const name = `c${played++}`;
      const wanted = await play(scenario, real, name);
      const result = { area, name: scenario.name, comparisons: wanted.length, same: false };
      results.set(scenario, result);
      expect(wanted.length, 'a scenario without a recorded request proves nothing').toBeGreaterThan(0);
      expect(await play(scenario, embedded, name)).toEqual(wanted);
      result.same = true;
    });
  });
}

async function play(scenario: Scenario, kubeconfig: string, name: string): Promise<readonly unknown[]> {
  return normalise(await recorded(scenario, kubeconfig, name));
}
