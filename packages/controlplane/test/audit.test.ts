import { type AuditEvent, createControlPlane } from '@setpoint/controlplane';
import { expect, test } from 'vitest';

const configMaps = '/api/v1/namespaces/default/configmaps';

function sender(controlPlane: ReturnType<typeof createControlPlane>) {
  return async (method: string, url: string, body?: object, headers: Record<string, string> = {}) =>
    controlPlane.handle({
      method,
      url,
      headers: { 'content-type': 'application/json', 'user-agent': 'test', ...headers },
      body: Buffer.from(body ? JSON.stringify(body) : ''),
      signal: new AbortController().signal,
    });
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body);
}

test('a recording tells who did what, as whom, and what came of it, without bodies', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  const send = sender(controlPlane);
  await send('POST', configMaps, { metadata: { name: 'before' } });
  using recording = controlPlane.audit.record();
  const response = await send('POST', '/api/v1/namespaces/default/secrets', {
    metadata: { name: 'a' },
    stringData: { password: 'hunter2' },
  });
  await send('GET', `${configMaps}/a`, undefined, { 'impersonate-user': 'jane' });
  await send('GET', '/healthz');
  expect(JSON.stringify(recording.events)).not.toContain('hunter2');
  expect(recording.events).toMatchObject([
    {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      stage: 'ResponseComplete',
      auditID: response.headers['audit-id'],
      verb: 'create',
      user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      userAgent: 'test',
      objectRef: { resource: 'secrets', namespace: 'default', name: 'a', resourceVersion: controlPlane.revision },
      responseStatus: { code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    },
    {
      verb: 'get',
      impersonatedUser: { username: 'jane' },
      objectRef: { name: 'a' },
      responseStatus: { code: 403, reason: 'Forbidden', message: expect.stringContaining('User "jane" cannot get') },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    },
    { verb: 'get', requestURI: '/healthz', responseStatus: { code: 200 } },
  ]);
  recording.close();
  await send('GET', '/healthz');
  expect(recording.events).toHaveLength(3);
});

test('a watch is told of when it begins and when it ends', async () => {
  const events: AuditEvent[] = [];
  const controlPlane = createControlPlane({ controllers: [], onAudit: (event) => void events.push(event) });
  const { body } = await sender(controlPlane)('GET', `${configMaps}?watch=1`);
  expect(events).toMatchObject([{ verb: 'watch', stage: 'ResponseStarted' }]);
  const read = drain(body as AsyncIterable<Uint8Array>);
  await controlPlane.close();
  await read;
  expect(events.map(({ stage }) => stage)).toEqual(['ResponseStarted', 'ResponseComplete']);
});

test('a recording keeps the last events', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  using recording = controlPlane.audit.record({ limit: 2 });
  for (const path of ['/a', '/b', '/c']) await sender(controlPlane)('GET', path);
  expect(recording.events.map(({ requestURI }) => requestURI)).toEqual(['/b', '/c']);
});

test('who is not known is in the log without a name', async () => {
  await using controlPlane = createControlPlane({ controllers: [] });
  using recording = controlPlane.audit.record();
  await sender(controlPlane)('GET', configMaps, undefined, { authorization: 'Bearer wrong' });
  expect(recording.events).toMatchObject([{ user: {}, verb: 'get', responseStatus: { code: 401 } }]);
});
