import { setTimeout as delay } from 'node:timers/promises';
import type { RequestOptions, ScenarioServer } from '../scenario.ts';

export const rbac = '/apis/rbac.authorization.k8s.io/v1';
export const reviews = '/apis/authorization.k8s.io/v1';
export const roleGroup = 'rbac.authorization.k8s.io';

/** Headers by which an administrator is taken for somebody else. */
export function as(user: string, more: Readonly<Record<string, string>> = {}): RequestOptions {
  return { headers: { 'impersonate-user': user, ...more } };
}

export function account(server: ScenarioServer, name: string): string {
  return `system:serviceaccount:${server.namespace}:${name}`;
}

export function role(name: string, ...rules: readonly object[]) {
  return { apiVersion: `${roleGroup}/v1`, kind: 'Role', metadata: { name }, rules };
}

export function clusterRole(name: string, ...rules: readonly object[]) {
  return { ...role(name, ...rules), kind: 'ClusterRole' };
}

export function user(name: string) {
  return { kind: 'User', apiGroup: roleGroup, name };
}

export function group(name: string) {
  return { kind: 'Group', apiGroup: roleGroup, name };
}

export function binding(name: string, kind: 'Role' | 'ClusterRole', to: string, ...subjects: readonly object[]) {
  const roleRef = { apiGroup: roleGroup, kind, name: to };
  return { apiVersion: `${roleGroup}/v1`, kind: 'RoleBinding', metadata: { name }, subjects, roleRef };
}

export function clusterBinding(name: string, to: string, ...subjects: readonly object[]) {
  return { ...binding(name, 'ClusterRole', to, ...subjects), kind: 'ClusterRoleBinding' };
}

export function rule(verbs: string, groups: string, resources: string, names?: string) {
  const list = (text: string) => text.split(',').map((one) => (one === 'core' ? '' : one));
  const resourceNames = names === undefined ? {} : { resourceNames: list(names) };
  return { verbs: list(verbs), apiGroups: list(groups), resources: list(resources), ...resourceNames };
}

export function roles(server: ScenarioServer): string {
  return `${rbac}/namespaces/${server.namespace}/roles`;
}

export function bindings(server: ScenarioServer): string {
  return `${rbac}/namespaces/${server.namespace}/rolebindings`;
}

/** Lets a user do something in the namespace of the scenario; waits until the server knows. */
export async function allow(server: ScenarioServer, who: string, ...rules: readonly object[]): Promise<void> {
  const name = who.replaceAll(':', '-');
  await server.post(roles(server), role(name, ...rules), { unrecorded: true });
  await server.post(bindings(server), binding(name, 'Role', name, user(who)), { unrecorded: true });
  const [first] = rules as { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames?: string[] }[];
  const [resource = '', subresource = ''] = (first?.resources[0] ?? '').replace('*', 'x').split('/');
  await untilAllowed(server, who, {
    namespace: server.namespace,
    verb: first?.verbs[0]?.replace('*', 'get'),
    group: first?.apiGroups[0]?.replace('*', ''),
    resource,
    subresource,
    name: first?.resourceNames?.[0] ?? '',
  });
}

/** A real server learns of roles and bindings a moment later. */
export async function untilAllowed(
  server: ScenarioServer,
  who: string,
  resourceAttributes: object,
  wanted = true,
): Promise<void> {
  const review = { spec: { user: who, resourceAttributes } };
  for (let attempt = 0; attempt < 600; attempt++) {
    const { body } = await server.post(`${reviews}/subjectaccessreviews`, review, { unrecorded: true });
    if (body?.status?.allowed === wanted) return;
    await delay(50);
  }
}
