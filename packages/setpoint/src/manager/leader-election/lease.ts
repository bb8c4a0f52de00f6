import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from '../../client/index.ts';
import { ignoreNotFound } from '../../errors/index.ts';
import { type AnyKind, dynamicKind } from '../../kinds/index.ts';
import { writtenAnnotation } from './written.ts';

/** The spec of coordination.k8s.io/v1 Lease, as an election uses it; anything may be missing or wrong in one that is read. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface LeaseObject extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** Defined here: the tables of the whole API group are not needed. */
export const Lease: AnyKind = dynamicKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  status: false,
});

/** meta/v1 MicroTime: always six digits of a second. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

export interface LeaseLockOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface LockCall {
  readonly signal?: AbortSignal | undefined;
  readonly timeout: number;
}

/** Reads and writes one Lease, over connections of its own. */
export class LeaseLock {
  readonly namespace: string;
  readonly name: string;
  readonly #client: Client;
  readonly #labels: Readonly<Record<string, string>>;

  constructor({ client, namespace, name, labels }: LeaseLockOptions) {
    this.namespace = namespace;
    this.name = name;
    this.#client = client;
    this.#labels = labels;
  }

  /** Undefined if there is none. */
  async read(call: LockCall): Promise<LeaseObject | undefined> {
    const { namespace, name } = this;
    const found = await ignoreNotFound(this.#client.get(Lease, { namespace, name }, { ...call, connection: 'lease' }));
    return found as LeaseObject | undefined;
  }

  async create(spec: LeaseSpec, call: LockCall): Promise<LeaseObject> {
    const { namespace, name } = this;
    const labels = Object.keys(this.#labels).length > 0 ? { labels: this.#labels } : {};
    const lease = { apiVersion: Lease.apiVersion, kind: Lease.kind, metadata: { namespace, name, ...labels }, spec };
    return (await this.#client.create(Lease, lease as never, { ...call, connection: 'lease' })) as LeaseObject;
  }

  /**
   * Replaces the spec of the lease as it was read; the server refuses if it is not that one any more.
   *
   * @param written what its holder leaves behind; left out, what somebody else left goes
   */
  async update(lease: LeaseObject, spec: LeaseSpec, call: LockCall, written?: string): Promise<LeaseObject> {
    const labels = { ...lease.metadata.labels, ...this.#labels };
    const { [writtenAnnotation]: before, ...others } = lease.metadata.annotations ?? {};
    const annotations = written === undefined ? others : { ...others, [writtenAnnotation]: written };
    const metadata = {
      ...lease.metadata,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(before !== undefined || written !== undefined ? { annotations } : {}),
    };
    const next = { ...lease, metadata, spec: { ...lease.spec, ...spec } };
    return (await this.#client.update(Lease, next as never, { ...call, connection: 'lease' })) as LeaseObject;
  }

  /** Changes of the lease as they happen; needs the permission to watch it. */
  async *changes(signal: AbortSignal): AsyncGenerator<{ readonly free: boolean }> {
    const { namespace, name } = this;
    const messages = this.#client.watch(Lease, { namespace, fieldSelector: `metadata.name=${name}`, signal });
    for await (const message of messages) {
      if (message.type === 'ERROR') return;
      if (message.type === 'DELETED') yield { free: true };
      else if (message.type === 'ADDED' || message.type === 'MODIFIED') {
        yield { free: !(message.object as LeaseObject).spec?.holderIdentity };
      }
    }
  }
}
