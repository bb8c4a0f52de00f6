import { systemRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { disturbSharers } from '../sharding-scenario.ts';

const chains = 2;
const rounds = Number(process.env.SETPOINT_SHARDING_ROUNDS ?? 60);

test(`${rounds} replicas that share are stopped, killed or ended, and no object is written by two`, async () => {
  const reports = await Promise.all(
    Array.from({ length: chains }, () => disturbSharers(Math.ceil(rounds / chains), systemRandom)),
  );
  const late = reports.flatMap((report) => report.late.changes);
  const unchanged = reports.flatMap((report) => report.late.unchanged);
  const creations = reports.flatMap((report) => report.late.creations);
  const writes = reports.reduce((sum, report) => sum + report.writes, 0);
  for (const fault of ['stopped', 'killed', 'ended']) {
    const times = reports.flatMap(({ takeOvers }) => takeOvers[fault] ?? []).sort((a, b) => a - b);
    console.log(`${fault}: ${times.length}, others went on after ${times[0]} to ${times.at(-1)} ms`);
  }
  console.log(
    `${writes} writes, late: ${late.length} changes, ${unchanged.length} of what nobody had changed since, ${creations.length} creations of what was not there`,
  );
  expect(late).toEqual([]);
});
