import type { KubeObject } from '@setpoint/apimachinery/meta';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { type ControllerContext, isStatus, type NewObject, subjectOf } from '../host/index.ts';
import { controllerReference } from './claim.ts';

/** Pods of one owner are made and deleted through it, which tells of it in Events. */
export class PodControl {
  readonly #context: ControllerContext;
  readonly #owners: ServedResource;
  readonly #pods: ServedResource;

  constructor(context: ControllerContext, owners: ServedResource) {
    this.#context = context;
    this.#owners = owners;
    this.#pods = context.resource('', 'v1', 'pods');
  }

  /** Makes the pod that `podOf` gives. @throws StatusError, after an Event, as creation does */
  async create(owner: KubeObject, pod: NewObject): Promise<KubeObject> {
    try {
      const created = await this.#context.client.create(this.#pods, pod);
      await this.#tell(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (error instanceof StatusError && !isNamespaceTerminating(error))
        await this.#tell(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
      throw error;
    }
  }

  /** False: it was gone. */
  async delete(owner: KubeObject, pod: KubeObject): Promise<boolean> {
    const { namespace = '', name = '' } = pod.metadata;
    try {
      const deleted = await this.#context.client.delete(this.#pods, namespace, name);
      if (deleted) await this.#tell(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
      return deleted;
    } catch (error) {
      if (error instanceof StatusError)
        await this.#tell(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
      throw error;
    }
  }

  /** The pod that a template stands for. */
  podOf(owner: KubeObject, template: MutableObject, generateName = prefixOf(owner)): NewObject {
    const { labels = {}, annotations, finalizers } = template.metadata ?? {};
    return {
      metadata: {
        generateName,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...labels },
        ...(annotations ? { annotations: { ...annotations } } : {}),
        ...(finalizers ? { finalizers: [...finalizers] } : {}),
        ownerReferences: [controllerReference(this.#owners, owner)],
      },
      spec: template.spec,
    };
  }

  #tell(owner: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#context.events.event(subjectOf(this.#owners, owner), type, reason, message);
  }
}

/** What names of the owner's pods begin with. */
export function prefixOf({ metadata: { name = '' } }: KubeObject): string {
  return dns1123Subdomain(`${name}-a`).length === 0 ? `${name}-` : name;
}

export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)
  );
}

/**
 * Calls `act` so many times, one at first and twice as many each time, so that what fails for all fails once.
 *
 * @returns how many have succeeded
 * @throws what the first failed one threw, once its batch is over
 */
export async function slowStart(count: number, act: (index: number) => Promise<unknown>): Promise<number> {
  let done = 0;
  for (let size = Math.min(count, 1); size > 0; size = Math.min(2 * size, count - done)) {
    const batch = Array.from({ length: size }, (_, index) => act(done + index));
    const failed = (await Promise.allSettled(batch)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    done += size;
  }
  return done;
}

/** Another write came between, of an object that was read a while ago: it is to be looked at again, at once. */
export function orAgain(
  queue: () => { add(key: string): void },
  reconcile: (key: string) => Promise<void>,
): (key: string) => Promise<void> {
  return async (key) => {
    try {
      await reconcile(key);
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      queue().add(key);
    }
  };
}
