import { describe, expect, expectTypeOf, test } from 'vitest';
import { Plain, Widget } from '../../test/fake/kinds.ts';
import { index } from '../cache/index.ts';
import { ConfigMap, Pod, Secret } from '../kinds/builtin/core/v1.ts';
import { metadata } from '../kinds/index.ts';
import { rulesFor } from '../manifests/index.ts';
import { controller, needs, watch } from './index.ts';

const byColor = index(Widget, (widget) => widget.spec.color);
const podsByName = index(metadata(Pod), (pod) => pod.metadata.name);

describe('the types of a controller', () => {
  test('the pass reads what is declared: its own kind, reads, watches and owns', () => {
    controller(Widget, {
      reads: [podsByName, Secret],
      owns: [Plain],
      watches: [watch(ConfigMap, { enqueue: () => undefined })],
      reconcile(widget, { cache }) {
        expectTypeOf(widget.spec.size).toEqualTypeOf<number>();
        expectTypeOf(cache.lookup(podsByName, 'x')[0]?.metadata.name).toEqualTypeOf<string | undefined>();
        expectTypeOf(cache.list(Secret)[0]?.data).toEqualTypeOf<Readonly<Record<string, string>> | undefined>();
        expectTypeOf(cache.get(Plain, { name: 'x' })?.spec.size).toEqualTypeOf<number | undefined>();
        cache.list(ConfigMap);
        cache.list(Widget);
      },
    });
  });

  test('reading anything else is an error, whose message names what to add', () => {
    controller(Widget, {
      reads: [podsByName],
      reconcile(_, { cache }) {
        const never = () => {
          // @ts-expect-error ConfigMap is not declared: add it to the reads of this controller
          cache.list(ConfigMap);
          // @ts-expect-error Pod itself is not declared, its metadata is
          cache.list(Pod)[0]?.spec;
        };
        void never;
      },
    });
  });

  test('an index or a watch on metadata cannot see the spec', () => {
    // @ts-expect-error metadata(Pod) has no spec
    index(metadata(Pod), (pod) => pod.spec.nodeName);
    // @ts-expect-error metadata(Pod) has no spec
    watch(metadata(Pod), { enqueue: (pod) => void pod.spec });
  });

  test('a mapper answers with keys or objects of the controlled kind, not of another', () => {
    controller(Widget, { watches: [watch(Pod, { enqueue: () => [{ name: 'x' }] })], reconcile() {} });
    controller(Widget, {
      watches: [watch(Pod, { reads: [byColor], enqueue: (_, { cache }) => cache.lookup(byColor, 'red') })],
      reconcile() {},
    });
    controller(Widget, {
      // @ts-expect-error Pods are no Widgets
      watches: [watch(Pod, { enqueue: (pod) => [pod] })],
      reconcile() {},
    });
  });

  test('status.patch knows the status; undefined is refused, null is not', () => {
    controller(Widget, {
      async reconcile(_, { status }) {
        const never = async () => {
          await status.patch({ ready: true, seen: null });
          // @ts-expect-error no such member
          await status.patch({ redy: true });
          // @ts-expect-error of another type
          await status.patch({ ready: 'yes' });
          // @ts-expect-error null removes, undefined would be lost
          await status.patch({ ready: undefined });
        };
        void never;
      },
    });
  });

  test('apply takes objects of the declared kinds that do not come from the server', () => {
    controller(Widget, {
      owns: [ConfigMap],
      async reconcile(widget, { apply, cache }) {
        const never = async () => {
          const made = await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: 'b' } });
          expectTypeOf(made.metadata.uid).toEqualTypeOf<string>();
          // @ts-expect-error Secret is not declared
          await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } });
          // @ts-expect-error a cached object
          await apply(cache.list(ConfigMap)[0]);
          // @ts-expect-error a cached object, changed
          await apply({ ...cache.list(ConfigMap)[0], apiVersion: 'v1', kind: 'ConfigMap', data: {} });
          // @ts-expect-error the object itself
          await apply(widget);
        };
        void never;
      },
    });
  });

  test('a pass answers with nothing or requeueAfter as a duration', () => {
    controller(Widget, { reconcile: async () => ({ requeueAfter: '30s' }) });
    controller(Widget, { reconcile: () => ({ requeueAfter: 30_000 }) });
    // @ts-expect-error not a duration
    controller(Widget, { reconcile: () => ({ requeueAfter: 'soon' }) });
  });
});

test('permissions are computed from the declaration', () => {
  const minimal = controller(Widget, { reads: [podsByName], reconcile() {} });
  expect(rulesFor(needs(minimal)).cluster).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['test.example.com'], resources: ['widgets'], verbs: ['list', 'watch'] },
    { apiGroups: ['test.example.com'], resources: ['widgets/status'], verbs: ['patch'] },
  ]);
  const owner = controller(Widget, {
    owns: [ConfigMap],
    finalize() {},
    permissions: [{ kind: Secret, verbs: ['get'] }],
    reconcile() {},
  });
  expect(rulesFor(needs(owner)).cluster).toEqual([
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'delete', 'list', 'patch', 'watch'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['test.example.com'], resources: ['widgets'], verbs: ['list', 'patch', 'watch'] },
    { apiGroups: ['test.example.com'], resources: ['widgets/finalizers'], verbs: ['update'] },
    { apiGroups: ['test.example.com'], resources: ['widgets/status'], verbs: ['patch'] },
  ]);
  const reverse = controller(Widget, { owns: [ConfigMap], deleteChildren: 'reverse', reconcile() {} });
  expect(rulesFor(needs(reverse)).cluster.slice(2, 3)).toEqual([
    // The finalizer that holds it until its children are gone.
    { apiGroups: ['test.example.com'], resources: ['widgets'], verbs: ['list', 'patch', 'watch'] },
  ]);
});
