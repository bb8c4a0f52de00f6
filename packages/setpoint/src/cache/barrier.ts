import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import type { Client } from '../client/index.ts';
import { resourceText } from './failure.ts';
import { serverRevision } from './server-revision.ts';
import type { Store } from './store.ts';

const defaultTimeout = 60_000;
const retryEvery = 1000;
/** How long the watch may take of itself, before the server is asked to say how far it is. */
const patience = 500;
const hurryEvery = 5000;

/**
 * Waits until every store has reached the revision of a consistent list made now: whatever was written before,
 * by whomever, is then visible in them. On a quiet kind this takes the server one to three seconds.
 */
export async function waitForRevision(
  stores: readonly Store[],
  options: {
    readonly client: Pick<Client, 'pages'>;
    readonly clock: Clock;
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
  },
): Promise<void> {
  const { client, clock, signal, timeout = defaultTimeout } = options;
  signal?.throwIfAborted();
  const limit = new AbortController();
  const names = stores.map((store) => store.description).join(', ');
  const late = () => limit.abort(new Error(`${names} did not catch up with the server within ${timeout / 1000} s`));
  const timer = clock.timer(timeout, late);
  const onAbort = () => limit.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const scopes = Map.groupBy(stores, (store) => resourceText({ kind: store.kind, namespace: store.namespace }));
    await Promise.all(
      Array.from(scopes.values(), async (sharing) => {
        const [first] = sharing;
        if (!first) return;
        const revision = await currentRevision(client, clock, first, limit.signal);
        await Promise.all(sharing.map((store) => reach(store, revision, clock, limit.signal)));
      }),
    );
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
    // A scope that failed leaves the others no reason to go on.
    limit.abort(new Error('the wait is over'));
  }
}

async function currentRevision(
  client: Pick<Client, 'pages'>,
  clock: Clock,
  store: Store,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      return await serverRevision(client, store, signal);
    } catch {
      signal.throwIfAborted();
      await sleep(clock, retryEvery, { signal });
    }
  }
}

async function reach(store: Store, revision: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const reached = store.reached(revision, signal);
  const settled = new AbortController();
  const hurrying = (async () => {
    for (let pause = patience; ; pause = hurryEvery) {
      await sleep(clock, pause, { signal: settled.signal });
      store.hurry(revision);
    }
  })().catch(() => undefined);
  try {
    await reached;
  } finally {
    settled.abort(new Error('the revision was reached'));
    await hurrying;
  }
}
