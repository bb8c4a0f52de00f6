import { stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type AwaitedConversion, ConversionPending, type ServedResource } from '../registry/index.ts';
import { type ConvertObjects, isVersionOf } from './conversion-webhook.ts';
import { type CustomCodec, customCodec } from './custom-codec.ts';
import type { Definition, DefinitionVersion } from './definition.ts';

/** Conversions of objects under way, which are known by what they say; those of the store are kept beside them. */
const mostRemembered = 200;

type Converted = Pick<ServedResource, 'fromStorage' | 'toStorage' | 'conversion'> & {
  convert(object: KubeObject, apiVersion: string): KubeObject | undefined;
};

/** How one version of a definition with a conversion webhook reads and writes the store. */
export function awaitedConversion(
  definition: Definition,
  version: DefinitionVersion,
  codec: CustomCodec,
  webhook: ConvertObjects,
): Converted {
  const own = `${definition.spec.group}/${version.name}`;
  const codecs = codecsOf(definition);
  const whole = (object: KubeObject) => codecs.get(object.apiVersion)?.fromStorage(object) ?? object;
  const stored = new WeakMap<KubeObject, KubeObject>();
  const remembered = new Remembered(webhook);
  const conversion = batches(own, webhook, whole, (object, converted) => {
    stored.set(object, codec.converted(converted));
  });
  const storage = definition.spec.versions.find((one) => one.storage) ?? version;
  const storageVersion = `${definition.spec.group}/${storage.name}`;
  const storageCodec = codecs.get(storageVersion) ?? codec;
  return {
    conversion,
    fromStorage(object) {
      if (object.apiVersion === own) return codec.fromStorage(object);
      const known = stored.get(object);
      if (known) return known;
      const made = codec.converted(remembered.get(whole(object), own));
      stored.set(object, made);
      return made;
    },
    toStorage(object) {
      if (storageVersion === own) return object;
      // The store stamps what it gets, and this is remembered.
      const { metadata, ...rest } = storageCodec.converted(remembered.get(codec.applyDefaults(object), storageVersion));
      return { ...rest, metadata: { ...metadata } };
    },
    convert(object, apiVersion) {
      if (object.apiVersion === apiVersion) return object;
      if (!isVersionOf(definition, apiVersion)) {
        throw new Error(`request to convert CR to an invalid group/version: ${apiVersion}`);
      }
      return remembered.get(object, apiVersion);
    },
  };
}

function codecsOf(definition: Definition): ReadonlyMap<string, CustomCodec> {
  const { group, versions } = definition.spec;
  return new Map(versions.map((version) => [`${group}/${version.name}`, customCodec(definition, version)]));
}

/** Objects of the store, by the versions in which they were written: one review each. */
function batches(
  own: string,
  webhook: ConvertObjects,
  whole: (object: KubeObject) => KubeObject,
  keep: (object: KubeObject, converted: KubeObject) => void,
): AwaitedConversion {
  const known = new WeakSet<KubeObject>();
  const convert = async (objects: readonly KubeObject[]) => {
    const groups = Map.groupBy(objects, (object) => object.apiVersion);
    for (const group of groups.values()) {
      const converted = await webhook(group.map(whole), own);
      for (const [i, object] of group.entries()) {
        known.add(object);
        keep(object, converted[i] as KubeObject);
      }
    }
  };
  return {
    prepare(objects) {
      const missing = objects.filter((object) => object.apiVersion !== own && !known.has(object));
      return missing.length === 0 ? undefined : convert(missing);
    },
    refresh: (object) => (object.apiVersion === own ? undefined : convert([object])),
  };
}

/** The last conversions, by what was converted to which version. */
class Remembered {
  readonly #webhook: ConvertObjects;
  readonly #converted = new Map<string, KubeObject>();
  readonly #pending = new Map<string, Promise<void>>();

  constructor(webhook: ConvertObjects) {
    this.#webhook = webhook;
  }

  /** @throws ConversionPending where it is not known yet */
  get(object: KubeObject, apiVersion: string): KubeObject {
    if (object.apiVersion === apiVersion) return object;
    // What says no more than its type needs nobody to convert it.
    if (Object.keys(object).length === 2) return { ...object, apiVersion };
    const key = `${apiVersion} ${stringifyJson(object)}`;
    const known = this.#converted.get(key);
    if (known) return known;
    const pending = this.#pending.get(key) ?? this.#convert(object, apiVersion, key);
    throw new ConversionPending(pending);
  }

  #convert(object: KubeObject, apiVersion: string, key: string): Promise<void> {
    const pending = this.#webhook([object], apiVersion)
      .then(([converted]) => {
        this.#converted.set(key, converted as KubeObject);
        const [oldest] = this.#converted.keys();
        if (this.#converted.size > mostRemembered && oldest !== undefined) this.#converted.delete(oldest);
      })
      .finally(() => this.#pending.delete(key));
    // Whoever asked may have gone away.
    pending.catch(() => {});
    this.#pending.set(key, pending);
    return pending;
  }
}
