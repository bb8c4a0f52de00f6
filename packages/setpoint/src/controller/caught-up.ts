import type { Clock } from '@setpoint/apimachinery/clock';
import {
  type Caches,
  compareRevisions,
  type DeleteAnswer,
  type StoreHandle,
  type WriteAnswer,
} from '../cache/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import type { WriteRecorder } from '../reconcile/index.ts';

/** How long what the replica before wrote may be under way, before the server is asked how far it is. */
const patience = 1000;

export interface CatchingUp {
  readonly stores: readonly StoreHandle[];
  readonly caches: Caches;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Resolves once the caches show what another replica has written; where that is not known, once they are as far as the
 * server is now.
 *
 * @throws the signal's reason, or an Error if that takes a minute
 */
export async function caughtUp(written: Readonly<Record<string, string>> | undefined, how: CatchingUp): Promise<void> {
  const { stores, caches, signal } = how;
  if (written && (await reached(written, how))) return;
  await caches.waitForRevision([...new Set(stores.map(({ kind }) => kind))], { signal });
}

async function reached(
  written: Readonly<Record<string, string>>,
  { stores, clock, signal }: CatchingUp,
): Promise<boolean> {
  const waiting = stores.flatMap((store) => {
    const revision = written[kindName(store.kind)];
    return revision === undefined || store.kind.cluster !== undefined ? [] : [{ store, revision }];
  });
  if (waiting.length === 0) return true;
  const late = new AbortController();
  const timer = clock.timer(patience, () => late.abort(), { background: true });
  const either = AbortSignal.any([signal, late.signal]);
  try {
    await Promise.all(waiting.map(({ store, revision }) => store.reached(revision, either)));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    timer.cancel();
    late.abort();
  }
}

/** Notes the revisions of own writes on their way to the cache. */
export class WrittenRevisions implements WriteRecorder {
  readonly #recorder: WriteRecorder;
  readonly #revisions = new Map<string, string>();

  constructor(recorder: WriteRecorder) {
    this.#recorder = recorder;
  }

  /** The last ones, by kind. */
  get revisions(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#revisions);
  }

  recordWrite(answer: WriteAnswer): void {
    if (!answer.dryRun) this.#note(answer.kind, answer.object.metadata.resourceVersion);
    this.#recorder.recordWrite(answer);
  }

  recordDelete(answer: DeleteAnswer): void {
    this.#recorder.recordDelete(answer);
  }

  #note(kind: AnyKind, revision: string | undefined): void {
    if (!revision || kind.cluster !== undefined) return;
    const resource = kindName(kind);
    const last = this.#revisions.get(resource);
    if (last === undefined || compareRevisions(revision, last) > 0) this.#revisions.set(resource, revision);
  }
}
