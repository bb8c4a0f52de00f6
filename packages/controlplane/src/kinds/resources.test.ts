import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, test } from 'vitest';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { builtinResources } from './index.ts';

function resource(kind: string, group = '', stored: readonly KubeObject[] = []): ServedResource {
  const random = seededRandom('resources');
  const all = builtinResources({ clock: new FakeClock(), random, objects: () => stored });
  return all.find((one) => one.kind === kind && one.group === group) as ServedResource;
}

/** As the verbs make an object of a body, without what they add themselves. */
function make(of: ServedResource, body: object): MutableObject {
  const { object } = of.strategy.decode(body as MutableObject);
  of.strategy.applyDefaults(object);
  of.strategy.prepareForCreate(object);
  return of.toStorage(object) as MutableObject;
}

describe('deletion of a pod', () => {
  const { strategy } = resource('Pod');
  const grace = (pod: object, requested?: number) =>
    strategy.gracePeriodSeconds?.({ apiVersion: 'v1', kind: 'Pod', metadata: {}, ...pod } as KubeObject, requested);
  const scheduled = { spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 } };

  test('takes the time its spec says, or that the request says', () => {
    expect(grace(scheduled)).toBe(30);
    expect(grace(scheduled, 5)).toBe(5);
    expect(grace(scheduled, -1)).toBe(1);
  });

  test('is immediate where nothing runs: no node, or finished', () => {
    expect(grace({ spec: { terminationGracePeriodSeconds: 30 } })).toBe(0);
    expect(grace({ ...scheduled, status: { phase: 'Succeeded' } }, 5)).toBe(0);
  });
});

describe('the generation of an EndpointSlice', () => {
  const of = resource('EndpointSlice', 'discovery.k8s.io');
  const { strategy } = of;
  const slice = (metadata: object, addressType = 'IPv4') =>
    make(of, { metadata: { name: 's', ...metadata }, addressType, endpoints: [] }) as KubeObject;

  test('counts changes of its content and its labels, not of its annotations', () => {
    const old = slice({ labels: { a: 'b' } });
    expect(strategy.generationChanged?.(slice({ labels: { a: 'c' } }), old)).toBe(true);
    expect(strategy.generationChanged?.(slice({ labels: { a: 'b' } }, 'IPv6'), old)).toBe(true);
    expect(strategy.generationChanged?.(slice({ labels: { a: 'b' }, annotations: { x: 'y' } }), old)).toBe(false);
  });
});

describe('the status of a Deployment', () => {
  const { strategy } = resource('Deployment', 'apps');
  const errors = (status: object) =>
    strategy.validateStatusUpdate({ metadata: {}, status } as unknown as KubeObject, { metadata: {} } as KubeObject);

  test('counts no part above the whole', () => {
    expect(errors({ replicas: 2, readyReplicas: 2, availableReplicas: 1 })).toEqual([]);
    expect(errors({ replicas: 1, readyReplicas: 2 }).map(String)).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ]);
    expect(errors({ replicas: -1, updatedReplicas: -1 }).map(String)).toContain(
      'status.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  });
});

describe('an update of a Service', () => {
  const ports = [{ port: 80 }];
  const stored: MutableObject[] = [];
  const of = resource('Service', '', stored);
  const old = make(of, { metadata: { name: 's', namespace: 'n' }, spec: { type: 'NodePort', ports } });
  const update = (spec: object) => {
    const next = structuredClone(old);
    Object.assign(next.spec, spec);
    of.strategy.prepareForUpdate(next, old);
    return next;
  };

  test('to another type drops what only the old type needed', () => {
    const { spec } = update({ type: 'ClusterIP' });
    expect(spec.ports[0].nodePort).toBeUndefined();
    expect(spec.externalTrafficPolicy).toBeUndefined();
    expect(spec.clusterIP).toBe(old.spec.clusterIP);
    expect(update({ type: 'ExternalName', externalName: 'x.y' }).spec.clusterIPs).toBeUndefined();
  });

  test('of its address alone means the list of addresses too', () => {
    expect(update({ clusterIP: '10.0.0.250' }).spec.clusterIPs).toEqual(['10.0.0.250']);
  });

  test('to a port that another Service has is refused', () => {
    stored.push(old);
    const other = make(of, {
      metadata: { name: 't', namespace: 'n' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: old.spec.ports[0].nodePort }] },
    });
    expect(of.strategy.validate(other).map(String)).toEqual([
      `spec.ports[0].nodePort: Invalid value: ${old.spec.ports[0].nodePort}: provided port is already allocated`,
    ]);
  });
});

describe('addresses and ports of Services', () => {
  const service = (spec: object) => ({
    metadata: { name: 's', namespace: 'n' },
    spec: { ports: [{ port: 80 }], ...spec },
  });

  test('no address is given twice, until none is left', () => {
    const stored: MutableObject[] = [];
    const of = resource('Service', '', stored);
    for (let i = 0; i < 253; i++)
      stored.push(make(of, { ...service({}), metadata: { name: `s${i}`, namespace: 'n' } }));
    const addresses = new Set(stored.map((one) => one.spec.clusterIP));
    expect(addresses.size).toBe(253);
    expect(addresses).not.toContain('10.0.0.1');
    expect(make(of, service({})).spec.clusterIP).toBeUndefined();
    stored.pop();
    expect(make(of, service({})).spec.clusterIP).toMatch(/^10\.0\.0\.\d+$/);
  });

  test('ports of nodes are in range and free; an asked for port is kept', () => {
    const stored: MutableObject[] = [];
    const of = resource('Service', '', stored);
    for (let i = 0; i < 50; i++) stored.push(make(of, service({ type: 'NodePort' })));
    const ports = stored.map((one) => one.spec.ports[0].nodePort);
    expect(new Set(ports).size).toBe(50);
    for (const port of ports) expect(port >= 30000 && port <= 32767).toBe(true);
    expect(make(of, service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })).spec.ports[0].nodePort).toBe(
      30080,
    );
  });

  test('an update that leaves them out keeps them', () => {
    const of = resource('Service');
    const old = make(of, service({ type: 'NodePort' }));
    const { object } = of.strategy.decode(service({ type: 'NodePort', ports: [{ port: 80, name: 'x' }] }) as never);
    of.strategy.applyDefaults(object);
    of.strategy.prepareForUpdate(object, old);
    expect(object.spec.clusterIP).toBe(old.spec.clusterIP);
    expect(object.spec.ports[0].nodePort).toBe(old.spec.ports[0].nodePort);
  });
});

test('an Event is one object seen through two groups', () => {
  const [core, newer] = [resource('Event'), resource('Event', 'events.k8s.io')];
  expect(core.storageKey).toBe(newer.storageKey);
  const stored = make(newer, {
    metadata: { name: 'e', namespace: 'n' },
    regarding: { kind: 'Pod', name: 'p', namespace: 'n' },
    note: 'hello',
    reportingController: 'example.com/c',
    eventTime: '2026-01-02T03:04:05.000006Z',
  });
  expect(stored).toMatchObject({
    apiVersion: 'v1',
    involvedObject: { name: 'p' },
    message: 'hello',
    reportingComponent: 'example.com/c',
  });
  expect(newer.fromStorage(stored)).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    regarding: { name: 'p' },
    note: 'hello',
    reportingController: 'example.com/c',
  });
});

test('field selectors know the fields of their kind', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { nodeName: 'n' }, status: { phase: 'Running' } };
  const { strategy } = resource('Pod');
  expect(strategy.selectableFieldNames).toContain('spec.nodeName');
  expect(strategy.selectableFields?.(pod as KubeObject)).toMatchObject({
    'spec.nodeName': 'n',
    'status.phase': 'Running',
    'spec.hostNetwork': 'false',
  });
  expect(resource('Secret').strategy.selectableFieldNames).toEqual(['type']);
  expect(resource('ConfigMap').strategy.selectableFieldNames).toBeUndefined();
});

test('generation follows the spec, not what the server would add to it', () => {
  const of = resource('Deployment', 'apps');
  const body = {
    metadata: { name: 'd', namespace: 'n' },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { spec: { containers: [{ name: 'c', image: 'x' }] } } },
  };
  const stored = make(of, body);
  const { object } = of.strategy.decode(structuredClone(body) as never);
  of.strategy.applyDefaults(object);
  expect(of.strategy.generationChanged?.(object, stored)).toBe(false);
  object.spec.replicas = 2;
  expect(of.strategy.generationChanged?.(object, stored)).toBe(true);
  expect(resource('ConfigMap').strategy.generationChanged).toBeUndefined();
});

test('what nobody gave an action says so', () => {
  for (const kind of ['SubjectAccessReview', 'SelfSubjectRulesReview']) {
    expect(resource(kind, 'authorization.k8s.io').notImplemented).toBe(`${kind} is not implemented`);
  }
});

test('every kind has a table, an OpenAPI component and a place', () => {
  for (const one of builtinResources()) {
    if (one.notImplemented) continue;
    const object = { apiVersion: 'v1', kind: one.kind, metadata: { name: 'x' } };
    expect(one.table.cells(object, 0)).toHaveLength(one.table.columns.length);
    const { name, schemas } = one.openApiComponents?.() ?? { name: '', schemas: {} };
    expect(schemas[name]).toBeDefined();
    expect(one.storageKey).toMatch(/^[a-z0-9.]*\/[a-z]+$/);
  }
});
