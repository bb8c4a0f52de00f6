import type { KubeObject } from '@setpoint/apimachinery/meta';
import { expect, expectTypeOf, test } from 'vitest';
import { externalKind } from './external-kind.ts';
import type { Resource, ResourceInput } from './kind.ts';

interface Route extends KubeObject {
  readonly apiVersion: 'route.openshift.io/v1';
  readonly kind: 'Route';
  readonly spec: { readonly host: string };
}
interface RouteInput {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly host?: string };
}
const Route = externalKind<Route, RouteInput>({
  group: 'route.openshift.io',
  version: 'v1',
  kind: 'Route',
  plural: 'routes',
  status: true,
});

test('a kind of others has all names, is asked nobody about, and has no definition to install', () => {
  expect(Route).toMatchObject({
    apiVersion: 'route.openshift.io/v1',
    listKind: 'RouteList',
    singular: 'route',
    scope: 'Namespaced',
    subresources: { status: true, scale: false },
  });
  expect(Route.dynamic).toBeUndefined();
  expect(Route.definition).toBeUndefined();
});

test('its objects are of the types that were given', () => {
  expectTypeOf<Resource<typeof Route>['spec']>().toEqualTypeOf<{ readonly host: string }>();
  expectTypeOf<Resource<typeof Route>['metadata']['uid']>().toEqualTypeOf<string>();
  expectTypeOf<ResourceInput<typeof Route>>().toEqualTypeOf<RouteInput>();
});
