import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { Client, UntypedObject } from 'setpoint/client';
import { ignoreNotFound } from 'setpoint/errors';
import { Failure } from '../failure.ts';
import { labelOf, managedBy, type Reference } from './inventory.ts';

/** How often what is waited for is looked at, in milliseconds. */
const interval = 100;

export type Removed = 'deleted' | 'not found' | 'left: it is not managed by setpoint any more';

/**
 * Deletes an object that carries the label of those that Setpoint manages, and waits until it has gone.
 *
 * @param deadline monotonic milliseconds
 * @throws Failure if it is still there then, with what holds it
 */
export async function removeManaged(client: Client, reference: Reference, deadline: number): Promise<Removed> {
  const before = await find(client, reference);
  if (!before) return 'not found';
  const [[label, value]] = Object.entries(managedBy) as [[string, string]];
  if (before.metadata.labels?.[label] !== value) return 'left: it is not managed by setpoint any more';
  const { uid } = before.metadata;
  const options = {
    propagationPolicy: reference.kind === 'Deployment' ? 'Foreground' : 'Background',
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  } as const;
  await ignoreNotFound(client.delete(kindOf(reference), reference, options));
  for (;;) {
    const now = await find(client, reference);
    if (now?.metadata.uid !== uid || !now) return 'deleted';
    if (systemClock.monotonic() > deadline) throw new Failure(stillThere(reference, now));
    await sleep(systemClock, interval);
  }
}

function kindOf({ apiVersion, kind }: Reference): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion, kind };
}

/** Undefined, too, where its whole kind is not there. */
export async function find(client: Client, reference: Reference): Promise<UntypedObject | undefined> {
  const { namespace, name } = reference;
  if (!(await ignoreNotFound(client.discovery.find(kindOf(reference))))) return undefined;
  return ignoreNotFound(client.get(kindOf(reference), { name, namespace }));
}

interface Conditions {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
}

function stillThere(reference: Reference, { metadata, status }: UntypedObject): string {
  const finalizers = metadata.finalizers ?? [];
  const said = ((status as Conditions | undefined)?.conditions ?? [])
    .filter((condition) => condition.status === 'True' && condition.message)
    .map(({ type, message }) => `${type}: ${message}`);
  const held = [...(finalizers.length > 0 ? [`its finalizers are ${finalizers.join(', ')}`] : []), ...said];
  return `${labelOf(reference)} is still there at the time-out${held.length > 0 ? ` (${held.join('; ')})` : ''}; run the command again, with a longer --timeout or once nothing holds it`;
}
