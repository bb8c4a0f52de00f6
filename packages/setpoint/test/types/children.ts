/**
 * What of children must compile and what must not: checked by `npm run types`, never run. A line below an expected
 * error fails the check once it compiles.
 */
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import {
  type Cached,
  type Child,
  type ChildOf,
  child,
  controller,
  defineKind,
  owned,
  progressing,
  type ReconcileReturn,
  type Resource,
  ready,
  step,
  waitFor,
} from '../../src/index.ts';
import { Deployment } from '../../src/kinds/builtin/apps/v1.ts';
import { ConfigMap, Pod, Secret } from '../../src/kinds/builtin/core/v1.ts';

const Foo = defineKind({ group: 'a.b', version: 'v1', kind: 'Foo', spec: z.object({ name: z.string() }) });
type Foo = Resource<typeof Foo>;
declare const cached: Cached<Resource<typeof ConfigMap>>;
declare const foo: Foo;

// The kind gives the type: neither apiVersion nor kind nor a cast is needed.
const config = child(ConfigMap, { metadata: { name: foo.spec.name }, data: { a: 'b' } });
expectTypeOf(config).toEqualTypeOf<Child<typeof ConfigMap>>();
export const spelt = child(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } });
// @ts-expect-error a field that a ConfigMap does not have
child(ConfigMap, { metadata: { name: 'x' }, dtaa: {} });
// @ts-expect-error a value of another type
child(ConfigMap, { metadata: { name: 'x' }, data: { a: 1 } });
// @ts-expect-error another kind
child(ConfigMap, { kind: 'Secret', metadata: { name: 'x' } });
// @ts-expect-error an object of the cache would take ownership of every field
child(ConfigMap, cached);
// @ts-expect-error and so would one that came from the server
child(ConfigMap, { metadata: { name: 'x', uid: 'y' } });

// The check of readiness sees the object as the server has it.
child(
  Deployment,
  { metadata: { name: 'x' } },
  { ready: (object) => (object.status?.replicas ? ready : progressing('A', 'b')) },
);
// @ts-expect-error it answers how far the object is
child(Deployment, { metadata: { name: 'x' } }, { ready: () => true });

const app = child(Deployment, { metadata: { name: 'x' } }, { dependsOn: [config] });
const migrated = step('migrate', async () => progressing('Migrating', 'on', { requeueAfter: '5s' }), {
  dependsOn: [app],
});
// @ts-expect-error a dependency is a child or a step
child(Deployment, { metadata: { name: 'x' } }, { dependsOn: ['config'] });
// @ts-expect-error a duration
step('migrate', () => progressing('Migrating', 'on', { requeueAfter: '5 parsecs' }));

controller(Foo, {
  owns: [ConfigMap, owned(Deployment)],
  writes: [Secret],
  reconcile: (object) => ({
    requeueAfter: '1m',
    children: [config, app, migrated, child(ConfigMap, { metadata: { name: object.spec.name } })],
  }),
});
controller(Foo, { owns: [ConfigMap], reconcile: async () => ({ children: [] }) });
controller(Foo, {
  owns: [ConfigMap],
  reconcile: () => ({ children: [config], ...waitFor('A', 'b', { requeueAfter: '1m' }) }),
});
controller(Foo, { reconcile: async () => waitFor('A', 'b') });
// A list that is put together bit by bit.
controller(Foo, {
  owns: [ConfigMap, Deployment],
  reconcile: async (object) => {
    const children: ChildOf<typeof ConfigMap | typeof Deployment>[] = [config];
    if (object.spec.name === 'x') children.push(app);
    return { children };
  },
});
// A helper that says nothing of children fits every controller.
declare const helper: (foo: Foo) => Promise<ReconcileReturn>;
controller(Foo, { owns: [ConfigMap], reconcile: helper });
controller(Foo, { reconcile: helper });

// @ts-expect-error a kind that is not declared
controller(Foo, { owns: [ConfigMap], reconcile: () => ({ children: [child(Pod, { metadata: { name: 'x' } })] }) });
// @ts-expect-error a kind that is written but not owned: nobody would see it change, or find it again
controller(Foo, { writes: [ConfigMap], reconcile: () => ({ children: [config] }) });
// @ts-expect-error the object itself is no child: child() makes one of it
controller(Foo, { owns: [ConfigMap], reconcile: () => ({ children: [{ metadata: { name: 'x' } }] }) });
// @ts-expect-error an owner that is going makes no children
controller(Foo, { owns: [ConfigMap], finalize: () => ({ children: [config] }), reconcile() {} });
// @ts-expect-error a keyed controller has no object that could own any
controller.keyed({ name: 'x', reconcile: () => ({ children: [config] }) });
controller(Foo, { finalize: () => waitFor('A', 'b'), reconcile() {} });
