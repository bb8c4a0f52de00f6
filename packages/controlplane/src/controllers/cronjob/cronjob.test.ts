import { expect, test } from 'vitest';
import type { PodRule } from '../pod-simulator/index.ts';
import { TestCluster } from '../testing/cluster.ts';
import { parseSchedule } from './schedule.ts';

const cronJobs = '/apis/batch/v1/namespaces/default/cronjobs';
const jobs = '/apis/batch/v1/namespaces/default/jobs';

const newCluster = (...rules: readonly PodRule[]) =>
  new TestCluster(['cronjob', 'job', 'pod-simulator', 'serviceaccount', 'garbagecollector'], { pods: rules });

const cronJob = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: {
    schedule: '* * * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
    },
    ...spec,
  },
});

const minute = 60_000;

interface Job {
  readonly metadata: { readonly name: string };
}

const names = async (cluster: TestCluster) => (await cluster.get(jobs)).body.items.map((job: Job) => job.metadata.name);

test('a job is made each minute, and the oldest of those that are over go', async () => {
  await using cluster = newCluster();
  await cluster.create(cronJobs, cronJob('a', { successfulJobsHistoryLimit: 2 }));
  await cluster.advance(3.5 * minute);
  const first = Date.UTC(2026, 0, 1) / minute;
  expect(await names(cluster)).toEqual([`a-${first + 2}`, `a-${first + 3}`]);
  const { status } = (await cluster.get(`${cronJobs}/a`)).body;
  expect(status.lastScheduleTime).toBe('2026-01-01T00:03:00Z');
  expect(status.active).toBeUndefined();
  expect(cluster.failures).toEqual([]);
});

test('what still runs keeps the next one away, or makes way for it', async () => {
  await using cluster = newCluster({ runsFor: '1h' });
  await cluster.create(cronJobs, cronJob('forbid', { concurrencyPolicy: 'Forbid' }));
  await cluster.create(cronJobs, cronJob('replace', { concurrencyPolicy: 'Replace' }));
  await cluster.create(cronJobs, cronJob('allow'));
  await cluster.advance(3.5 * minute);
  const all: readonly string[] = await names(cluster);
  const count = (name: string) => all.filter((one) => one.startsWith(name)).length;
  expect([count('forbid'), count('replace'), count('allow')]).toEqual([1, 1, 3]);
});

test('a suspended one makes nothing', async () => {
  await using cluster = newCluster();
  await cluster.create(cronJobs, cronJob('a', { suspend: true }));
  await cluster.advance(5 * minute);
  expect(await names(cluster)).toEqual([]);
});

test.each([
  ['30 2 * * *', 'UTC', '2026-03-01T00:00:00Z', '2026-03-01T02:30:00Z'],
  ['0 9 * * mon-fri', 'UTC', '2026-03-06T09:00:00Z', '2026-03-09T09:00:00Z'],
  ['*/15 * * * *', 'UTC', '2026-03-06T09:44:59Z', '2026-03-06T09:45:00Z'],
  ['0 0 13 * 5', 'UTC', '2026-03-01T00:00:00Z', '2026-03-06T00:00:00Z'],
  ['0 0 29 2 *', 'UTC', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['0 9 * * *', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T07:00:00Z'],
  ['0 9 * * *', 'America/New_York', '2026-01-01T00:00:00Z', '2026-01-01T14:00:00Z'],
  ['30 2 * * *', 'America/New_York', '2026-03-08T00:00:00-05:00', '2026-03-09T02:30:00-04:00'],
  ['@hourly', 'UTC', '2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z'],
  ['@every 90s', 'UTC', '2026-03-01T00:00:00Z', '2026-03-01T00:01:30Z'],
])('%s in %s after %s is %s', (text, zone, after, wanted) => {
  const next = parseSchedule(text, zone).next(Date.parse(after));
  expect(next && new Date(next).toISOString()).toBe(new Date(wanted).toISOString());
});

test.each(['* * * *', '60 * * * *', '* * 0 * *', 'a * * * *', '@never', '5-1 * * * *'])('%s is no schedule', (text) => {
  expect(() => parseSchedule(text)).toThrow();
});
