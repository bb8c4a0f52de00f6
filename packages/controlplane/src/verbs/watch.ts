import type { Timer } from '@setpoint/apimachinery/clock';
import { expired, plainServerError, tooLargeResourceVersion } from '../status/index.ts';
import type { Change, Collection, Entry } from '../store/index.ts';
import { type ListOptions, parseListOptions, parseRevision, RevisionSyntaxError } from './list-options.ts';
import { type Answer, collectionOf, type EventEncoder, type OpenWatch, type RequestScope } from './scope.ts';
import { parseSelection, type Selection } from './selection.ts';
import { WatchStream } from './watch-stream.ts';

/** Without timeoutSeconds a watch lasts between one and two times this long. */
const shortestWatch = 1_800_000;
/** A last bookmark comes this long before the end. */
const bookmarkBeforeEnd = 2000;
/** How long a watch with initial events waits for a revision that is yet to come. */
const freshnessWait = 3000;

/** GET of a collection with `watch`. Once the parameters are accepted, whatever goes wrong is an event. */
export function watch(scope: RequestScope): Answer {
  const options = parseListOptions(scope.query);
  const selection = parseSelection(scope.resource, scope.query);
  const revision = readRevision(options.resourceVersion);
  return { type: 'watch', events: (encode) => new Watch(scope, options, selection, encode).begin(revision ?? 0) };
}

function readRevision(text: string): number | undefined {
  try {
    return parseRevision(text);
  } catch (error) {
    throw error instanceof RevisionSyntaxError ? plainServerError(error.message) : error;
  }
}

class Watch implements OpenWatch {
  readonly resource: OpenWatch['resource'];
  readonly #scope: RequestScope;
  readonly #options: ListOptions;
  readonly #selection: Selection;
  readonly #encode: EventEncoder;
  readonly #collection: Collection;
  readonly #stream: WatchStream;
  /** Where objects have to be converted: settles when all that came so far is delivered. */
  #turn: Promise<void> = Promise.resolve();
  /** What must be let go of at the end: subscriptions, timers, listeners. */
  readonly #held: (() => void)[] = [];

  constructor(scope: RequestScope, options: ListOptions, selection: Selection, encode: EventEncoder) {
    this.resource = scope.resource;
    this.#scope = scope;
    this.#options = options;
    this.#selection = selection;
    this.#encode = encode;
    this.#collection = collectionOf(scope.backend, scope.resource);
    this.#stream = new WatchStream({
      encodeInitial: (entry) => encode.entry('ADDED', entry),
      onEnd: () => this.#release(),
      undeliveredChanged: scope.backend.undeliveredChanged,
    });
  }

  begin(revision: number): AsyncIterable<Uint8Array> {
    const { backend, signal } = this.#scope;
    backend.watches.add(this);
    this.#held.push(() => backend.watches.delete(this));
    const onAbort = () => void this.#stream.return();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#held.push(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
    else {
      this.#armTimers();
      this.#start(revision);
    }
    return this.#stream;
  }

  end(): void {
    this.#stream.end();
  }

  #start(revision: number): void {
    const { backend, namespace } = this.#scope;
    const { sendInitialEvents } = this.#options;
    if (sendInitialEvents && revision > backend.store.revision) {
      this.#timer(freshnessWait, () => this.#startFresh(revision), false);
      return;
    }
    if (sendInitialEvents) this.#sendPresent();
    else if (revision > 0) {
      const oldest = Math.max(this.#collection.completeSince, this.resource.servedSince ?? 0);
      if (revision < oldest) {
        this.#fail(expired(`too old resource version: ${revision} (${oldest})`));
        return;
      }
      for (const change of this.#collection.changesAfter(revision)) {
        if (namespace === '' || change.key.startsWith(`${namespace}/`)) this.#deliver(change);
      }
    }
    const from = Math.max(revision, backend.store.revision);
    const subscribed = this.#collection.subscribe(namespace === '' ? undefined : namespace, (change) => {
      if (change.revision > from) this.#deliver(change);
    });
    this.#held.push(subscribed);
  }

  #startFresh(revision: number): void {
    const { revision: current } = this.#scope.backend.store;
    if (revision > current) this.#fail(tooLargeResourceVersion(String(revision), String(current)));
    else this.#start(revision);
  }

  #sendPresent(): void {
    const { resource, namespace } = this.#scope;
    const prefix = resource.namespaced && namespace !== '' ? `${namespace}/` : '';
    const present = [...this.#collection.present().entries(prefix)];
    const revision = String(this.#scope.backend.store.revision);
    const send = () => {
      this.#stream.begin(this.#selection.all ? present : present.filter((entry) => this.#matches(entry)));
      if (this.#options.allowWatchBookmarks) this.#bookmark(true, revision);
    };
    const { conversion } = resource;
    if (conversion) this.#inOrder(() => conversion.prepare(present.map(({ object }) => object)), send);
    else send();
  }

  /** In the turn of the commit; where objects have to be converted first, in the order of the commits. */
  #deliver(change: Change): void {
    const { conversion } = this.resource;
    if (!conversion) {
      this.#deliverNow(change);
      return;
    }
    const objects = [change.entry, ...(change.previous ? [change.previous, change.left] : [])].map(
      ({ object }) => object,
    );
    this.#inOrder(
      () => conversion.prepare(objects),
      () => this.#deliverNow(change),
    );
  }

  #inOrder(prepare: () => Promise<void> | undefined, then: () => void): void {
    this.#turn = this.#turn.then(prepare).then(
      () => {
        if (!this.#stream.ended) then();
      },
      (error: unknown) => {
        if (!this.#stream.ended) this.#fail(error);
      },
    );
  }

  /** A change as this watch sees it: an object can come into its selection and leave it. */
  #deliverNow(change: Change): void {
    const before = change.previous !== undefined && this.#matches(change.previous);
    if (change.type === 'delete') {
      if (before) this.#push('DELETED', change.entry);
      return;
    }
    const now = this.#matches(change.entry);
    if (now) this.#push(before ? 'MODIFIED' : 'ADDED', change.entry);
    else if (before) this.#push('DELETED', change.left);
  }

  #push(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): void {
    this.#stream.push(this.#encode.ordered ? () => this.#encode.entry(type, entry) : this.#encode.entry(type, entry));
  }

  #bookmark(initialEventsEnd: boolean, revision = String(this.#scope.backend.store.revision)): void {
    this.#stream.push(() => this.#encode.bookmark(revision, initialEventsEnd));
  }

  #matches(entry: Entry): boolean {
    return this.#selection.all || this.#selection.matches(this.#scope.resource.fromStorage(entry.object));
  }

  #fail(error: unknown): void {
    this.#stream.push(this.#encode.error(error));
    this.#stream.end();
  }

  #armTimers(): void {
    const { backend } = this.#scope;
    const { timeoutSeconds } = this.#options;
    const lasts = timeoutSeconds ? timeoutSeconds * 1000 : shortestWatch * (1 + backend.random.next());
    this.#timer(lasts, () => this.#stream.end());
    if (!this.#options.allowWatchBookmarks) return;
    const bookmark = () => {
      const { revision } = backend.store;
      // It must not overtake what is still being converted.
      if (this.resource.conversion)
        this.#inOrder(
          () => undefined,
          () => this.#bookmark(false, String(revision)),
        );
      else this.#bookmark(false);
    };
    if (lasts > bookmarkBeforeEnd) this.#timer(lasts - bookmarkBeforeEnd, bookmark);
    const again = () => {
      this.#timer(backend.bookmarkInterval, () => {
        bookmark();
        again();
      });
    };
    again();
  }

  #timer(milliseconds: number, callback: () => void, background = true): void {
    let timer: Timer;
    const release = () => timer.cancel();
    timer = this.#scope.backend.clock.timer(
      milliseconds,
      () => {
        this.#held.splice(this.#held.indexOf(release), 1);
        if (!this.#stream.ended) callback();
      },
      { background },
    );
    this.#held.push(release);
  }

  #release(): void {
    for (const release of this.#held.splice(0)) release();
  }
}
