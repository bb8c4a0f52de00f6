import { expect, expectTypeOf, test } from 'vitest';
import type { Resource, ResourceInput } from '../kind.ts';
import type { CustomResourceDefinition } from './apiextensions.k8s.io/v1.ts';
import { Deployment } from './apps/v1.ts';
import { type ConfigMap, type Container, Namespace, type Pod, type PodInput } from './core/v1.ts';
import type { Role } from './rbac.authorization.k8s.io/v1.ts';

test('a kind and its type share one name', () => {
  expectTypeOf<Resource<typeof Pod>>().toEqualTypeOf<Pod>();
  expectTypeOf<ResourceInput<typeof Pod>>().toEqualTypeOf<PodInput>();
  expect(Deployment).toMatchObject({
    group: 'apps',
    plural: 'deployments',
    scope: 'Namespaced',
    shortNames: ['deploy'],
  });
  expect(Deployment.subresources).toEqual({ status: true, scale: true });
  expect(Namespace.scope).toBe('Cluster');
});

test('apiVersion and kind are literal types, so kinds of equal shape are not interchangeable', () => {
  expectTypeOf<Pod['kind']>().toEqualTypeOf<'Pod'>();
  expectTypeOf<Deployment['apiVersion']>().toEqualTypeOf<'apps/v1'>();
  expectTypeOf<ConfigMap>().not.toExtend<Namespace>();
});

test('what is read has what the server always writes, and nothing of it can be changed', () => {
  expectTypeOf<Pod['spec']['containers'][number]>().toEqualTypeOf<Container>();
  expectTypeOf<Pod['spec']['restartPolicy']>().toEqualTypeOf<'Always' | 'Never' | 'OnFailure' | undefined>();
  expectTypeOf<Deployment['spec']['template']['spec']['containers']>().toExtend<readonly Container[]>();
  // A Role without rules is written with null.
  expectTypeOf<Role['rules']>().extract<null>().toEqualTypeOf<null>();
  const change = (pod: Pod) => {
    // @ts-expect-error members are readonly
    pod.spec.nodeName = 'n';
    // @ts-expect-error lists are readonly
    pod.spec.containers.push({ name: 'c', resources: {} });
  };
  expectTypeOf(change).toBeFunction();
});

test('what is written needs a name or a prefix, and may leave out what has defaults', () => {
  const pod: PodInput = {
    metadata: { generateName: 'p-' },
    spec: { containers: [{ name: 'c', image: 'x', resources: { limits: { cpu: 1, memory: '1Gi' } } }] },
  };
  expect(pod.spec?.containers[0]?.name).toBe('c');
  // @ts-expect-error no name
  const nameless: PodInput = { metadata: { labels: {} } };
  // @ts-expect-error no such policy
  const odd: PodInput = { metadata: { name: 'p' }, spec: { containers: [], restartPolicy: 'Sometimes' } };
  // @ts-expect-error no such member
  const typo: PodInput = { metadata: { name: 'p' }, spec: { container: [] } };
  const port: ResourceInput<typeof Pod> = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', readinessProbe: { httpGet: { port: 'http' } } }] },
  };
  expect([nameless, odd, typo, port]).toHaveLength(4);
});

test('a schema of a definition nests without end', () => {
  const definition: ResourceInput<typeof CustomResourceDefinition> = {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Foo', plural: 'foos' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { a: { type: 'array', items: { type: 'string' } } } },
          },
        },
      ],
    },
  };
  expect(definition.spec.names.kind).toBe('Foo');
});
