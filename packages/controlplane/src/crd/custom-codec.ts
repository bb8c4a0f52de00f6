import type { KubeObject } from '@setpoint/apimachinery/meta';
import {
  applyDefaults,
  coerceEmbedded,
  decodeObjectMeta,
  dropNulls,
  hasEmbedded,
  prune,
  type StructuralSchema,
} from '@setpoint/apimachinery/schema';
import type { Definition, DefinitionVersion } from './definition.ts';

/** Bodies and stored objects made into objects of one version. */
export interface CustomCodec {
  /** `unknown` are paths in the server's order; `error` are Go's words about a member of a wrong type. */
  decode(body: KubeObject): {
    readonly object: KubeObject;
    readonly unknown: readonly string[];
    readonly error?: string;
  };
  applyDefaults(object: KubeObject): KubeObject;
  /** What a webhook made of this version: without what the schema does not have. */
  converted(object: KubeObject): KubeObject;
  /** A stored object as this version shows it: renamed, without what the schema no longer has, with defaults. */
  fromStorage(object: KubeObject): KubeObject;
}

export function customCodec(definition: Definition, version: DefinitionVersion): CustomCodec {
  const schema: StructuralSchema = version.schema?.openAPIV3Schema ?? {};
  const apiVersion = `${definition.spec.group}/${version.name}`;
  const needsEmbedded = hasEmbedded(schema);
  const clean = (object: KubeObject) => {
    const pruned = prune(object, schema);
    const withoutNulls = dropNulls(pruned.value, schema);
    const coerced = needsEmbedded ? coerceEmbedded(withoutNulls, schema) : { value: withoutNulls, unknown: [] };
    return { pruned, coerced };
  };
  return {
    decode(body) {
      const meta = decodeObjectMeta(body.metadata);
      if (meta.error !== undefined) return { object: body, unknown: [], error: meta.error };
      const { pruned, coerced } = clean(body);
      if ('error' in coerced && coerced.error) return { object: body, unknown: [], error: String(coerced.error) };
      return {
        object: { ...coerced.value, metadata: meta.value } as KubeObject,
        unknown: [...meta.unknown.map((path) => `metadata.${path}`), ...pruned.paths, ...coerced.unknown],
      };
    },
    applyDefaults: (object) => applyDefaults(object, schema),
    converted: (object) => clean(object).coerced.value,
    fromStorage(object) {
      const named = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
      return applyDefaults(clean(named).coerced.value, schema);
    },
  };
}
