import type { OwnerReference } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type ControllerContext, isStatus, subjectOf } from '../host/index.ts';
import { controllerReference } from '../workload/index.ts';
import { claimsOf, isInRange } from './pods.ts';

/** The claims of the pods of one set. */
export class SetClaims {
  readonly #context: ControllerContext;
  readonly #sets: ServedResource;
  readonly #claims: ServedResource;
  readonly #pods: ServedResource;

  constructor(context: ControllerContext, sets: ServedResource) {
    this.#context = context;
    this.#sets = sets;
    this.#claims = context.resource('', 'v1', 'persistentvolumeclaims');
    this.#pods = context.resource('', 'v1', 'pods');
  }

  /** Makes those that are missing. */
  async ensure(set: MutableObject, ordinal: number): Promise<void> {
    const { client, events } = this.#context;
    const pod = `${set.metadata.name}-${ordinal}`;
    for (const claim of claimsOf(set, ordinal)) {
      const { namespace = '', name = '' } = claim.metadata;
      if (client.get(this.#claims, namespace, name)) continue;
      const where = `Pod ${pod} in StatefulSet ${set.metadata.name}`;
      try {
        await client.create(this.#claims, claim);
        await events.event(
          subjectOf(this.#sets, set),
          'Normal',
          'SuccessfulCreate',
          `Create Claim ${name} ${where} success`,
        );
      } catch (error) {
        if (isStatus(error, 409)) continue;
        const why = error instanceof Error ? error.message : String(error);
        await events.event(
          subjectOf(this.#sets, set),
          'Warning',
          'FailedCreate',
          `Create Claim ${name} for ${where} failed error: ${why}`,
        );
        throw error;
      }
    }
  }

  /** Lets the claims of a pod go with the set or with the pod, as the set's policy has it. */
  async own(set: MutableObject, pod: MutableObject, ordinal: number): Promise<void> {
    const { client } = this.#context;
    const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
    const isCondemned = !isInRange(set, ordinal);
    const owners: OwnerReference[] = [];
    if (whenScaled === 'Delete' && isCondemned) owners.push(controllerReference(this.#pods, pod));
    else if (whenDeleted === 'Delete') owners.push(controllerReference(this.#sets, set));
    for (const { metadata } of claimsOf(set, ordinal)) {
      const { namespace = '', name = '' } = metadata;
      const present = client.get(this.#claims, namespace, name);
      if (!present || ownersAre(present as MutableObject, owners, set, pod)) continue;
      await client.update(this.#claims, namespace, name, (claim) => {
        const next = [...others(claim, set, pod), ...owners];
        const meta = claim.metadata as { ownerReferences?: readonly OwnerReference[] };
        if (next.length > 0) meta.ownerReferences = next;
        else delete meta.ownerReferences;
        return true;
      });
    }
  }
}

/** Owners that are neither the set nor the pod. */
function others({ metadata }: MutableObject, set: MutableObject, pod: MutableObject): OwnerReference[] {
  return (metadata.ownerReferences ?? []).filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid);
}

function ownersAre(claim: MutableObject, owners: readonly OwnerReference[], set: MutableObject, pod: MutableObject) {
  const rest = others(claim, set, pod);
  // Somebody else controls it: it is not touched.
  if (rest.some(({ controller }) => controller)) return true;
  return deepEqual(claim.metadata.ownerReferences ?? [], [...rest, ...owners]);
}
