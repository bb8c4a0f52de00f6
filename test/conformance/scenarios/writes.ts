import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

/** Parameters and side effects of writes, verb by verb. */
export const writes = [
  scenario('writes', 'dryRun of every verb', async (server) => {
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    await server.installCrd(crd(server, { scale }));
    const path = `${widgets(server)}/a`;
    await server.post(widgets(server), {
      ...widget(server, 'a', { replicas: 1 }),
      metadata: { name: 'a', finalizers: ['x.y/z'] },
    });
    const now = (await server.get(path, { unrecorded: true })).body;
    const watch = await server.watch(widgets(server));
    await watch.events(1);
    await server.put(`${path}?dryRun=All`, { ...now, spec: { size: 7 } });
    await server.put(`${path}/status?dryRun=All`, { ...now, status: { phase: 'Dry' } });
    await server.patch(`${path}?dryRun=All`, 'merge', { spec: { size: 8 } });
    await server.patch(`${path}?dryRun=All`, 'json', [{ op: 'remove', path: '/spec' }]);
    await server.patch(`${path}/status?dryRun=All`, 'merge', { status: { phase: 'Dry' } });
    await server.patch(`${path}/scale?dryRun=All`, 'merge', { spec: { replicas: 9 } });
    await server.delete(`${path}?dryRun=All`);
    await server.delete(`${widgets(server)}?dryRun=All`);
    await server.put(`${path}?dryRun=Most`, now);
    await server.patch(`${path}?dryRun=`, 'merge', { metadata: { labels: { wet: 'yes' } } });
    await server.delete(path, { body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] } });
    await server.delete(path, { body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['Most'] } });
    await server.post(`${widgets(server)}?dryRun=All`, widget(server, 'a'));
    await server.post(`${widgets(server)}?dryRun=All&dryRun=All`, widget(server, 'b'));
    await server.get(path);
    // None of this is an event; one that is would arrive before the watch is closed.
    await watch.close();
    // The definition could not go while something holds its object.
    await server.patch(path, 'merge', { metadata: { finalizers: null } }, { unrecorded: true });
  }),
  scenario('writes', 'fieldValidation of a PUT and of patches', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'), { unrecorded: true });
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }), { unrecorded: true });
    const now = (await server.get(`${widgets(server)}/a`, { unrecorded: true })).body;
    for (const mode of ['Strict', 'Warn', 'Ignore']) {
      const query = `?dryRun=All&fieldValidation=${mode}`;
      await server.put(`${widgets(server)}/a${query}`, { ...now, spec: { ...now.spec, b: 1, a: 2 }, top: 1 });
      await server.put(`${configMaps(server)}/a${query}`, { ...configMap('a'), b: 1, a: 2 });
      await server.patch(`${widgets(server)}/a${query}`, 'merge', '{"spec":{"size":1,"size":2,"nope":1}}');
      await server.patch(`${configMaps(server)}/a${query}`, 'merge', '{"data":{"k":"1","k":"2"}}');
      await server.patch(`${configMaps(server)}/a${query}`, 'json', [{ op: 'add', path: '/nope', value: 1 }]);
      await server.patch(`${widgets(server)}/a${query}`, 'json', [{ op: 'add', path: '/spec/nope', value: 1 }]);
      await server.patch(`${configMaps(server)}/a${query}`, 'json', [
        { op: 'add', path: '/data/x', value: 'y', surplus: true },
      ]);
    }
    await server.put(`${configMaps(server)}/a?fieldValidation=Perhaps`, configMap('a'));
    await server.patch(`${configMaps(server)}/a?fieldValidation=Perhaps`, 'merge', {});
    await server.delete(`${configMaps(server)}/a?fieldValidation=Perhaps`);
  }),
  scenario('writes', 'what is gone does not come back by a PUT that means it', async (server) => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${server.namespace}/leases`;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'a' } };
    const made = (await server.post(leases, { ...lease, metadata: { name: 'l' } })).body;
    await server.delete(`${leases}/l`);
    await server.put(`${leases}/l`, made);
    await server.put(`${leases}/l?dryRun=All`, made);
    // Who names the revision alone makes a new one.
    await server.put(`${leases}/l`, {
      ...lease,
      metadata: { name: 'l', resourceVersion: made.metadata.resourceVersion },
    });
    const map = (await server.post(configMaps(server), configMap('m'))).body;
    const other = { ...map, metadata: { ...map.metadata, uid: '00000000-0000-0000-0000-000000000000' } };
    await server.put(`${configMaps(server)}/m`, other);
    await server.put(`${configMaps(server)}/m?dryRun=All`, other);
    await server.delete(`${configMaps(server)}/m`);
    await server.put(`${configMaps(server)}/m`, map);
  }),
  scenario('writes', 'a field manager must be printable and short', async (server) => {
    await server.post(`${configMaps(server)}?fieldManager=me`, configMap('a'));
    await server.post(`${configMaps(server)}?fieldManager=${'x'.repeat(129)}`, configMap('b'));
    await server.put(`${configMaps(server)}/a?fieldManager=a%01b`, configMap('a'));
    await server.patch(`${configMaps(server)}/a?fieldManager=${'ü'.repeat(100)}`, 'merge', {});
    await server.patch(`${configMaps(server)}/a?force=yes`, 'merge', {});
  }),
  scenario('writes', 'a collection is deleted with limits, selectors and finalizers', async (server) => {
    for (const name of ['a', 'b', 'c', 'd']) {
      const metadata = {
        name,
        labels: { n: name },
        ...(name === 'b' ? { finalizers: ['x.y/z'] } : {}),
      };
      await server.post(configMaps(server), { ...configMap(name), metadata }, { unrecorded: true });
    }
    await server.delete(`${configMaps(server)}?limit=1`);
    await server.get(configMaps(server));
    await server.delete(`${configMaps(server)}?fieldSelector=metadata.name%3Db`);
    await server.delete(`${configMaps(server)}?fieldSelector=metadata.nope%3Db`);
    await server.delete(`${configMaps(server)}?labelSelector=n%3D%3D%3D`);
    await server.delete(`${configMaps(server)}?resourceVersion=abc`);
    await server.delete(`${configMaps(server)}?propagationPolicy=Foreground&labelSelector=n%3Dd`);
    await server.delete(configMaps(server), {
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } },
    });
    await server.delete(configMaps(server), { body: '{"kind":"DeleteOptions","apiVersion":"v9"}' });
    await server.delete(configMaps(server));
    await server.get(configMaps(server));
    await server.patch(`${configMaps(server)}/b`, 'merge', { metadata: { finalizers: null } });
    await server.delete(configMaps(server));
  }),
  scenario('writes', 'how dependents are to be treated shows as a finalizer', async (server) => {
    for (const policy of ['Foreground', 'Orphan', 'Background']) {
      const name = policy.toLowerCase();
      await server.post(configMaps(server), configMap(name), { unrecorded: true });
      await server.delete(`${configMaps(server)}/${name}`, {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: policy },
      });
      await server.get(`${configMaps(server)}/${name}`);
    }
    await server.delete(`${configMaps(server)}/foreground?propagationPolicy=Orphan`);
    await server.delete(`${configMaps(server)}/orphan?propagationPolicy=Background`);
    await server.post(configMaps(server), configMap('o'), { unrecorded: true });
    await server.delete(`${configMaps(server)}/o?orphanDependents=true`);
    await server.patch(`${configMaps(server)}/o`, 'merge', { metadata: { finalizers: [] } });
  }),
  scenario('writes', 'what a DELETE may carry', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    for (const body of [
      { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 'soon' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } },
      { apiVersion: 'apps/v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } },
      { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Sometimes' },
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' }, bogus: 1 },
      { preconditions: { uid: 'other' } },
    ]) {
      await server.delete(path, { body });
    }
    const yaml = { 'content-type': 'application/yaml' };
    await server.delete(path, { body: 'preconditions: {uid: other}', headers: yaml });
    await server.delete(path, { body: '[]' });
    await server.delete(path, { body: 'x', headers: { 'content-type': 'text/plain' } });
    await server.delete(`${path}?gracePeriodSeconds=soon`);
    await server.delete(`${path}?gracePeriodSeconds=-1`);
  }),
  scenario('writes', 'JSON patches, operation by operation', async (server) => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    await server.installCrd(crd(server, { schema: { open } }));
    const value = { list: ['a', 'b'], map: { x: 1, '': 'empty' }, nothing: null, number: 1.0 };
    await server.post(widgets(server), widget(server, 'a', { open: value }), { unrecorded: true });
    const path = `${widgets(server)}/a?dryRun=All`;
    const at = (rest: string) => `/spec/open${rest}`;
    for (const operation of [
      { op: 'add', path: at('/list/1'), value: 'between' },
      { op: 'add', path: at('/list/-'), value: 'last' },
      { op: 'add', path: at('/list/2'), value: 'end' },
      { op: 'add', path: at('/list/3'), value: 'beyond' },
      { op: 'add', path: at('/list/-1'), value: 'negative' },
      { op: 'add', path: at('/list/x'), value: 'no index' },
      { op: 'add', path: at('/list/01'), value: 'leading zero' },
      { op: 'remove', path: at('/list/0') },
      { op: 'remove', path: at('/list/2') },
      { op: 'remove', path: at('/list/-') },
      { op: 'replace', path: at('/list/1'), value: 'other' },
      { op: 'replace', path: at('/list/7'), value: 'other' },
      { op: 'move', from: at('/list/0'), path: at('/map/moved') },
      { op: 'move', from: at('/absent'), path: at('/map/moved') },
      { op: 'copy', from: at('/map'), path: at('/copy') },
      { op: 'copy', from: at('/absent'), path: at('/copy') },
      { op: 'test', path: at('/map'), value: { '': 'empty', x: 1 } },
      { op: 'test', path: at('/map'), value: { x: 2 } },
      { op: 'test', path: at('/nothing'), value: null },
      { op: 'test', path: at('/absent'), value: null },
      { op: 'test', path: at('/absent'), value: 1 },
      { op: 'test', path: at('/number'), value: 1 },
      { op: 'test', path: at('/list'), value: ['b', 'a'] },
      { op: 'replace', path: at('/map/'), value: 'full' },
      { op: 'add', path: at('/map') },
      { op: 'add', value: 1 },
      { path: at('/map'), value: 1 },
      { op: 'replace', path: '', value: { a: 1 } },
      { op: 'remove', path: '' },
      { op: 'add', path: 'spec', value: 1 },
      { op: 'copy', path: at('/copy') },
      { op: 7, path: at('/copy') },
    ]) {
      await server.patch(path, 'json', [operation]);
    }
    await server.patch(path, 'json', ['text']);
    await server.patch(path, 'json', 'null');
    await server.patch(path, 'json', '');
  }),
  scenario('writes', 'a merge patch may be of any shape', async (server) => {
    const path = `${configMaps(server)}/a?dryRun=All`;
    await server.post(configMaps(server), configMap('a', { data: { k: 'v' } }), { unrecorded: true });
    for (const body of ['null', '7', '"text"', '', '{}', '{"data":null}', '{"data":[]}', '{"data":{"k":null}}']) {
      await server.patch(path, 'merge', body);
    }
    await server.patch(path, 'merge', '{"metadata":{"annotations":{"a":"b","c":null}}}');
    await server.patch(path, 'merge', '{"metadata":{"resourceVersion":""}}');
    await server.patch(path, 'merge', '{"metadata":{"resourceVersion":"x"}}');
    await server.patch(path, 'merge', '{"metadata":{"creationTimestamp":null}}');
    await server.patch(path, 'merge', '{"metadata":{"deletionTimestamp":"2030-01-01T00:00:00Z"}}');
    await server.patch(path, 'merge', '{"metadata":{"deletionGracePeriodSeconds":5}}');
    await server.patch(path, 'merge', '{"metadata":{"generateName":"x-"}}');
    await server.patch(path, 'merge', '{"metadata":{"namespace":"other"}}');
    await server.patch(path, 'merge', '{"metadata":null}');
    await server.patch(path, 'merge', '{"apiVersion":"v9"}');
    await server.patch(path, 'merge', '{"kind":null}');
  }),
];
