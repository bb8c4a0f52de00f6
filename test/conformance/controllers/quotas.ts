import { type Answer, scenario } from '../scenario.ts';

const uses =
  (used: object) =>
  ({ body }: Answer) =>
    JSON.stringify(body.status?.used) === JSON.stringify(used);

export const quotas = [
  scenario('quotas', 'say what is used, and give back what goes', async (server) => {
    const core = `/api/v1/namespaces/${server.namespace}`;
    const quota = `${core}/resourcequotas/q`;
    const hard = { 'count/deployments.apps': '1', pods: '3', 'requests.cpu': '2', secrets: '5', services: '1' };
    const pod = (name: string) => ({
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '700m' } } }] },
    });
    const unrecorded = { unrecorded: true };
    await server.post(`${core}/secrets`, { metadata: { name: 'before' } }, unrecorded);
    await server.post(`${core}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } }, unrecorded);
    const none = { 'count/deployments.apps': '0', pods: '0', 'requests.cpu': '0', secrets: '1', services: '0' };
    await server.until(quota, uses(none));
    await server.get(quota);
    for (const name of ['a', 'b']) await server.post(`${core}/pods`, pod(name), unrecorded);
    await server.post(`${core}/pods`, pod('c'));
    await server.until(quota, uses({ ...none, pods: '2', 'requests.cpu': '1400m' }));
    await server.get(quota);
    await server.delete(`${core}/pods/a`, { ...unrecorded, body: { gracePeriodSeconds: 0 } });
    await server.patch(`${core}/pods/b/status`, 'merge', { status: { phase: 'Succeeded' } }, unrecorded);
    await server.until(quota, uses(none));
    await server.get(quota);
    await server.patch(quota, 'merge', { spec: { hard: { secrets: null, replicationcontrollers: '9' } } }, unrecorded);
    await server.until(quota, ({ body }) => body.status?.hard?.replicationcontrollers === '9');
    await server.get(quota);
  }),
];
