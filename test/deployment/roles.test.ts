import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEnvironment } from '@setpoint/testing';
import type { Operator } from 'setpoint';
import { ClusterRole, Role } from 'setpoint/rbac.authorization.k8s.io/v1';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

const operators = join(import.meta.dirname, '../../operators');
const names = globSync('*/src/operator.ts', { cwd: operators })
  .map((file) => file.split('/')[0] as string)
  .sort();

/** The rules of the roles in config/rbac that are bound to the operator's account. */
function written(operator: string): readonly unknown[] {
  const files = ['role.yaml', 'own_role.yaml'].map((file) => join(operators, operator, 'config/rbac', file));
  return files
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((document) => document.toJS())
    .filter((object) => object !== null)
    .map(({ kind, rules }) => ({ kind, rules }));
}

test('there are operators', () => {
  expect(names).toEqual(expect.arrayContaining(['easyservice', 'foo', 'tls-secrets']));
});

test.each(names)('%s is tested with the very rules that its manifests have', async (name) => {
  const { default: operator }: { readonly default: Operator } = await import(join(operators, name, 'src/operator.ts'));
  await using env = await testEnvironment({ kinds: operator.kinds as never });
  await env.start(operator);
  await env.settled();
  const own = { kind: 'Role', name: `${operator.name}-own-role` };
  const clusterRole = await env.client.get(ClusterRole, { name: `${operator.name}-role` });
  const role = await env.client.get(Role, { name: own.name, namespace: 'default' });
  const rules = written(name);
  expect(rules[0]).toEqual({ kind: 'ClusterRole', rules: clusterRole.rules });
  // Those for the Events of objects that are in no namespace have a Role of their own where the operator runs elsewhere.
  const merged = rules.slice(1).flatMap((one) => (one as { rules: readonly object[] }).rules);
  expect(role.rules).toEqual(expect.arrayContaining(merged.map((rule) => expect.objectContaining(rule))));
});

test.each(names)('%s leads with them, too', async (name) => {
  const { default: operator }: { readonly default: Operator } = await import(join(operators, name, 'src/operator.ts'));
  await using env = await testEnvironment({ kinds: operator.kinds as never });
  const leaderElection = { namespace: 'default' };
  const manager = await env.start(operator, { leaderElection });
  await env.settled();
  expect(manager.isLeader).toBe(true);
});
