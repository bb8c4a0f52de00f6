import type { Clock } from '@setpoint/apimachinery/clock';
import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import { parseLabelSelector } from '@setpoint/apimachinery/selectors';
import type { Client, Page, PagesOptions, WatchMessage, WatchOptions } from '../../client/index.ts';
import { ApiError, WatchIdleError } from '../../errors/index.ts';
import type { AnyKind } from '../../kinds/index.ts';
import { objectKey } from '../table.ts';

type Stored = KubeObject & { readonly spec?: object };

interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
  readonly before: Stored | undefined;
}

interface Stream {
  send(message: WatchMessage<never>): void;
  change(change: Change): void;
  end(): void;
}

/** As much of an API server as a cache sees of it, with one kind and every way to misbehave. */
export class FakeApi {
  revision = 100;
  identity = 'cluster-1';
  /** Refuses lists that are streamed, as a server without the feature does. */
  streams = true;
  /** Watches stay open and bring nothing, not even a bookmark. */
  silent = false;
  pageSize = 2;
  /** Called before each request; what it returns is thrown. */
  refuse: (verb: 'list' | 'watch' | 'get') => Error | undefined = () => undefined;
  /** Called between the pages of a list. */
  onPage: () => void = () => {};
  readonly requests: string[] = [];
  readonly objects = new Map<string, Stored>();
  readonly #clock: Clock;
  #history: Change[] = [];
  #oldest = 0;
  #uids = 0;
  readonly #open = new Set<Stream>();
  readonly client: Pick<Client, 'pages' | 'watch' | 'get'>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.client = {
      pages: (kind: AnyKind, options: PagesOptions = {}) => this.#pages(kind, options),
      watch: (kind: AnyKind, options: WatchOptions = {}) => this.#watch(kind, options),
      get: async () => {
        const error = this.refuse('get');
        if (error) throw error;
        return { metadata: { name: 'kube-system', uid: this.identity } };
      },
    } as unknown as Pick<Client, 'pages' | 'watch' | 'get'>;
  }

  get openWatches(): number {
    return this.#open.size;
  }

  /** Creates or changes an object; answers with it as the server would. */
  put(name: string, spec: object = {}, labels: Record<string, string> = {}, namespace = 'ns'): Stored {
    const key = `${namespace}/${name}`;
    const before = this.objects.get(key);
    const uid = before?.metadata.uid ?? `uid-${++this.#uids}`;
    const metadata = { name, namespace, uid, resourceVersion: String(++this.revision), labels };
    const object: Stored = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
    this.objects.set(key, object);
    this.#changed({ revision: this.revision, type: before ? 'MODIFIED' : 'ADDED', object, before });
    return structuredClone(object);
  }

  /** Deletes an object; answers with it as it was. */
  delete(name: string, namespace = 'ns'): Stored {
    const key = `${namespace}/${name}`;
    const before = this.objects.get(key) as Stored;
    this.objects.delete(key);
    const metadata = { ...before.metadata, resourceVersion: String(++this.revision) };
    this.#changed({ revision: this.revision, type: 'DELETED', object: { ...before, metadata }, before });
    return structuredClone(before);
  }

  /** Forgets history: watches from before it are answered with 410. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.revision;
  }

  bookmark(): void {
    for (const stream of this.#open) stream.send(marker(String(this.revision)));
  }

  /** Something that is in the store but not as the types expect it. */
  putRaw(key: string, object: unknown): void {
    this.objects.set(key, object as Stored);
  }

  endWatches(): void {
    for (const stream of [...this.#open]) stream.end();
  }

  sendError(status: Partial<Status>): void {
    this.send({ type: 'ERROR', object: status as Status });
  }

  /** Anything, to all watches. */
  send(message: WatchMessage<KubeObject>): void {
    for (const stream of [...this.#open]) stream.send(message as WatchMessage<never>);
  }

  /** A backup is restored: another history, shorter than ours. */
  restore(revision: number, objects: readonly Stored[]): void {
    this.revision = revision;
    this.#history = [];
    this.#oldest = 0;
    this.objects.clear();
    for (const object of objects) this.objects.set(objectKey(object.metadata), object);
  }

  async *#pages(_kind: AnyKind, options: PagesOptions): AsyncGenerator<Page<never>> {
    this.requests.push(options.limit === 1 ? 'list limit=1' : `list${options.limit === 0 ? ' whole' : ''}`);
    const error = this.refuse('list');
    if (error) throw error;
    const items = this.#select(options).map((object) => structuredClone(object)) as never[];
    const revision = String(this.revision);
    const size = options.limit || this.pageSize;
    for (let start = 0; start === 0 || start < items.length; start += size) {
      await Promise.resolve();
      this.onPage();
      if (options.signal?.aborted) throw options.signal.reason;
      const more = start + size < items.length && options.limit !== 0;
      const page = options.limit === 0 ? items : items.slice(start, start + size);
      const ownFields = page.map((object) => ownFieldsOf(object, options));
      yield { items: page, ownFields, unreadable: [], resourceVersion: revision, continue: more ? 'more' : '' };
      if (options.limit === 0) return;
    }
  }

  /** One stream from its start to its end, in one piece so that its timers and its queue stay together. */
  async *#watch(_kind: AnyKind, options: WatchOptions): AsyncGenerator<WatchMessage<never>> {
    const { resourceVersion, sendInitialEvents, signal, idleTimeout = 150_000, timeoutSeconds = 300 } = options;
    this.requests.push(sendInitialEvents ? 'watch-list' : `watch ${resourceVersion}`);
    const error = this.refuse('watch');
    if (error) throw error;
    if (sendInitialEvents && !this.streams) throw apiError(422, 'Invalid', 'sendInitialEvents is forbidden');
    const queue: WatchMessage<never>[] = [];
    let wake = () => {};
    let idle = false;
    let ended = false;
    const select = selector(options);
    const stream: Stream = {
      send: (message) => {
        if (this.silent) return;
        queue.push(message);
        wake();
      },
      change: (change) => {
        const event = transition(change, select);
        if (event) stream.send(event);
      },
      end: () => {
        ended = true;
        wake();
      },
    };
    if (sendInitialEvents) {
      for (const object of this.#select(options))
        stream.send({ type: 'ADDED', object: structuredClone(object) as never });
      stream.send(marker(String(this.revision), true));
    } else {
      const from = Number(resourceVersion);
      if (from < this.#oldest) {
        const object = { code: 410, reason: 'Expired', message: 'too old resource version' } as Status;
        queue.push({ type: 'ERROR', object });
      }
      for (const change of this.#history) if (change.revision > from) stream.change(change);
    }
    this.#open.add(stream);
    const ending = this.#clock.timer(timeoutSeconds * 1000, () => stream.end(), { background: true });
    const marking = this.#clock.timer(timeoutSeconds * 1000 - 2000, () => stream.send(marker(String(this.revision))), {
      background: true,
    });
    const onAbort = () => stream.end();
    signal?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        const message = queue.shift();
        if (message) {
          yield message.type === 'ADDED' || message.type === 'MODIFIED'
            ? { ...message, ownFields: ownFieldsOf(message.object, options) }
            : message;
          continue;
        }
        if (signal?.aborted) throw signal.reason;
        if (idle) throw new WatchIdleError('watch Pod', idleTimeout);
        if (ended) return;
        await new Promise<void>((resolve) => {
          const timer = this.#clock.timer(idleTimeout, () => wakeIdle(), { background: true });
          const wakeIdle = () => {
            idle = true;
            wake();
          };
          wake = () => {
            timer.cancel();
            resolve();
          };
          if (signal?.aborted) wake();
        });
      }
    } finally {
      ending.cancel();
      marking.cancel();
      signal?.removeEventListener('abort', onAbort);
      this.#open.delete(stream);
    }
  }

  #changed(change: Change): void {
    this.#history.push(change);
    for (const stream of this.#open) stream.change(change);
  }

  #select(options: PagesOptions | WatchOptions): Stored[] {
    const select = selector(options);
    return [...this.objects.values()].filter(select);
  }
}

function selector({ namespace, labelSelector }: PagesOptions | WatchOptions): (object: Stored) => boolean {
  const labels = typeof labelSelector === 'string' ? parseLabelSelector(labelSelector) : undefined;
  return (object) =>
    (!namespace || object.metadata.namespace === namespace) && (labels?.matches(object.metadata.labels) ?? true);
}

/** What entering and leaving a selection looks like to a watch. */
function transition(change: Change, select: (object: Stored) => boolean): WatchMessage<never> | undefined {
  const object = structuredClone(change.object) as never;
  const was = change.before !== undefined && select(change.before);
  const is = change.type !== 'DELETED' && select(change.object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  return was ? { type: 'DELETED', object } : undefined;
}

function marker(resourceVersion: string, end = false): WatchMessage<never> {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return { type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion, ...annotations } } };
}

/** Stands for the hash of what the field manager owns. */
function ownFieldsOf(object: KubeObject, options: PagesOptions | WatchOptions): string | undefined {
  return options.managedFields === 'own' ? `${options.managers?.[0]} at ${object.metadata.resourceVersion}` : undefined;
}

export function apiError(httpStatus: number, reason: string, message: string, verb = 'list'): ApiError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, code: httpStatus, reason, message };
  return new ApiError({ request: { verb, kind: 'Pod' }, httpStatus, status });
}
