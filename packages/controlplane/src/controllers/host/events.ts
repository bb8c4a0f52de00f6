import type { Clock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ServedResource } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type ControllerClient, isStatus } from './client.ts';
import { isTerminating } from './namespaces.ts';

/** What an Event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** How many different Events are remembered, to be counted up instead of told again. */
const remembered = 4096;

/**
 * Tells Events as client-go does: `<object>.<nanoseconds in hex>` in the object's namespace (default for those of the
 * cluster), and the same again counts up the one that is there.
 */
export class EventRecorder {
  readonly #client: ControllerClient;
  readonly #events: () => ServedResource;
  readonly #clock: Clock;
  readonly #source: { readonly component: string; readonly host?: string };
  readonly #failed: (error: unknown) => void;
  readonly #nanosecond: () => number;
  readonly #known = new Map<string, { readonly namespace: string; readonly name: string; count: number }>();

  constructor(options: {
    readonly client: ControllerClient;
    readonly events: () => ServedResource;
    readonly clock: Clock;
    /** A number that no other Event of this cluster has got at this time: below a million. */
    nanosecond(): number;
    /** Its component is `reportingComponent` too, its host `reportingInstance`. */
    readonly source: { readonly component: string; readonly host?: string };
    failed(error: unknown): void;
  }) {
    this.#client = options.client;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#source = options.source;
    this.#failed = options.failed;
    this.#nanosecond = options.nanosecond;
  }

  /** Resolves when it is told, or could not be; a lost Event fails nothing. */
  async event(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { resourceVersion: _, ...same } = subject;
    const key = JSON.stringify([same, type, reason, message]);
    const known = this.#known.get(key);
    try {
      if (known && (await this.#countUp(known))) return;
      this.#remember(key, await this.#tell(subject, type, reason, message));
    } catch (error) {
      // Nobody will look there any more.
      if (isStatus(error, 404) || isTerminating(error)) return;
      this.#failed(error);
    }
  }

  async #countUp(known: { readonly namespace: string; readonly name: string; count: number }): Promise<boolean> {
    try {
      await this.#client.update(this.#events(), known.namespace, known.name, (event) => {
        event.count = known.count + 1;
        event.lastTimestamp = timestamp(this.#clock.now());
        return true;
      });
      known.count += 1;
      return true;
    } catch (error) {
      // Somebody has deleted it: it is told anew.
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }

  async #tell(subject: EventSubject, type: string, reason: string, message: string): Promise<KubeObject> {
    const now = this.#clock.now();
    const namespace = subject.namespace || 'default';
    const nanoseconds = BigInt(now) * 1_000_000n + BigInt(this.#nanosecond());
    return this.#client.create(this.#events(), {
      metadata: { name: `${subject.name}.${nanoseconds.toString(16)}`, namespace },
      involvedObject: { ...subject },
      reason,
      message,
      source: this.#source,
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      count: 1,
      type,
      reportingComponent: this.#source.component,
      ...(this.#source.host ? { reportingInstance: this.#source.host } : {}),
    });
  }

  #remember(key: string, { metadata: { namespace = '', name = '' } }: KubeObject): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= remembered) this.#known.delete(oldest);
    this.#known.set(key, { namespace, name, count: 1 });
  }
}

/** What an Event about this object says of it. */
export function subjectOf(resource: ServedResource, object: KubeObject): EventSubject {
  const { group, version, kind } = resource;
  const { namespace, name = '', uid = '', resourceVersion } = object.metadata;
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}
