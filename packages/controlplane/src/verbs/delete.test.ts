import { expect, test } from 'vitest';
import { toyPlane } from '../testing/toy-plane.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';
const widgets = '/apis/toys.example.com/v1/namespaces/default/widgets';
const widget = (name: string, metadata: object = {}) => ({
  apiVersion: 'toys.example.com/v1',
  kind: 'Widget',
  metadata: { name, ...metadata },
});
const merge = { contentType: 'application/merge-patch+json' };

test('what is gone at once is answered with a Status', async () => {
  const { send } = await toyPlane();
  const { body } = await send('POST', widgets, widget('a'));
  const answer = await send('DELETE', `${widgets}/a`);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', group: 'toys.example.com', kind: 'widgets', uid: body.metadata.uid },
  });
});

test('what has finalizers stays, marked, one generation on', async () => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a', { finalizers: ['x.y/z'] }));
  const marked = await send('DELETE', `${widgets}/a`);
  expect(marked.body.metadata).toMatchObject({
    deletionTimestamp: '2026-01-01T00:00:00Z',
    deletionGracePeriodSeconds: 0,
    generation: 2,
  });
  const again = await send('DELETE', `${widgets}/a`);
  expect(again.body.metadata).toEqual(marked.body.metadata);
});

test.for([
  [{ propagationPolicy: 'Orphan' }, ['x.y/z', 'orphan']],
  [{ propagationPolicy: 'Foreground' }, ['x.y/z', 'foregroundDeletion']],
  [{ propagationPolicy: 'Background' }, ['x.y/z']],
  [{ orphanDependents: true }, ['x.y/z', 'orphan']],
] as const)('the garbage collector is told by finalizers: %j', async ([options, finalizers]) => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a', { finalizers: ['x.y/z'] }));
  const answer = await send('DELETE', `${widgets}/a`, options);
  expect(answer.body.metadata.finalizers).toEqual(finalizers);
});

test('a policy replaces what an earlier one left', async () => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a', { finalizers: ['orphan'] }));
  const answer = await send('DELETE', `${widgets}/a`, { propagationPolicy: 'Foreground' });
  expect(answer.body.metadata.finalizers).toEqual(['foregroundDeletion']);
  expect((await send('DELETE', `${widgets}/a`, { propagationPolicy: 'Background' })).body.status).toBe('Success');
});

test('preconditions name both values', async () => {
  const { send } = await toyPlane();
  const { body } = await send('POST', widgets, widget('a'));
  const { uid, resourceVersion } = body.metadata;
  const byUid = await send('DELETE', `${widgets}/a`, { preconditions: { uid: 'other' } });
  expect([byUid.status, byUid.body.message]).toEqual([
    409,
    `Operation cannot be fulfilled on Widget.toys.example.com "a": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
  ]);
  const byRevision = await send('DELETE', `${widgets}/a`, { preconditions: { resourceVersion: '1' } });
  expect(byRevision.body.message).toContain(
    `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
  );
  expect((await send('DELETE', `${widgets}/a`, { preconditions: { uid, resourceVersion } })).status).toBe(200);
});

test.for([
  [{ propagationPolicy: 'Foo' }, 'propagationPolicy: Unsupported value: "Foo"'],
  [{ propagationPolicy: 'Orphan', orphanDependents: true }, 'cannot be both set'],
  [{ dryRun: ['Some'] }, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
] as const)('the options %j are refused', async ([options, why]) => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a'));
  const answer = await send('DELETE', `${widgets}/a`, options);
  expect([answer.status, answer.body.details.kind]).toEqual([422, 'DeleteOptions']);
  expect(answer.body.message).toContain(why);
});

test('a dry run deletes nothing', async () => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a'));
  await send('POST', widgets, widget('b', { finalizers: ['x.y/z'] }));
  expect((await send('DELETE', `${widgets}/a?dryRun=All`)).body.status).toBe('Success');
  expect((await send('DELETE', `${widgets}/b?dryRun=All`)).body.metadata.deletionTimestamp).toBeDefined();
  expect((await send('GET', `${widgets}/b`)).body.metadata).not.toHaveProperty('deletionTimestamp');
  expect((await send('GET', widgets)).body.items).toHaveLength(2);
});

test('a graceful deletion waits, and can only be made shorter', async () => {
  const { send, clock } = await toyPlane();
  await send('POST', pods, { metadata: { name: 'p' } });
  const first = await send('DELETE', `${pods}/p`);
  expect(first.body.metadata).toMatchObject({
    deletionTimestamp: '2026-01-01T00:00:30Z',
    deletionGracePeriodSeconds: 30,
  });
  const longer = await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 60 });
  expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(30);
  await clock.advance(2000);
  const shorter = await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 10 });
  expect(shorter.body.metadata).toMatchObject({
    deletionTimestamp: '2026-01-01T00:00:10Z',
    deletionGracePeriodSeconds: 10,
  });
  const now = await send('DELETE', `${pods}/p`, { gracePeriodSeconds: 0 });
  expect(now.body.kind).toBe('Pod');
  expect((await send('GET', `${pods}/p`)).status).toBe(404);
});

test('a collection is deleted one by one, and the answer is what was listed', async () => {
  const { send } = await toyPlane();
  await send('POST', widgets, widget('a', { labels: { go: 'yes' } }));
  await send('POST', widgets, widget('b', { labels: { go: 'yes' }, finalizers: ['x.y/z'] }));
  await send('POST', widgets, widget('c'));
  const answer = await send('DELETE', `${widgets}?labelSelector=go`);
  expect(answer.body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['a', 'b']);
  const left = await send('GET', widgets);
  expect(left.body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['b', 'c']);
});

test('a namespace is only marked, and some cannot be', async () => {
  const { send } = await toyPlane();
  const marked = await send('DELETE', '/api/v1/namespaces/other');
  expect(marked.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
  const refused = await send('DELETE', '/api/v1/namespaces/default');
  expect([refused.status, refused.body.message]).toEqual([
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ]);
});

test('a namespace goes with its last finalizer', async () => {
  const { send } = await toyPlane();
  await send('DELETE', '/api/v1/namespaces/other');
  const body = { metadata: { name: 'other' }, spec: { finalizers: [] } };
  expect((await send('PUT', '/api/v1/namespaces/other/finalize', body)).status).toBe(200);
  expect((await send('GET', '/api/v1/namespaces/other')).status).toBe(404);
});

test('deleting what is not there is not found', async () => {
  const { send } = await toyPlane();
  expect((await send('DELETE', `${configMaps}/nope`)).status).toBe(404);
  await send('POST', configMaps, { metadata: { name: 'a' } });
  expect((await send('PATCH', `${configMaps}/nope`, {}, merge)).body.message).toBe('configmaps "nope" not found');
});
