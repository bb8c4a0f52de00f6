import type { KubeObject } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import { whenConverted } from '../registry/index.ts';
import { awaitedConversion } from './awaited-conversion.ts';
import { customCodec } from './custom-codec.ts';
import type { Definition } from './definition.ts';

const text = { type: 'string' };
const version = (name: string, storage: boolean, field: string) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { [field]: text } } },
});
const [v1, v2] = [version('v1', true, 'one'), version('v2', false, 'two')];
const definition = {
  spec: { group: 'example.com', names: { plural: 'foos', kind: 'Foo' }, scope: 'Namespaced', versions: [v1, v2] },
} as unknown as Definition;

const foo = (apiVersion: string, fields: object): KubeObject =>
  ({ apiVersion: `example.com/${apiVersion}`, kind: 'Foo', metadata: { name: 'a' }, ...fields }) as KubeObject;

/** v2 as it reads and writes the store of v1; each review is remembered. */
function setUp() {
  const reviews: { readonly count: number; readonly to: string }[] = [];
  const failure: { error?: Error } = {};
  const convert = async (objects: readonly KubeObject[], apiVersion: string) => {
    reviews.push({ count: objects.length, to: apiVersion });
    if (failure.error) throw failure.error;
    return objects.map((object) => {
      const { one, two, ...rest } = object as KubeObject & { one?: string; two?: string };
      const fields = apiVersion.endsWith('v2') ? { two: one } : { one: two };
      return { ...rest, ...fields, odd: 'x', apiVersion } as unknown as KubeObject;
    });
  };
  const resource = awaitedConversion(definition, v2, customCodec(definition, v2), convert);
  return { reviews, failure, resource };
}

describe('conversion by webhook', () => {
  it('is waited for, once for each object of the store', async () => {
    const { reviews, resource } = setUp();
    const stored = foo('v1', { one: 'x' });
    expect(() => resource.fromStorage(stored)).toThrow('a conversion has to be waited for');
    expect(await whenConverted(resource, () => resource.fromStorage(stored))).toEqual(foo('v2', { two: 'x' }));
    expect(resource.fromStorage(stored)).toEqual(foo('v2', { two: 'x' }));
    expect(reviews).toEqual([{ count: 1, to: 'example.com/v2' }]);
  });

  it('asks about many objects at once, and about none that is in the version already', async () => {
    const { reviews, resource } = setUp();
    const stored = [foo('v1', { one: 'a' }), foo('v2', { two: 'b' }), foo('v1', { one: 'c' })];
    await resource.conversion?.prepare(stored);
    expect(reviews).toEqual([{ count: 2, to: 'example.com/v2' }]);
    expect(stored.map((object) => resource.fromStorage(object))).toEqual(
      ['a', 'b', 'c'].map((two) => foo('v2', { two })),
    );
    expect(resource.conversion?.prepare(stored)).toBeUndefined();
  });

  it('is for the version of the store when an object is written', async () => {
    const { resource } = setUp();
    const written = await whenConverted(resource, () => resource.toStorage(foo('v2', { two: 'x' })));
    expect(written).toEqual(foo('v1', { one: 'x' }));
  });

  it('asks again for an object that is read by itself', async () => {
    const { reviews, resource } = setUp();
    const stored = foo('v1', { one: 'x' });
    await resource.conversion?.refresh(stored);
    await resource.conversion?.refresh(stored);
    expect(reviews).toHaveLength(2);
  });

  it('fails with what the webhook says, and is tried again the next time', async () => {
    const { failure, resource } = setUp();
    const stored = foo('v1', { one: 'x' });
    failure.error = new Error('not now');
    await expect(whenConverted(resource, () => resource.fromStorage(stored))).rejects.toThrow('not now');
    delete failure.error;
    expect(await whenConverted(resource, () => resource.fromStorage(stored))).toEqual(foo('v2', { two: 'x' }));
  });

  it('knows no versions but those of the definition', () => {
    const { resource } = setUp();
    expect(() => resource.convert(foo('v2', {}), 'example.com/v3')).toThrow('invalid group/version: example.com/v3');
  });
});
