import { systemRandom } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { disturbSharers } from '../sharding-scenario.ts';

test('of replicas that share, who is stopped, killed or ended writes nothing once others have its shards', {
  timeout: 400_000,
}, async () => {
  const report = await disturbSharers(3, systemRandom);
  expect(report.late.changes).toEqual([]);
  expect(report.writes).toBeGreaterThan(50);
});
