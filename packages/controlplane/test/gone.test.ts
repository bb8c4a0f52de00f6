import { expect, test } from 'vitest';
import { createControlPlane } from '../src/index.ts';

test('a PUT of an object that is gone, by its uid, does not make another one', async () => {
  const controlPlane = createControlPlane();
  const send = async (method: string, path: string, body?: object) => {
    const url = `/apis/coordination.k8s.io/v1/namespaces/default/leases${path}`;
    const headers = { 'content-type': 'application/json' };
    const sent = Buffer.from(body ? JSON.stringify(body) : '');
    const { status, body: answer } = await controlPlane.handle({
      ...{ method, url, headers, body: sent },
      signal: AbortSignal.timeout(10_000),
    });
    return { status, body: JSON.parse(Buffer.from(answer as Uint8Array).toString()) };
  };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} };
  const { body } = await send('POST', '', lease);
  await send('DELETE', '/l');
  const again = await send('PUT', '/l', body);
  expect([again.status, again.body.reason]).toEqual([409, 'Conflict']);
  expect(again.body.message).toContain(`UID in precondition: ${body.metadata.uid}, UID in object meta: `);
  expect((await send('PUT', '/l', lease)).status).toBe(201);
  await controlPlane.close();
});
