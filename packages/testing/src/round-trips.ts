import { seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { createJsonPatch, deepEqual } from '@setpoint/apimachinery/patch';
import type { Crd } from 'setpoint';
import { loadWebhookServing } from 'setpoint/webhook';
import { type FieldValues, randomValue } from './random-object.ts';

/** Options of `checkRoundTrips`. */
export interface RoundTripOptions {
  /** Objects of each version. @default 200 */
  readonly runs?: number;
  /** Replays a failure. @default 'setpoint' */
  readonly seed?: string | number;
  /** Makes values of fields whose schema has a pattern or a format: `{ 'spec.name': (random) => … }`. */
  readonly values?: FieldValues;
}

/**
 * Converts random objects of each version of a CRD there and back, hub → spoke → hub and spoke → hub → spoke: they must
 * be what they were, or a user who reads an object in one version and writes it back has lost something.
 *
 * @throws Error with the versions, the object, the difference and the seed of the first that is not
 */
export async function checkRoundTrips(crd: Crd, options: RoundTripOptions = {}): Promise<void> {
  const { runs = 200, seed = 'setpoint', values = {} } = options;
  const { hub } = crd;
  if (!hub) throw new Error(`${crd.name} has no hub: nothing is converted`);
  const { convertObject } = await loadWebhookServing();
  for (const spoke of crd.spokes) {
    for (const [from, by] of [
      [hub, spoke.kind],
      [spoke.kind, hub],
    ] as const) {
      const random = seededRandom(`${seed} ${from.version} ${by.version}`);
      for (let run = 0; run < runs; run++) {
        const members = randomValue(from.definition.schema, random, values) as object;
        const metadata = { name: 'a', ...(from.scope === 'Namespaced' ? { namespace: 'default' } : {}) };
        const object = { ...members, apiVersion: from.apiVersion, kind: from.kind, metadata } as KubeObject;
        const back = convertObject([crd], convertObject([crd], object, by.apiVersion), from.apiVersion);
        if (deepEqual(withoutNotes(back) as never, object as never)) continue;
        const difference = JSON.stringify(createJsonPatch(object, withoutNotes(back)));
        const way = `${from.version} → ${by.version} → ${from.version}`;
        throw new Error(
          `${way} changes ${JSON.stringify(object)}: ${difference} (seed ${JSON.stringify(seed)}, run ${run})`,
        );
      }
    }
  }
}

/** What a conversion notes in annotations, for what the other version cannot say, is no change. */
function withoutNotes(object: KubeObject): KubeObject {
  const { annotations: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
