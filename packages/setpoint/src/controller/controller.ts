// biome-ignore-all lint/suspicious/noExplicitAny: the maker of a declaration knows its types, the data does not.
import { qualifiedName } from '@setpoint/apimachinery/names';
import type { Read } from '../cache/index.ts';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, declaresConditions, type Resource } from '../kinds/index.ts';
import { defaultBackoff } from '../queue/index.ts';
import { atLeastOne, checkDeclaration, checkKind, milliseconds } from './declaration-checks.ts';
import type {
  Controller,
  ControllerDeclaration,
  ControllerOptions,
  KeyedDeclaration,
  Owned,
  OwnedOptions,
  Source,
  SourceOptions,
  Watch,
  WatchOptions,
} from './types.ts';

function declareController<
  const K extends AnyKind,
  const Reads extends readonly Read[] = readonly [],
  const Watches extends readonly Watch<any, ObjectKey | Resource<K>>[] = readonly [],
  const Owns extends readonly (AnyKind | Owned)[] = readonly [],
  const Writes extends readonly AnyKind[] = readonly [],
>(kind: K, declaration: ControllerDeclaration<K, Reads, Watches, Owns, Writes>): Controller {
  checkKind(kind, 'controller() was given');
  const name = declaration?.name ?? kind.kind.toLowerCase();
  checkDeclaration(`controller ${name}`, declaration);
  checkName(name);
  if (kind.projection !== 'full') {
    throw new Error(`controller ${name}: metadata(${kind.kind}) cannot be reconciled; give the kind itself`);
  }
  checkOwnCluster(name, [kind, ...(declaration.owns ?? []), ...(declaration.writes ?? [])]);
  const { deleteChildren = 'background' } = declaration;
  const holds = declaration.finalize !== undefined || deleteChildren === 'reverse';
  if (!holds && declaration.finalizer !== undefined) {
    throw new Error(
      `controller ${name}: it names a finalizer and has no \`finalize\`; of an earlier release, that is one of \`retiredFinalizers\``,
    );
  }
  const finalizer = holds ? (declaration.finalizer ?? defaultFinalizer(kind, name)) : undefined;
  const retiredFinalizers = declaration.retiredFinalizers ?? [];
  checkFinalizers(name, finalizer, retiredFinalizers);
  return Object.freeze({
    type: 'controller',
    name,
    kind,
    reads: declaration.reads ?? [],
    watches: declaration.watches ?? [],
    owns: (declaration.owns ?? []).map((entry) => ('type' in entry ? entry : owned(entry))),
    writes: declaration.writes ?? [],
    sources: declaration.sources ?? [],
    predicates: declaration.predicates,
    namespace: declaration.namespace,
    labelSelector: declaration.labelSelector,
    id: idOfKey,
    default: declaration.default,
    validate: declaration.validate,
    finalize: declaration.finalize,
    finalizer,
    retiredFinalizers,
    formerManagers: declaration.formerManagers ?? [],
    deleteChildren,
    ...statusOf(kind, name, declaration),
    reconcile: declaration.reconcile,
    ...compileOptions(name, declaration),
  } satisfies Controller);
}

function keyed<
  Key,
  const Reads extends readonly Read[] = readonly [],
  const Watches extends readonly Watch<any, Key>[] = readonly [],
  const Writes extends readonly AnyKind[] = readonly [],
>(declaration: KeyedDeclaration<Key, Reads, Watches, Writes>): Controller {
  checkDeclaration(`controller ${declaration?.name}`, declaration, true);
  checkName(declaration.name);
  checkOwnCluster(declaration.name, declaration.writes ?? []);
  if (declaration.shards !== undefined && (declaration.sources ?? []).length > 0) {
    throw new Error(
      `controller ${declaration.name}: it has sources and no objects of its own, so nobody could say which keys a shard has; leave \`shards\` out, or reconcile a kind`,
    );
  }
  return Object.freeze({
    type: 'controller',
    name: declaration.name,
    kind: undefined,
    reads: declaration.reads ?? [],
    watches: declaration.watches ?? [],
    owns: [],
    writes: declaration.writes ?? [],
    sources: declaration.sources ?? [],
    predicates: undefined,
    namespace: undefined,
    labelSelector: undefined,
    id: declaration.key ?? ((key: Key) => (typeof key === 'string' ? key : JSON.stringify(key))),
    default: undefined,
    validate: undefined,
    finalize: undefined,
    finalizer: undefined,
    retiredFinalizers: [],
    formerManagers: [],
    deleteChildren: 'background',
    writesStatus: false,
    ready: undefined,
    reconcile: declaration.reconcile,
    ...compileOptions(declaration.name, declaration),
  } satisfies Controller);
}

/**
 * Declares a controller of `kind`: what it reads, what leads to passes, and the pass itself. Pure data; the manager
 * runs it, manifests compute permissions from it.
 *
 * `controller.keyed()` declares one whose keys are not objects of one kind but anything that can be told apart. It has
 * no status, conditions or events, since there is no object to put them on.
 *
 * @throws Error for a declaration that cannot work: a bad name, `metadata(Kind)` in place of the kind itself, a
 * finalizer without a name for a kind that has no group or with one that the API server refuses, `ready` for a kind
 * whose status has no conditions or is not written
 */
export const controller = Object.assign(declareController, { keyed });

/** @throws TypeError for what is no key; mappers without types give such */
function idOfKey(key: ObjectKey): string {
  if (typeof key?.name !== 'string') {
    throw new TypeError(`${typeof key} is no key: give the object, { namespace, name }, or nothing`);
  }
  return `${key.namespace ?? ''}/${key.name}`;
}

/** Other objects whose changes lead to passes; `enqueue` says of which objects of the controller's kind. */
export function watch<const K extends AnyKind, Key, const Reads extends readonly Read[] = readonly []>(
  kind: K,
  options: WatchOptions<K, Reads, Key>,
): Watch<K, NonNullable<Key>> {
  checkKind(kind, 'watch() was given');
  if (typeof options?.enqueue !== 'function') {
    throw new TypeError(`watch of ${kind.kind}: give it \`enqueue\`, which says whose business a change is`);
  }
  const { namespace, labelSelector, fieldSelector } = options;
  return Object.freeze({
    type: 'watch',
    kind,
    reads: options.reads ?? [],
    predicates: options.predicates ?? [],
    enqueue: options.enqueue,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  } satisfies Watch<K, Key>) as Watch<K, NonNullable<Key>>;
}

/** A kind of children in `owns`, with options. Without options the kind itself will do. */
export function owned<const K extends AnyKind>(kind: K, options: OwnedOptions<K> = {}): Owned<K> {
  return Object.freeze({
    type: 'owned',
    kind,
    predicates: options.predicates ?? [],
    everyOwner: options.everyOwner ?? false,
  });
}

/**
 * Events from outside the cluster: what the generator yields is handed to `enqueue`. It is started once the stores it
 * reads are synced, and must end when the signal aborts.
 */
export function source<T, Key, const Reads extends readonly Read[] = readonly []>(
  run: Source['run'] & ((...args: Parameters<Source['run']>) => AsyncIterable<T>),
  options: SourceOptions<T, Key, Reads>,
): Source<Key> {
  return Object.freeze({
    type: 'source',
    name: options.name ?? 'source',
    reads: options.reads ?? [],
    run,
    enqueue: options.enqueue,
    onEnd: options.onEnd ?? 'restart',
  });
}

function compileOptions(name: string, options: ControllerOptions) {
  const of = `controller ${name}`;
  const { backoff, rateLimit, failureThreshold = 15, maxConcurrentReconciles = 1, timeout } = options;
  const { cacheSyncTimeout = '2m' } = options;
  return {
    maxConcurrentReconciles: atLeastOne(of, 'maxConcurrentReconciles', maxConcurrentReconciles),
    timeout: timeout === undefined ? undefined : milliseconds(of, 'timeout', timeout),
    backoff: backoff ? checkedBackoff(of, backoff) : defaultBackoff,
    failureThreshold: atLeastOne(of, 'failureThreshold', failureThreshold),
    rateLimit: rateLimit && {
      interval: milliseconds(of, 'rateLimit.interval', rateLimit.interval),
      burst: atLeastOne(of, 'rateLimit.burst', rateLimit.burst ?? 1),
    },
    hotLoopDetection: options.hotLoopDetection ?? true,
    cacheSyncTimeout: milliseconds(of, 'cacheSyncTimeout', cacheSyncTimeout),
    needsLeaderElection: options.needsLeaderElection ?? true,
    shards: checkedShards(options),
    clusterScoped: options.clusterScoped ?? false,
    optional: options.optional ?? [],
    permissions: options.permissions ?? [],
    metrics: options.metrics ?? [],
  };
}

function checkedBackoff(of: string, given: NonNullable<ControllerOptions['backoff']>) {
  const initial = milliseconds(of, 'backoff.initial', given.initial);
  const maximum = milliseconds(of, 'backoff.maximum', given.maximum);
  if (!(initial > 0 && initial <= maximum)) {
    throw new Error(
      `${of}: backoff goes from ${initial} to ${maximum} ms; its first delay is more than nothing, and not longer than the last`,
    );
  }
  return { initial, factor: 2, maximum };
}

/** More would only make the list of Leases longer. */
const mostShards = 256;

function checkedShards({ shards, needsLeaderElection }: ControllerOptions): number | undefined {
  if (shards === undefined) return undefined;
  if (!Number.isInteger(shards) || shards < 1 || shards > mostShards) {
    throw new Error(`shards is ${shards}: give a whole number from 1 to ${mostShards}`);
  }
  if (needsLeaderElection === false) {
    throw new Error(
      'shards gives each key to one replica, needsLeaderElection: false gives it to all: declare one of them',
    );
  }
  return shards;
}

function defaultFinalizer(kind: AnyKind, name: string): string {
  if (kind.group === '') {
    throw new Error(
      `controller ${name}: name its finalizer (finalizer: 'example.com/${name}'), ${kind.kind} has no group`,
    );
  }
  return `${kind.group}/${name}`;
}

/** What the API server would refuse at the first object, or what would go on for ever. */
function checkFinalizers(name: string, finalizer: string | undefined, retired: readonly string[]): void {
  if (finalizer === undefined) return;
  const [problem] = finalizer.includes('/') ? qualifiedName(finalizer) : ["it needs a domain, as in 'example.com/x'"];
  if (problem)
    throw new Error(`controller ${name}: ${JSON.stringify(finalizer)} is no name of a finalizer: ${problem}`);
  if (!retired.includes(finalizer)) return;
  throw new Error(`controller ${name}: ${finalizer} is retired and in use; it would be removed and added for ever`);
}

function statusOf(
  kind: AnyKind,
  name: string,
  {
    writesStatus = kind.definition !== undefined,
    ready,
  }: { writesStatus?: boolean; ready?: boolean | readonly string[] },
) {
  if (ready && !writesStatus)
    throw new Error(`controller ${name}: \`ready\` is kept in the status: leave \`writesStatus: false\` out`);
  return { writesStatus, ready: readinessGates(kind, name, ready) };
}

function readinessGates(kind: AnyKind, name: string, ready: boolean | readonly string[] | undefined) {
  if (!ready) return undefined;
  if (!declaresConditions(kind)) {
    throw new Error(`controller ${name}: to keep \`ready\`, add \`conditions\` to the status schema of ${kind.kind}`);
  }
  return ready === true ? [] : ready;
}

/** Owners, finalizers, statuses and Events of one cluster mean nothing to another. */
function checkOwnCluster(name: string, entries: readonly (AnyKind | Owned)[]): void {
  for (const entry of entries) {
    const { kind, cluster } = 'type' in entry ? entry.kind : entry;
    if (cluster === undefined) continue;
    throw new Error(
      `controller ${name}: ${kind} is of cluster ${cluster}, and what is reconciled, owned or applied is of the operator's own; watch or read it, and write it by \`client\``,
    );
  }
}

function checkName(name: string): void {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    throw new Error(`controller name ${JSON.stringify(name)}: use lower-case letters, digits and dashes`);
  }
}
