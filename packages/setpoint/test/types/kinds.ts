/**
 * What must compile and what must not: checked by `npm run types`, never run. A line below an
 * expected error fails the check once it compiles.
 */
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import Type, { type Static } from 'typebox';
import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { ConfigMap, type Node, Pod } from '../../src/kinds/builtin/core/v1.ts';
import {
  type AnyKind,
  type Cached,
  type DeepReadonly,
  defineCrd,
  defineKind,
  draft,
  dynamicKind,
  index,
  metadata,
  type NotCached,
  type Resource,
  type ResourceInput,
  type SpecOf,
  type StatusOf,
  spoke,
} from '../../src/kinds/index.ts';
import { fromJsonSchema } from '../../src/schema/index.ts';
import { conditions, quantity } from '../../src/zod/index.ts';

const Foo = defineKind({
  group: 'tutorial.my.domain',
  version: 'v1',
  kind: 'Foo',
  spec: z.object({
    name: z.string(),
    size: z.int().default(1),
    tags: z.array(z.string()).optional(),
    memory: quantity().optional(),
  }),
  status: z.object({ happy: z.boolean().optional(), conditions: conditions() }),
});
/** A value and its type share one name. */
type Foo = Resource<typeof Foo>;
type FooInput = ResourceInput<typeof Foo>;

const Bar = defineKind({
  group: 'tutorial.my.domain',
  version: 'v1',
  kind: 'Bar',
  scope: 'Cluster',
  spec: sizedSpec(),
});
type Bar = Resource<typeof Bar>;
function sizedSpec() {
  return z.object({ name: z.string(), size: z.int().default(1) });
}

declare const foo: Foo;
declare const cached: Cached<Foo>;

// apiVersion and kind are literals, so that kinds of equal shape are not interchangeable.
expectTypeOf(foo.apiVersion).toEqualTypeOf<'tutorial.my.domain/v1'>();
expectTypeOf(foo.kind).toEqualTypeOf<'Foo'>();
// @ts-expect-error a Foo is no Bar
export const notBar: Bar = foo;

// What is read has defaults filled in and complete metadata; what is written has neither to.
expectTypeOf(foo.spec.size).toEqualTypeOf<number>();
expectTypeOf(foo.spec.memory).toEqualTypeOf<string | number | undefined>();
expectTypeOf(foo.metadata.name).toEqualTypeOf<string>();
expectTypeOf(foo.metadata.namespace).toEqualTypeOf<string>();
expectTypeOf(foo.metadata.uid).toEqualTypeOf<string>();
expectTypeOf(foo.status?.happy).toEqualTypeOf<boolean | undefined>();
expectTypeOf(foo.status?.conditions?.[0]?.status).toEqualTypeOf<'True' | 'False' | 'Unknown' | undefined>();
export const written: FooInput = { metadata: { name: 'x' }, spec: { name: 'jack' } };
export const generated: FooInput = { metadata: { generateName: 'x-' }, spec: { name: 'jack', size: 3 } };
// @ts-expect-error a name, or a prefix for one, is needed
export const nameless: FooInput = { metadata: {}, spec: { name: 'jack' } };
// @ts-expect-error spec.name is required
export const friendless: FooInput = { metadata: { name: 'x' }, spec: {} };
// @ts-expect-error a spec with required members is itself required
export const specless: FooInput = { metadata: { name: 'x' } };
// @ts-expect-error another kind
export const otherKind: FooInput = { kind: 'Bar', metadata: { name: 'x' }, spec: { name: 'jack' } };

// A spec without required members may be missing, also when read.
const Lax = defineKind({ group: 'a.b', version: 'v1', kind: 'Lax', spec: z.object({ size: z.int().default(1) }) });
expectTypeOf<SpecOf<typeof Lax>>().toEqualTypeOf<{ readonly size: number }>();
expectTypeOf<Resource<typeof Lax>['spec']>().toEqualTypeOf<{ readonly size: number } | undefined>();
export const lax: ResourceInput<typeof Lax> = { metadata: { name: 'x' } };
// Without a status there is none.
expectTypeOf<StatusOf<typeof Lax>>().toEqualTypeOf<never>();

// Everything is readonly, all the way down.
// @ts-expect-error readonly
foo.spec.name = 'jill';
// @ts-expect-error readonly
foo.spec.tags?.push('x');
// @ts-expect-error readonly
foo.metadata.labels.app = 'x';
draft(foo, (d) => {
  d.spec.name = 'jill';
  d.spec.tags?.push('x');
});
expectTypeOf(draft(cached, () => {})).toEqualTypeOf<Cached<Foo>>();
expectTypeOf<DeepReadonly<{ a: [{ b: string[] }] }>>().toEqualTypeOf<{
  readonly a: readonly [{ readonly b: readonly string[] }];
}>();

// metadata(Kind) has no spec and no status, and is another kind.
index(metadata(Pod), (pod) => pod.metadata.name);
// @ts-expect-error no spec in metadata
index(metadata(Pod), (pod) => pod.spec.nodeName);
expectTypeOf<Resource<ReturnType<typeof metadata<typeof Pod>>>['kind']>().toEqualTypeOf<'Pod'>();

// Built-in kinds have complete metadata when read.
index(Pod, (pod) => pod.metadata.name);
index(Pod, (pod) => pod.spec.nodeName);
index(Pod, (pod) => pod.spec.volumes?.map((volume) => volume.configMap?.name));
// @ts-expect-error an index has keys of text
index(Foo, (f) => f.spec.size);
expectTypeOf<Resource<typeof ConfigMap>['metadata']['uid']>().toEqualTypeOf<string>();

// Any kind is an AnyKind, and a cached object is one of its kind.
export const kinds: readonly AnyKind[] = [Foo, Bar, Lax, Pod, ConfigMap, metadata(Pod)];
export const asFoo: Foo = cached;
declare function apply(object: NotCached & FooInput): void;
apply({ metadata: { name: 'x' }, spec: { name: 'jack' } });
// @ts-expect-error a cached object would take ownership of every field
apply(cached);
// @ts-expect-error and so would one made of it by spreading
apply({ ...cached, spec: { name: 'jack' } });

// Kinds of others are known by what is said of them.
const Route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
expectTypeOf<Resource<typeof Route>['apiVersion']>().toEqualTypeOf<'route.openshift.io/v1'>();
expectTypeOf<Resource<typeof Route>['spec']>().toEqualTypeOf<unknown>();
const TypedNode = dynamicKind<Node>({ group: '', version: 'v1', kind: 'Node', scope: 'Cluster' });
expectTypeOf<Resource<typeof TypedNode>['kind']>().toEqualTypeOf<'Node'>();

// Every schema library gives its types.
const Valibot = defineKind({
  group: 'a.b',
  version: 'v1',
  kind: 'Valibot',
  spec: toStandardJsonSchema(v.object({ name: v.string(), size: v.optional(v.pipe(v.number(), v.integer()), 3) })),
});
expectTypeOf<SpecOf<typeof Valibot>>().toEqualTypeOf<{ readonly name: string; readonly size: number }>();
const Arktype = defineKind({
  group: 'a.b',
  version: 'v1',
  kind: 'Arktype',
  spec: type({ name: 'string', size: 'number.integer = 3' }),
});
expectTypeOf<SpecOf<typeof Arktype>>().toEqualTypeOf<{ readonly name: string; readonly size: number }>();
const Spec = Type.Object({ name: Type.String() });
const Typebox = defineKind({
  group: 'a.b',
  version: 'v1',
  kind: 'Typebox',
  spec: fromJsonSchema<Static<typeof Spec>>(Spec),
});
expectTypeOf<SpecOf<typeof Typebox>>().toEqualTypeOf<{ readonly name: string }>();
// @ts-expect-error a typebox schema does not speak Standard JSON Schema; fromJsonSchema is the door
defineKind({ group: 'a.b', version: 'v1', kind: 'Bare', spec: Spec });

// Conversion functions are checked: what they see, and what they answer with.
defineCrd({ storage: Foo, versions: [Foo] });
// @ts-expect-error versions and a hub exclude each other
defineCrd({ storage: Foo, versions: [Foo], hub: Foo });
const Old = defineKind({ group: 'a.b', version: 'v1beta1', kind: 'New', spec: z.object({ size: z.int() }) });
const New = defineKind({ group: 'a.b', version: 'v1', kind: 'New', spec: z.object({ width: z.int() }) });
const converted = spoke(New, Old, {
  toHub: ({ spec }) => ({ spec: { width: spec.size } }),
  fromHub: ({ spec }) => ({ spec: { size: spec.width } }),
});
defineCrd({ storage: New, hub: New, spokes: [converted] });
// @ts-expect-error the spoke is one of another hub
defineCrd({ storage: Old, hub: Old, spokes: [converted] });
spoke(New, Old, {
  // @ts-expect-error the hub has no size
  toHub: ({ spec }) => ({ spec: { size: spec.size } }),
  fromHub: ({ spec }) => ({ spec: { size: spec.width } }),
});
spoke(New, Old, {
  // @ts-expect-error the spoke has no width
  toHub: ({ spec }) => ({ spec: { width: spec.width } }),
  fromHub: ({ spec }) => ({ spec: { size: spec.width } }),
});
