import { type Scenario, scenario } from '../scenario.ts';
import { type Mistake, wrongObjects } from './wrong-objects.ts';

const template = { spec: { containers: [{ name: 'c', image: 'i:v1' }], restartPolicy: 'Never' } };
const rule = (given: object) => ({ rules: [given] });
const codes = (given: object) => rule({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1], ...given } });
const many = <T>(count: number, item: T) => Array.from({ length: count }, () => item);

/** Of Jobs, and of the templates of CronJobs. */
const mistakes = (at: string): readonly Mistake[] => [
  [`${at}.parallelism`, -1],
  [`${at}.parallelism`, 100001],
  [`${at}.completions`, -1],
  [`${at}.completions`, undefined],
  [`${at}.activeDeadlineSeconds`, -1],
  [`${at}.backoffLimit`, -1],
  [`${at}.ttlSecondsAfterFinished`, -1],
  [`${at}.backoffLimitPerIndex`, -1],
  [`${at}.maxFailedIndexes`, 1],
  [`${at}.completionMode`, 'Odd'],
  [`${at}.managedBy`, ''],
  [`${at}.managedBy`, 'odd'],
  [`${at}.managedBy`, 'Bad_/a b'],
  [`${at}.managedBy`, `a.b/${'x'.repeat(70)}`],
  [`${at}.podReplacementPolicy`, 'Odd'],
  [`${at}.podFailurePolicy`, rule({})],
  [`${at}.podFailurePolicy`, rule({ action: 'Odd', onPodConditions: [{ type: 'bad type', status: 'Odd' }] })],
  [`${at}.podFailurePolicy`, rule({ action: 'FailIndex', onPodConditions: [{ type: 'Ready' }] })],
  [`${at}.podFailurePolicy`, codes({ operator: '', values: [] })],
  [`${at}.podFailurePolicy`, codes({ operator: 'Odd', containerName: 'none' })],
  [`${at}.podFailurePolicy`, codes({ values: [0, 3, 2, 2] })],
  [`${at}.podFailurePolicy`, { rules: many(21, { action: 'Ignore', onPodConditions: [{ type: 'Ready' }] }) }],
  [
    `${at}.podFailurePolicy`,
    rule({ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'Ready' }] }),
  ],
  [`${at}.successPolicy`, {}],
  [`${at}.successPolicy`, rule({})],
  [`${at}.successPolicy`, rule({ succeededIndexes: '0-1-2' })],
  [`${at}.successPolicy`, rule({ succeededIndexes: '1,1' })],
  [`${at}.successPolicy`, rule({ succeededIndexes: '5,x' })],
  [`${at}.successPolicy`, rule({ succeededIndexes: '2-1' })],
  [`${at}.successPolicy`, rule({ succeededIndexes: '0', succeededCount: 2 })],
  [`${at}.successPolicy`, rule({ succeededCount: -1 })],
  [`${at}.successPolicy`, rule({ succeededCount: 10 })],
  [`${at}.template.spec.restartPolicy`, 'Always'],
  [`${at}.template.spec.restartPolicy`, 'Odd'],
  [`${at}.template.metadata.labels`, { 'bad key': 'x' }],
  [`${at}.template.spec.ephemeralContainers`, [{ name: 'x', image: 'y' }]],
];

const jobs = wrongObjects({
  area: 'wrong Jobs',
  collection: '/apis/batch/v1/{}/jobs',
  good: { spec: { completionMode: 'Indexed', completions: 3, parallelism: 2, template } },
  mistakes: [
    ...mistakes('spec'),
    ['metadata.name', 'x'.repeat(62)],
    ['spec.selector', { matchLabels: { a: 'b' } }],
    ['spec.manualSelector', true],
    ['spec.template.metadata', { labels: { 'job-name': 'other' } }],
  ],
  updates: [
    ...mistakes('spec').slice(0, 12),
    ['spec.completions', 4],
    ['spec.completionMode', 'NonIndexed'],
    ['spec.selector', undefined],
    ['spec.template.spec.containers.0.image', 'other'],
    ['spec.template.spec.nodeSelector', { a: 'b' }],
    ['spec.successPolicy', rule({ succeededCount: 1 })],
    ['spec.podFailurePolicy', codes({})],
    ['spec.backoffLimitPerIndex', 1],
    ['spec.managedBy', 'example.com/me'],
  ],
});

const suspended = wrongObjects({
  area: 'wrong suspended Jobs',
  collection: '/apis/batch/v1/{}/jobs',
  good: { spec: { suspend: true, template } },
  mistakes: [['spec.suspend', 'x']],
  updates: [
    ['spec.template.spec.nodeSelector', { a: 'b' }],
    ['spec.template.metadata.annotations', { a: 'b' }],
    ['spec.template.spec.containers.0.resources', { requests: { cpu: '1' } }],
    ['spec.template.spec.containers.0.image', 'other'],
    ['spec.completions', 2],
  ],
});

const cronJobs = wrongObjects({
  area: 'wrong CronJobs',
  collection: '/apis/batch/v1/{}/cronjobs',
  good: {
    spec: {
      schedule: '0 0 1 1 *',
      suspend: true,
      jobTemplate: { spec: { completionMode: 'Indexed', completions: 3, parallelism: 2, template } },
    },
  },
  mistakes: [
    ...mistakes('spec.jobTemplate.spec').slice(0, 20),
    ['metadata.name', 'x'.repeat(53)],
    ['spec.schedule', ''],
    ['spec.schedule', 'odd'],
    ['spec.schedule', '* * * * 9'],
    ['spec.schedule', 'TZ=Etc/UTC * * * * *'],
    ['spec.timeZone', ''],
    ['spec.timeZone', 'Local'],
    ['spec.timeZone', 'local'],
    ['spec.timeZone', 'Odd/Zone'],
    ['spec.timeZone', '../x'],
    ['spec.concurrencyPolicy', 'Odd'],
    ['spec.startingDeadlineSeconds', -1],
    ['spec.successfulJobsHistoryLimit', -1],
    ['spec.failedJobsHistoryLimit', -1],
    ['spec.jobTemplate.spec.selector', { matchLabels: { a: 'b' } }],
    ['spec.jobTemplate.spec.manualSelector', true],
  ],
});

const when = '2026-01-01T00:00:00Z';
const holds = (...types: readonly string[]) => types.map((type) => ({ type, status: 'True' }));

const statuses: readonly object[] = [
  { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
  { conditions: holds('Complete') },
  { conditions: holds('Complete', 'SuccessCriteriaMet') },
  { conditions: holds('Complete', 'SuccessCriteriaMet'), startTime: when, completionTime: '2025-01-01T00:00:00Z' },
  { conditions: holds('Complete', 'Failed', 'FailureTarget'), startTime: when, completionTime: when },
  { conditions: holds('Failed'), startTime: when },
  { conditions: holds('Failed', 'FailureTarget') },
  { conditions: holds('Failed', 'SuccessCriteriaMet', 'FailureTarget'), startTime: when },
  { completionTime: when, startTime: when },
  { conditions: holds('Failed', 'FailureTarget'), startTime: when, active: 1, terminating: 1 },
  { conditions: holds('Failed', 'FailureTarget'), startTime: when, uncountedTerminatedPods: { failed: ['u'] } },
  { uncountedTerminatedPods: { failed: ['u', ''], succeeded: ['u'] } },
  { active: 1, ready: 2 },
  { completedIndexes: '0', failedIndexes: '1' },
];

const jobStatuses: readonly Scenario[] = [
  scenario('wrong Jobs', 'statuses', async (server) => {
    const path = `/apis/batch/v1/namespaces/${server.namespace}/jobs`;
    const made = await server.post(
      path,
      { metadata: { name: 'a' }, spec: { suspend: true, template } },
      { unrecorded: true },
    );
    const write = (status: object, query = '?dryRun=All') =>
      server.put(`${path}/a/status${query}`, { ...made.body, metadata: { name: 'a' }, status });
    for (const status of statuses) await write(status);
    await write(
      { conditions: holds('Complete', 'SuccessCriteriaMet'), startTime: when, completionTime: when, failed: 2 },
      '',
    );
    await write({ conditions: [], failed: 1 });
    await write({
      conditions: holds('Complete', 'SuccessCriteriaMet'),
      startTime: '2026-01-02T00:00:00Z',
      completionTime: '2026-01-03T00:00:00Z',
      failed: 2,
    });
  }),
];

/** Jobs and CronJobs with a mistake each, and what no controller may say of a Job. */
export const wrongJobs = [...jobs, ...suspended, ...cronJobs, ...jobStatuses];
