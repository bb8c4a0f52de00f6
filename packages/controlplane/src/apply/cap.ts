import { compareBytes } from '@setpoint/apimachinery/json';
import { identifierOf } from './identity.ts';
import { type Managed, secondsOf } from './managed.ts';

/** So many managers are kept that only update. */
const mostUpdateManagers = 10;

/** Who owns what too many managers owned before. */
const oldManager = 'ancient-changes';

/**
 * Merges the longest unheard of the managers that update, of one version each, into one until few enough are left.
 * The first that is met of a version is kept by itself until there is a second to merge it with.
 */
export function capUpdateManagers(managed: Managed): Managed {
  const updaters = [...managed.fields].filter(([, owned]) => !owned.applied).map(([identifier]) => identifier);
  if (updaters.length <= mostUpdateManagers) return managed;
  const seconds = (identifier: string) => secondsOf(managed.times.get(identifier));
  updaters.sort((a, b) => seconds(a) - seconds(b) || compareBytes(a, b));
  const fields = new Map(managed.fields);
  const times = new Map(managed.times);
  const firstOfVersion = new Map<string, string>();
  let left = updaters.length;
  for (const identifier of updaters) {
    if (left <= mostUpdateManagers) break;
    const owned = fields.get(identifier);
    if (!owned) continue;
    const { apiVersion } = owned;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, identifier);
      continue;
    }
    const bucket = identifierOf({ manager: oldManager, operation: 'Update', apiVersion });
    const before = fields.get(bucket) ?? fields.get(first);
    if (!before) continue;
    if (!fields.has(bucket)) fields.delete(first);
    fields.set(bucket, { ...owned, set: owned.set.union(before.set) });
    fields.delete(identifier);
    // The one that is merged in is the later of the two.
    const time = times.get(identifier);
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
    left--;
  }
  return { fields, times };
}
