import { expect, test } from 'vitest';
import { slope, soak } from './soak.ts';

const seed = process.env.SETPOINT_SOAK_SEED ?? String(Date.now());

// On the embedded control plane; half a minute is too long for the tests that need nothing but Node.
test(`half a minute of changes and faults loses nothing (seed ${seed})`, async () => {
  const report = await soak({ seconds: 25, changesPerSecond: 200, objects: 300, cutEvery: 5, seed });
  console.log(`${report.changes} changes, ${report.passes} passes, faults: ${JSON.stringify(report.faults)}`);
  expect(report.wrong).toEqual([]);
  expect(report.faults.cut).toBeGreaterThan(0);
  expect(slope(report.heap)).toBeLessThan(2);
});
