import { scenario } from '../scenario.ts';
import { clusterRole, rbac, rule } from '../scenarios/access.ts';

const fromTheStart = '?labelSelector=kubernetes.io/bootstrapping%3Drbac-defaults';

export const roles = [
  scenario('cluster roles', 'the roles and bindings that a cluster begins with', async (server) => {
    await server.until(`${rbac}/clusterroles/admin`, ({ body }) => body.rules?.length > 20);
    for (const resource of ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings']) {
      await server.get(`${rbac}/${resource}${fromTheStart}`);
    }
  }),
  scenario('cluster roles', 'a role gathers the rules of all that its selectors choose', async (server) => {
    const label = `gathered-${server.unique}`;
    const name = (of: string) => `${server.unique}-${of}`;
    const path = (of: string) => `${rbac}/clusterroles/${name(of)}`;
    const part = (of: string, ...rules: object[]) => {
      const role = clusterRole(name(of), ...rules);
      return { ...role, metadata: { ...role.metadata, labels: { [label]: 'true' } } };
    };
    const pods = rule('get', 'core', 'pods');
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] };
    await server.post(`${rbac}/clusterroles`, part('b', pods, rule('list', 'core', 'pods')), { unrecorded: true });
    await server.post(`${rbac}/clusterroles`, part('a', pods), { unrecorded: true });
    await server.post(`${rbac}/clusterroles`, { ...clusterRole(name('all')), aggregationRule }, { unrecorded: true });
    const has = (count: number) => server.until(path('all'), ({ body }) => body.rules?.length === count);
    await has(2);
    await server.get(path('all'));
    await server.put(path('a'), part('a', rule('watch', 'core', 'pods')), { unrecorded: true });
    await has(3);
    await server.get(path('all'));
    await server.delete(path('b'), { unrecorded: true });
    await has(1);
    await server.get(path('all'));
    await server.patch(path('all'), 'merge', { rules: [rule('*', '*', '*')] }, { unrecorded: true });
    await server.until(path('all'), ({ body }) => body.rules?.[0]?.verbs[0] === 'watch');
    await server.get(path('all'));
    for (const role of ['a', 'all']) await server.delete(path(role), { unrecorded: true });
  }),
];
