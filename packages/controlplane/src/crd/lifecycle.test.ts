import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import { type MutableObject, Registry } from '../registry/index.ts';
import type { Definition } from './definition.ts';
import { type CrdHost, CustomResources, definitionResource } from './index.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** A store of definitions and instances that keeps every state a watcher of definitions would see. */
function setUp() {
  const clock = new FakeClock(start);
  const registry = new Registry();
  const stored = new Map<string, KubeObject>();
  const instances = new Map<string, KubeObject[]>();
  const listeners = new Set<() => void>();
  const seen: Definition[] = [];
  const write = (definition: KubeObject) => {
    stored.set(definition.metadata.name as string, definition);
    seen.push(definition as Definition);
    customResources.definitionChanged(definition.metadata.name as string);
    return definition;
  };
  const host: CrdHost = {
    registry,
    clock,
    webhooks: () => {
      throw new Error('nothing is converted here');
    },
    random: seededRandom(1),
    revision: () => seen.length,
    getDefinition: (name) => stored.get(name),
    listDefinitions: () => [...stored.values()],
    replaceDefinition: write,
    removeDefinition: (name) => {
      stored.delete(name);
      customResources.definitionChanged(name);
    },
    listInstances: (key) => instances.get(key) ?? [],
    deleteInstance(key, object) {
      const marked = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
      const others = (instances.get(key) ?? []).filter((one) => one !== object);
      instances.set(key, object.metadata.finalizers ? [...others, marked] : others);
      if (!object.metadata.finalizers) for (const listener of listeners) listener();
    },
    onInstanceRemoved(_key, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const customResources: CustomResources = new CustomResources(host);
  const { strategy } = definitionResource((name) => customResources.definitionChanged(name));
  const create = (plural: string, names: object = {}, version: object = {}) => {
    const { object } = strategy.decode({
      metadata: { name: `${plural}.example.com`, uid: plural, generation: 1 },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural, kind: 'Foo', ...names },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...version },
        ],
      },
    } as unknown as MutableObject);
    strategy.applyDefaults(object);
    strategy.prepareForCreate(object);
    return write(object) as Definition;
  };
  const remove = (name: string) => {
    const object = structuredClone(stored.get(name)) as MutableObject;
    if (strategy.prepareForDelete?.(object, clock.now())) write(object);
  };
  const conditionsOf = (definition: Definition | KubeObject | undefined) =>
    Object.fromEntries(
      ((definition as Definition)?.status?.conditions ?? []).map((one) => [one.type, `${one.status} ${one.reason}`]),
    );
  return { registry, stored, instances, listeners, seen, create, remove, write, conditionsOf, customResources };
}

describe('a new definition', () => {
  it('is named, then served, then established, each a step that watchers see', () => {
    const { create, seen, conditionsOf } = setUp();
    create('foos');
    expect(seen.map(conditionsOf)).toEqual([
      {},
      { NamesAccepted: 'True NoConflicts', Established: 'False Installing' },
      { NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' },
    ]);
    expect(seen.at(-1)?.status?.acceptedNames).toEqual({
      plural: 'foos',
      singular: 'foo',
      kind: 'Foo',
      listKind: 'FooList',
    });
    expect(seen[0]?.status?.storedVersions).toEqual(['v1']);
  });

  it('is in the registry before it says Established', () => {
    const { create, registry, stored, conditionsOf } = setUp();
    let established: string | undefined;
    registry.onChange(() => {
      established ??= conditionsOf(stored.get('foos.example.com')).Established;
    });
    create('foos');
    expect(established).toBe('False Installing');
    expect(registry.lookup('example.com', 'v1', 'foos')?.kind).toBe('Foo');
  });

  it('does not serve a version that is not served', () => {
    const { create, registry } = setUp();
    create('foos', {}, { served: false });
    expect(registry.list()).toEqual([]);
  });

  it('whose names are taken waits, without being served, until they are free', () => {
    const { create, remove, registry, stored, conditionsOf } = setUp();
    create('foos', { shortNames: ['f'] });
    create('bars', { singular: 'bar', shortNames: ['f', 'b'] });
    const bars = () => stored.get('bars.example.com') as Definition;
    expect(conditionsOf(bars())).toEqual({
      NamesAccepted: 'False ListKindConflict',
      Established: 'False NotAccepted',
    });
    expect(bars().status?.conditions?.[0]?.message).toBe('"FooList" is already in use');
    expect(bars().status?.acceptedNames).toEqual({ plural: 'bars', singular: 'bar', kind: '' });
    expect(registry.lookup('example.com', 'v1', 'bars')).toBeUndefined();
    remove('foos.example.com');
    expect(conditionsOf(bars())).toEqual({
      NamesAccepted: 'True NoConflicts',
      Established: 'True InitialNamesAccepted',
    });
    expect(registry.lookup('example.com', 'v1', 'bars')?.shortNames).toEqual(['f', 'b']);
  });

  it('of a protected group carries its approval', () => {
    const { write, create, conditionsOf, stored } = setUp();
    const plain = create('foos');
    const spec = { ...plain.spec, group: 'x.k8s.io' };
    const annotations = { 'api-approved.kubernetes.io': 'https://example.com/approval' };
    write({ ...plain, metadata: { ...plain.metadata, name: 'foos.x.k8s.io', annotations }, spec } as KubeObject);
    expect(conditionsOf(stored.get('foos.x.k8s.io'))).toMatchObject({
      KubernetesAPIApprovalPolicyConformant: 'True ApprovedAnnotation',
    });
  });
});

describe('a changed definition', () => {
  it('swaps what is served, and leaves what did not change alone', () => {
    const { create, write, registry, stored } = setUp();
    create('foos');
    const definition = stored.get('foos.example.com') as Definition;
    const before = registry.lookup('example.com', 'v1', 'foos');
    write({ ...definition, metadata: { ...definition.metadata, labels: { a: 'b' } } });
    expect(registry.lookup('example.com', 'v1', 'foos')).toBe(before);
    const v2 = { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } };
    const versions = [{ ...definition.spec.versions[0], served: false }, v2];
    write({ ...definition, spec: { ...definition.spec, versions } } as KubeObject);
    expect(registry.lookup('example.com', 'v1', 'foos')).toBeUndefined();
    expect(registry.lookup('example.com', 'v2', 'foos')?.version).toBe('v2');
  });
});

describe('a deleted definition', () => {
  const foo = (name: string, finalizers?: string[]): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Foo',
    metadata: { name, ...(finalizers ? { finalizers } : {}) },
  });

  it('goes at once when it has no instances', () => {
    const { create, remove, stored, registry, seen, conditionsOf } = setUp();
    create('foos');
    remove('foos.example.com');
    expect(seen.slice(3).map((one) => conditionsOf(one).Terminating)).toEqual([
      'True InstanceDeletionPending',
      'True InstanceDeletionInProgress',
    ]);
    expect(stored.size).toBe(0);
    expect(registry.list()).toEqual([]);
  });

  it('refuses creations, deletes its instances and waits for their finalizers', async () => {
    const { create, remove, stored, registry, instances, listeners } = setUp();
    create('foos');
    const served = registry.lookup('example.com', 'v1', 'foos');
    instances.set('example.com/foos', [foo('a'), foo('held', ['example.com/hold'])]);
    remove('foos.example.com');
    expect(instances.get('example.com/foos')?.map((one) => one.metadata.name)).toEqual(['held']);
    expect(registry.lookup('example.com', 'v1', 'foos')).toBe(served);
    expect(served?.createForbidden).toBe('create not allowed while custom resource definition is terminating');
    expect(stored.get('foos.example.com')?.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    instances.set('example.com/foos', []);
    for (const listener of listeners) listener();
    await Promise.resolve();
    expect(stored.size).toBe(0);
    expect(registry.list()).toEqual([]);
    expect(listeners.size).toBe(0);
  });

  it('stays, without instances, while a finalizer of somebody else holds it', () => {
    const { create, write, remove, stored, conditionsOf } = setUp();
    const definition = create('foos');
    const current = stored.get(definition.metadata.name as string) as Definition;
    write({ ...current, metadata: { ...current.metadata, finalizers: ['example.com/hold'] } });
    remove('foos.example.com');
    const left = stored.get('foos.example.com');
    expect(left?.metadata.finalizers).toEqual(['example.com/hold']);
    expect(conditionsOf(left).Terminating).toBe('False InstanceDeletionCompleted');
  });
});
