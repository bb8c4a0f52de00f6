// A real Prometheus scrapes a running operator: what we serve is well formed, and our dashboard and alerts ask for what
// is there. Skipped where there is no Prometheus and no Debian package of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { controller, operator, webhook } from 'setpoint';
import { loadConfig } from 'setpoint/client';
import { ConfigMap } from 'setpoint/core/v1';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { parse } from 'yaml';
import { findPrometheus, type Programs, promtool, RunningPrometheus } from './prometheus.ts';

const folder = join(import.meta.dirname, '../../docs/monitoring');
const rulesFile = join(folder, 'rules.yaml');
const programs = findPrometheus();

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
interface RuleGroup {
  readonly name: string;
  readonly rules: readonly { readonly alert: string; readonly expr: string }[];
}

/** What Grafana puts in for its variables. */
const filledIn = (expression: string) =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance|controller)/g, '.*');

const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as { panels: readonly Panel[] };
const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: readonly RuleGroup[] };
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, filledIn(expr)] as const),
  ),
  ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const)),
];
const metric =
  /\b(?:controller_runtime|workqueue|rest_client|setpoint|leader_election|certwatcher|process|nodejs)_[a-z0-9_]+/g;

describe.skipIf(!programs)('Prometheus', () => {
  const authority = createCertificateAuthority('monitoring');
  const tools = programs as Programs;
  const scraped = operator({
    name: 'monitored',
    controllers: [controller(ConfigMap, { labelSelector: 'monitoring=test', shards: 4, reconcile: () => undefined })],
    webhooks: [webhook(ConfigMap, { validate: () => [] })],
  });
  let manager: ReturnType<typeof scraped.manager>;
  let running: Promise<void>;
  let prometheus: RunningPrometheus;
  let names: ReadonlySet<string>;
  let address: string;

  beforeAll(async () => {
    manager = scraped.manager({
      config: await loadConfig({ kubeconfig: inject('realKubeconfig') }),
      metricsBindAddress: '127.0.0.1:0',
      webhooks: { bindAddress: '127.0.0.1:0', certificates: authority.issueServer(['127.0.0.1']) },
      leaderElection: { namespace: 'default', id: 'monitored' },
    });
    running = manager.run();
    await manager.elected;
    address = `127.0.0.1:${manager.addresses.metrics?.port}`;
    prometheus = await RunningPrometheus.start(tools, address, rulesFile);
    const isScraped = async () => expect(JSON.stringify(await prometheus.get('query?query=up'))).toContain('"1"');
    await vi.waitFor(isScraped, { timeout: 30_000, interval: 200 });
    names = new Set((await prometheus.get('label/__name__/values')) as string[]);
  });
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    manager.stop();
    await running;
  });

  test('takes what the operator serves, and promtool has nothing to complain of', async () => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    expect(promtool(tools, ['check', 'metrics'], text)).toBeUndefined();
    expect(names).toContain('controller_runtime_reconcile_total');
  });

  test('takes the alerts, and evaluates all of them', async () => {
    expect(promtool(tools, ['check', 'rules', rulesFile])).toBeUndefined();
    const rules = async () => {
      const { groups } = (await prometheus.get('rules')) as { groups: { rules: { name: string; health: string }[] }[] };
      return groups.flatMap((group) => group.rules).filter(({ health }) => health !== 'ok');
    };
    await expect.poll(rules, { timeout: 30_000 }).toEqual([]);
  });

  test('tells of shards that nobody has worked on for five minutes, and of nothing while others have them', () => {
    expect(promtool(tools, ['test', 'rules', join(import.meta.dirname, 'shards.yaml')])).toBeUndefined();
  });

  test.for(expressions)('%s asks for metrics that there are', async ([, expression]) => {
    // What is counted per failure or repetition has no series before the first.
    const late = new Set(['rest_client_request_retries_total', 'nodejs_gc_duration_seconds_sum']);
    const asked = [...new Set(expression.match(metric))];
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !names.has(name) && !late.has(name))).toEqual([]);
    await prometheus.get(`query?query=${encodeURIComponent(expression)}`);
  });
});
