import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metricsEnvironment } from '../../../test/fake/metrics.ts';
import { prometheusMetrics } from './metrics.ts';

const docs = join(import.meta.dirname, '../../../../../docs');
const metric =
  /\b(?:controller_runtime|workqueue|rest_client|setpoint|leader_election|certwatcher|process|nodejs)_[a-z0-9_]+/g;

test.each(['monitoring/rules.yaml', 'monitoring/dashboard.json'])(
  'every metric in docs/%s is one of ours',
  async (file) => {
    const metrics = prometheusMetrics(metricsEnvironment);
    metrics.controller('foo', 1);
    metrics.webhooks();
    metrics.leaderElection('foo');
    metrics.sharding(() => ({ controllers: ['foo'], shards: 2, working: 1, members: 1 }));
    metrics.caches([]);
    const families = new Set([...(await metrics.render()).text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const asked = [...new Set(readFileSync(join(docs, file), 'utf8').match(metric))];
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((name) => !families.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  },
);
