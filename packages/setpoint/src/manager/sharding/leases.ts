import type { Clock } from '@setpoint/apimachinery/clock';
import type { CallOptions, Client } from '../../client/index.ts';
import { ignoreNotFound, isAlreadyExists } from '../../errors/index.ts';
import {
  instantOf,
  Lease,
  type LeaseObject,
  microTime,
  releasedSpec,
  type Written,
  writtenAnnotation,
} from '../leader-election/parts.ts';
import { type LeaseSet, labelsOf, leavingAnnotation, setLabel, shardLeaseName } from './names.ts';

export interface ShardLeasesOptions {
  /** Its writes end with this replica's own Lease. */
  readonly client: Client;
  readonly clock: Clock;
  readonly namespace: string;
  readonly set: LeaseSet;
  readonly identity: string;
  /** The name of the Lease of who leads. */
  readonly leader: string;
  /** Of one request, in milliseconds. */
  readonly timeout: number;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Reads and writes the Leases of an operator's replicas. A shard's Lease is not renewed: it is worth as much as the one
 * of the member that is in it. Every write is for the revision that was read.
 */
export class ShardLeases {
  readonly #options: ShardLeasesOptions;

  constructor(options: ShardLeasesOptions) {
    this.#options = options;
  }

  /** All of them, as they are now. */
  async list(signal: AbortSignal): Promise<readonly LeaseObject[]> {
    const { client, namespace } = this.#options;
    const selector = { namespace, labelSelector: this.#selector() };
    const { items } = await client.list(Lease, { ...selector, ...this.#call(signal) });
    return items as readonly LeaseObject[];
  }

  /** The one of who leads; a release that does not share has put no label on it. */
  async leader(signal: AbortSignal): Promise<LeaseObject | undefined> {
    const { client, namespace, leader } = this.#options;
    return ignoreNotFound(client.get(Lease, { namespace, name: leader }, this.#call(signal)) as Promise<LeaseObject>);
  }

  /** Puts our name in. @throws ApiError (Conflict, AlreadyExists) if somebody was faster */
  async claim(shard: number, lease: LeaseObject | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, namespace, set, identity } = this.#options;
    const time = microTime(clock.now());
    const times = { acquireTime: time, renewTime: time };
    const labels = { ...this.#options.labels, ...labelsOf(set) };
    if (!lease) {
      const metadata = { namespace, name: shardLeaseName(set, shard), labels };
      const spec = { holderIdentity: identity, ...times, leaseTransitions: 0 };
      const made = { apiVersion: Lease.apiVersion, kind: Lease.kind, metadata, spec };
      try {
        await client.create(Lease, made as never, this.#call(signal));
      } catch (error) {
        // Who took its labels away hid it from everybody.
        if (isAlreadyExists(error)) await this.#label(metadata, signal);
        throw error;
      }
      return;
    }
    const transitions = lease.spec?.leaseTransitions;
    const spec = {
      holderIdentity: identity,
      ...times,
      leaseTransitions: (typeof transitions === 'number' ? transitions : 0) + 1,
    };
    const { [writtenAnnotation]: _, ...annotations } = lease.metadata.annotations ?? {};
    const metadata = { ...lease.metadata, labels: { ...lease.metadata.labels, ...labels }, annotations };
    await client.update(Lease, { ...lease, metadata, spec } as never, this.#call(signal));
  }

  /** Takes our name out, for others to go on: after all work. */
  async free(lease: LeaseObject, written: Written, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const annotations = { ...lease.metadata.annotations, [writtenAnnotation]: JSON.stringify(written) };
    const { leaseDurationSeconds: _, ...spec } = releasedSpec(lease, instantOf(clock));
    const metadata = { ...lease.metadata, annotations };
    await client.update(Lease, { ...lease, metadata, spec } as never, this.#call(signal));
  }

  /**
   * Takes the Lease of a member away that did not renew it. From then on the server refuses its renewal, and so it
   * writes nothing more. @throws ApiError (Conflict) if it was renewed after all
   */
  async end(lease: LeaseObject, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const spec = { ...lease.spec, ...releasedSpec(lease, instantOf(clock)) };
    await client.update(Lease, { ...lease, spec } as never, this.#call(signal));
  }

  /** Says whether this member takes shards no more. */
  async leaving(name: string, leaves: boolean, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.#options;
    const body = { metadata: { annotations: { [leavingAnnotation]: leaves ? 'true' : null } } };
    await client.patch(Lease, { namespace, name }, { type: 'merge', body }, this.#call(signal));
  }

  async delete({ metadata }: LeaseObject, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.#options;
    const preconditions = { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
    await client.delete(Lease, { namespace, name: metadata.name ?? '' }, {
      ...this.#call(signal),
      preconditions,
    } as never);
  }

  /** Yields whenever somebody comes, goes, claims or releases; not when a member renews. Needs the right to watch. */
  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    const { client, namespace } = this.#options;
    const seen = new Map<string, string>();
    for await (const message of client.watch(Lease, { namespace, labelSelector: this.#selector(), signal })) {
      if (message.type === 'ERROR') return;
      if (message.type === 'BOOKMARK' || !('object' in message)) continue;
      const { metadata, spec } = message.object as LeaseObject;
      const name = metadata.name ?? '';
      const now = JSON.stringify([message.type === 'DELETED', spec?.holderIdentity, metadata.annotations]);
      if (seen.get(name) === now) continue;
      seen.set(name, now);
      yield;
    }
  }

  async #label(
    { namespace, name, labels }: { readonly namespace: string; readonly name: string; readonly labels: object },
    signal: AbortSignal,
  ): Promise<void> {
    const body = { metadata: { labels } };
    await this.#options.client.patch(Lease, { namespace, name }, { type: 'merge', body }, this.#call(signal));
  }

  #selector(): string {
    return `${setLabel}=${this.#options.set.base}`;
  }

  #call(signal: AbortSignal): CallOptions {
    return { signal, timeout: this.#options.timeout, connection: 'lease' };
  }
}
