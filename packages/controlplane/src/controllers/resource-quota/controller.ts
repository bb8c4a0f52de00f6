import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { equalAmounts, only, type ResourceQuota, readAmounts, writeAmounts } from '../../quota/index.ts';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import type { Change } from '../../store/index.ts';
import { type Controller, type ControllerContext, isStatus } from '../host/index.ts';
import { type Counted, countedResources, usageOf } from './usage.ts';

/** All quotas are counted again so often, whatever has happened. */
const resyncPeriod = 300_000;

/**
 * Says in the status of each ResourceQuota what it limits and what is used of it. Admission charges what is created;
 * this controller counts again when something goes, or uses less.
 */
export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',
  start(context) {
    const quotas = context.resource('', 'v1', 'resourcequotas');
    const watches = new Watches(context, (namespace, counted) => {
      const here = context.collection(quotas).present().entries(`${namespace}/`);
      for (const { key, object } of here) {
        const hard = Object.keys((object as ResourceQuota).status?.hard ?? {});
        if (hard.some((name) => counted.evaluator.counts(name))) queue.add(key);
      }
    });
    const queue = context.queue(async (key) => {
      await count(context, quotas, watches.counted, key);
      if (context.collection(quotas).get(key)) queue.addAfter(key, resyncPeriod);
    });
    context.watch(quotas, ({ type, key, entry, previous }) => {
      if (context.collection(quotas).size > 0) watches.begin();
      else watches.end();
      const hard = (object: KubeObject | undefined) => (object as ResourceQuota | undefined)?.spec?.hard;
      if (type === 'update' && deepEqual(hard(entry.object), hard(previous?.object))) return;
      if (type !== 'delete') queue.add(key);
    });
    context.onClose(context.registry.onChange(() => watches.kindsChanged()));
  },
};

async function count(
  { client, clock, collection }: ControllerContext,
  quotas: ServedResource,
  counted: ReadonlyMap<string, Counted>,
  key: string,
): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  function* objectsOf({ resource }: Counted): Generator<KubeObject> {
    for (const { object } of collection(resource).present().entries(`${namespace}/`)) yield object;
  }
  try {
    await client.update(
      quotas,
      namespace,
      name,
      (object) => setStatus(object, usageOf(object, counted.values(), objectsOf, clock.now())),
      { part: 'status' },
    );
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

function setStatus(object: MutableObject, usage: ReturnType<typeof usageOf>): boolean {
  const { spec, status } = object as ResourceQuota;
  const hard = readAmounts(spec?.hard);
  const before = readAmounts(status?.used);
  const used = only(new Map([...before, ...usage]), (name) => hard.has(name));
  const isClean = status?.hard !== undefined && status.used !== undefined && deepEqual(spec?.hard ?? {}, status.hard);
  if (isClean && equalAmounts(used, before)) return false;
  object.status = { hard: writeAmounts(hard), used: writeAmounts(used) };
  return true;
}

/** Looks at everything that quotas count, as long as there are quotas. */
class Watches {
  readonly #context: ControllerContext;
  readonly #givenBack: (namespace: string, counted: Counted) => void;
  readonly #stops = new Map<string, () => void>();
  #counted: ReadonlyMap<string, Counted> | undefined;

  constructor(context: ControllerContext, givenBack: (namespace: string, counted: Counted) => void) {
    this.#context = context;
    this.#givenBack = givenBack;
  }

  get counted(): ReadonlyMap<string, Counted> {
    this.#counted ??= countedResources(this.#context.registry);
    return this.#counted;
  }

  begin(): void {
    for (const [storageKey, counted] of this.counted) {
      if (this.#stops.has(storageKey)) continue;
      // Set first: what is there already is told in the turn of the call.
      this.#stops.set(storageKey, () => {});
      this.#stops.set(
        storageKey,
        this.#context.watch(counted.resource, (change) => this.#look(counted, change)),
      );
    }
  }

  end(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }

  kindsChanged(): void {
    this.#counted = undefined;
    for (const [storageKey, stop] of this.#stops) {
      if (this.counted.has(storageKey)) continue;
      stop();
      this.#stops.delete(storageKey);
    }
    if (this.#stops.size > 0) this.begin();
  }

  #look(counted: Counted, { type, entry, previous }: Change): void {
    const { evaluator } = counted;
    const now = this.#context.clock.now();
    const gives =
      type === 'delete' || (type === 'update' && previous && evaluator.givesBack?.(entry.object, previous.object, now));
    if (gives) this.#givenBack(entry.object.metadata.namespace ?? '', counted);
  }
}
