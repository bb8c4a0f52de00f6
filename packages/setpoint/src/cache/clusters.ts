import type { AnyKind } from '../kinds/index.ts';
import { readerOf } from './reads.ts';
import type { CacheLog, CacheReader, Caches, Read, StoreHandle } from './types.ts';

/** Caches of several clusters as one: each kind is that of its cluster. */
export function cachesOfClusters(own: Caches, others: ReadonlyMap<string, Caches>, log: CacheLog): Caches {
  const all = [own, ...others.values()];
  const of = ({ cluster }: AnyKind): Caches => {
    const found = cluster === undefined ? own : others.get(cluster);
    if (!found) throw unknownCluster(cluster);
    return found;
  };
  const close = async () => void (await Promise.all(all.map((caches) => caches.close())));
  return {
    acquire: (request) => of(request.kind).acquire(request),
    start() {
      for (const caches of all) caches.start();
    },
    reader: <R extends Read>(reads: readonly R[], stores: readonly StoreHandle[]): CacheReader<R> =>
      readerOf(reads, stores, log),
    recordWrite: (answer) => of(answer.kind).recordWrite(answer),
    recordDelete: (answer) => of(answer.kind).recordDelete(answer),
    async waitForRevision(kinds, options) {
      const groups = Map.groupBy(kinds, of);
      await Promise.all(Array.from(groups, ([caches, their]) => caches.waitForRevision(their, options)));
    },
    stats: () => all.flatMap((caches) => caches.stats()),
    troubles: () => all.flatMap((caches) => caches.troubles()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function unknownCluster(name: string | undefined): Error {
  return new Error(
    `there is no cluster ${name}: give the manager a connection to it (clusters, --clusters ${name}=FILE)`,
  );
}
