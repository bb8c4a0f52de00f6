// Plays every scenario on a real kube-apiserver and on the embedded control plane and compares all that was seen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { normalise } from './normalise.ts';
import { Recorder } from './recorder.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const real = inject('realKubeconfig');
const folder = mkdtempSync(join(tmpdir(), 'setpoint-conformance-'));
const embedded = join(folder, 'kubeconfig');
const controlPlane = createControlPlane({});
const results: { area: string; name: string; comparisons: number; same: boolean }[] = [];

beforeAll(async () => {
  await controlPlane.listen({ kubeconfig: embedded });
});

afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
  writeFileSync('build/conformance.json', JSON.stringify(results, undefined, 2));
  const comparisons = results.reduce((sum, result) => sum + result.comparisons, 0);
  console.log(`${comparisons} comparisons in ${results.length} scenarios`);
});

for (const [area, ofArea] of Map.groupBy(scenarios, (scenario) => scenario.area)) {
  describe(area, () => {
    test.concurrent.for(ofArea)('$name', { timeout: 60_000 }, async (scenario, { expect }) => {
      const name = `c${scenarios.indexOf(scenario)}`;
      const wanted = await play(scenario, real, name);
      const result = { area, name: scenario.name, comparisons: wanted.length, same: false };
      results.push(result);
      expect(wanted.length, 'a scenario without a recorded request proves nothing').toBeGreaterThan(0);
      expect(await play(scenario, embedded, name)).toEqual(wanted);
      result.same = true;
    });
  });
}

async function play(scenario: Scenario, kubeconfig: string, name: string): Promise<readonly unknown[]> {
  const recorder = new Recorder(kubeconfig, name);
  await recorder.begin();
  try {
    await scenario.play(recorder);
  } finally {
    await recorder.end();
  }
  return normalise(recorder.exchanges);
}
