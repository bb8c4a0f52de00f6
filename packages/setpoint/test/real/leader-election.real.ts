import { systemRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { handOver, stopLeaders } from '../leader-election-scenario.ts';

/** Chains of leaders that are stopped, beside each other. */
const chains = 4;

test('a leader that is stopped for longer than its lease writes nothing once it goes on', {
  timeout: 240_000,
}, async () => {
  const reports = await Promise.all(Array.from({ length: chains }, () => stopLeaders(5, systemRandom)));
  expect(reports.flatMap(({ late }) => late.changes)).toEqual([]);
  expect(reports.map(({ rounds }) => rounds)).toEqual([5, 5, 5, 5]);
});

test('a successor works within a second of the release, at the usual times of an election', async () => {
  expect(await handOver()).toBeLessThan(1000);
});
