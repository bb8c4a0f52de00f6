import { expect, test } from 'vitest';
import { slope, soak } from './soak.ts';

const minutes = Number(process.env.SETPOINT_SOAK_MINUTES ?? 30);
const seed = process.env.SETPOINT_SOAK_SEED ?? String(Date.now());

test(`${minutes} minutes of changes and faults lose nothing, and no memory (seed ${seed})`, async () => {
  const report = await soak({ seconds: minutes * 60, changesPerSecond: 200, objects: 1000, cutEvery: 5, seed });
  const { heap, rss, faults, changes, passes } = report;
  const list = (samples: readonly number[]) => samples.map((sample) => sample.toFixed(0)).join(' ');
  console.log(`${changes} changes, ${passes} passes, faults: ${JSON.stringify(faults)}`);
  console.log(`heap, MiB: ${list(heap)}\nRSS, MiB: ${list(rss)}`);
  expect(report.wrong).toEqual([]);
  // A twentieth of the time: less than half a MiB more from each to the next is noise of the heap.
  expect(slope(heap)).toBeLessThan(0.5);
  expect(slope(rss)).toBeLessThan(3);
});
