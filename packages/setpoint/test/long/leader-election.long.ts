import { systemRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { stopLeaders } from '../leader-election-scenario.ts';

const chains = 4;
const rounds = Number(process.env.SETPOINT_ELECTION_ROUNDS ?? 200);

test(`${rounds} leaders that are stopped write nothing once they go on`, async () => {
  const reports = await Promise.all(
    Array.from({ length: chains }, () => stopLeaders(Math.ceil(rounds / chains), systemRandom)),
  );
  const late = reports.flatMap((report) => report.late.changes);
  const unchanged = reports.flatMap((report) => report.late.unchanged);
  const creations = reports.flatMap((report) => report.late.creations);
  const writes = reports.reduce((sum, report) => sum + report.writes, 0);
  const takeOvers = reports.flatMap((report) => report.takeOvers).sort((a, b) => a - b);
  console.log(
    `${takeOvers.length} take-overs after ${takeOvers[0]} to ${takeOvers.at(-1)} ms; ${writes} writes, late: ${late.length} changes, ${unchanged.length} of what nobody had changed since, ${creations.length} creations of what was not there`,
  );
  expect(late).toEqual([]);
});
