import type { JsonValue, KubeObject } from '@setpoint/apimachinery/meta';
import type { ServedResource } from '../registry/index.ts';
import { typeOf } from './managers.ts';
import { asTyped, merge, shapeOf, type TypeSchema } from './merge/index.ts';

/**
 * The object with what a configuration says of it, merged by the types of its schema; who owns what is not looked at.
 * @throws Error in the server's words where the configuration does not fit, or says something of what is only replaced as
 * a whole
 */
export function mergeConfiguration(resource: ServedResource, live: KubeObject, configuration: KubeObject): KubeObject {
  const type = typeOf(resource);
  const patch = said('failed to convert patch object to typed object', () => asTyped(configuration, type));
  const atomics = atomicPaths(configuration as unknown as JsonValue, type, '');
  if (atomics.length > 0) {
    throw new Error(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  }
  const present = said('failed to convert original object to typed object', () =>
    asTyped(live, type, { allowDuplicates: true }),
  );
  const merged = said('failed to merge patch', () => merge(present, patch));
  return merged.value as unknown as KubeObject;
}

function said<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

/** Where the value has an object or a list that is atomic. */
function atomicPaths(value: JsonValue, type: TypeSchema, path: string): string[] {
  const shape = shapeOf(type, value);
  if (shape === 'map' && type.map && value !== null && typeof value === 'object') {
    const { atomic, fields } = type.map;
    const inside = Object.entries(value).flatMap(([name, member]) => {
      const field = fields.get(name);
      return field ? atomicPaths(member as JsonValue, field.type, `${path}.${name}`) : [];
    });
    return atomic ? [path, ...inside] : inside;
  }
  if (shape === 'list' && type.list && Array.isArray(value)) {
    const { atomic, element } = type.list;
    const inside = value.flatMap((item, index) => atomicPaths(item, element, `${path}[${index}]`));
    return atomic ? [path, ...inside] : inside;
  }
  return [];
}
