import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { isPassRevoked } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { type Readiness, readinessOf, ready } from '../readiness/index.ts';
import { applyObject, completeIntent, fieldsOfCached } from './apply.ts';
import type { ChildOf } from './child.ts';
import { pruneChildren, throwAll } from './child-deletion.ts';
import { keyOfChild, type Planned, type PlannedChild, planChildren } from './child-plan.ts';
import { immutableChange, immutableError, replaceChild } from './child-replacement.ts';
import { claimOf, NameTaken, type Owner, orderAnnotation, ownerUidsOf, refuseTheft } from './claims.ts';
import { cachedObject, managersOf } from './environment.ts';
import { handOver } from './hand-over.ts';
import { parseOwnFields } from './own-fields.ts';
import type { Pass } from './pass.ts';
import type { Waiting } from './types.ts';

/** What became of the children of a pass. */
export interface ChildrenOutcome {
  /** Why not all of them could be applied. */
  readonly waiting: Waiting | undefined;
  /** Why not all of them are ready; looked at only where somebody wants to know. */
  readonly unready: Waiting | undefined;
  /** When to look again, in milliseconds, where no change will say so. */
  readonly requeueAfter: number | undefined;
}

/** How far one of them is; `applied` where nobody asked. */
type State =
  | { readonly type: 'applied' }
  | { readonly type: 'looked'; readonly readiness: Readiness }
  | { readonly type: 'waits'; readonly waiting: Waiting; readonly requeueAfter: number | undefined }
  /** Something that it depends on is not ready. */
  | { readonly type: 'blocked' }
  | { readonly type: 'failed' };

/**
 * Applies the children that a pass answered with, each once those that it depends on are ready, and then deletes what
 * is no longer among them, unless something waits. One that cannot be applied stops only those that depend on it.
 *
 * @param prune whether the set is complete
 * @throws what failed; an AggregateError, if several did
 */
export async function applyChildren(
  pass: Pass,
  owner: Owner,
  children: readonly ChildOf<AnyKind>[],
  prune: boolean,
): Promise<ChildrenOutcome> {
  const planned = planChildren(pass.environment.declaration, owner, children);
  const states = new Map<Planned, State>();
  const errors: unknown[] = [];
  for (const entry of planned) {
    try {
      states.set(entry, await settle(pass, owner, entry, states));
    } catch (error) {
      if (isPassRevoked(error)) throw error;
      errors.push(error);
      states.set(entry, { type: 'failed' });
    }
  }
  throwAll(errors);
  const outcome = summarise(states);
  if (prune && !outcome.waiting) await pruneChildren(pass);
  return outcome;
}

async function settle(pass: Pass, owner: Owner, entry: Planned, states: ReadonlyMap<Planned, State>): Promise<State> {
  if (!entry.dependencies.every((dependency) => isReady(states.get(dependency)))) return { type: 'blocked' };
  if ('step' in entry) {
    pass.check();
    return { type: 'looked', readiness: (await entry.step.run()) ?? ready };
  }
  const applied = await applyChild(pass, owner, entry);
  if ('waiting' in applied) return { type: 'waits', ...applied };
  const asked = entry.hasDependents || pass.environment.declaration.ready !== undefined;
  if (!asked) return { type: 'applied' };
  const look = entry.child.options.ready ?? readinessOf;
  return { type: 'looked', readiness: look(applied.object as never) };
}

function isReady(state: State | undefined): boolean {
  return state?.type === 'looked' && state.readiness.state === 'ready';
}

async function applyChild(
  pass: Pass,
  owner: Owner,
  entry: PlannedChild,
): Promise<{ readonly object: KubeObject } | Pick<State & { readonly type: 'waits' }, 'waiting' | 'requeueAfter'>> {
  const { environment, client } = pass;
  const { kind, options } = entry.child;
  const key = keyOfChild(entry.child, owner);
  const how = { owner: options.owner ?? 'controller', force: options.force } as const;
  try {
    const cached = cachedObject(environment, kind, key);
    if (cached) refuseTheft(kind, key, cached, owner);
    if (cached?.metadata.deletionTimestamp) {
      // Of an object that does not name the owner, nobody tells the owner when it is gone.
      const isTold = ownerUidsOf(cached).includes(owner.object.metadata.uid);
      return { waiting: terminating(entry.what, cached), requeueAfter: isTold ? undefined : strangersPause };
    }
    if (cached && parseOwnFields(fieldsOfCached(environment, kind, cached)).isFormer) {
      await handOver(client, kind, key, managersOf(environment));
    }
    const object = await applyObject(environment, client, owner, intentOf(pass, owner, entry), {
      ...how,
      claim: true,
      touched: pass.touched,
    });
    if (!object.metadata.deletionTimestamp) return { object };
    return { waiting: terminating(entry.what, object), requeueAfter: undefined };
  } catch (error) {
    if (error instanceof NameTaken) return { waiting: error.waiting, requeueAfter: undefined };
    const present = cachedObject(environment, kind, key);
    if (!present) throw error;
    const intent = () => completeIntent(environment, owner, intentOf(pass, owner, entry), how);
    const change = await immutableChange(client, kind, intent, error);
    if (!change) throw error;
    if (options.onImmutable !== 'replace') throw immutableError(entry.what, change, error);
    return { waiting: await replaceChild(pass, entry, present, change), requeueAfter: undefined };
  }
}

/** The child with what the framework adds: whose it is, and in which order it goes. */
function intentOf(pass: Pass, owner: Owner, { child, depth }: PlannedChild): KubeObject {
  const { fieldManager, declaration } = pass.environment;
  const object = child.object as KubeObject;
  const { labels, annotations, ...metadata } = object.metadata;
  const claim = child.options.owner === 'none' ? claimOf(owner) : undefined;
  const order = declaration.deleteChildren === 'reverse' ? { [orderAnnotation]: String(depth) } : {};
  const allAnnotations = { ...annotations, ...claim?.annotations, ...order };
  return {
    ...object,
    apiVersion: child.kind.apiVersion,
    kind: child.kind.kind,
    metadata: {
      ...metadata,
      labels: { 'app.kubernetes.io/managed-by': fieldManager.split('/')[0] as string, ...labels, ...claim?.labels },
      ...(Object.keys(allAnnotations).length > 0 ? { annotations: allAnnotations } : {}),
    },
  };
}

/** A name is free only when the object that has it is gone. */
function terminating(what: string, { metadata }: KubeObject): Waiting {
  const finalizers = metadata.finalizers?.length ? `; held by ${metadata.finalizers.join(', ')}` : '';
  return {
    reason: 'ChildTerminating',
    message: `${what} is being deleted${finalizers}; it is made anew when it is gone`,
  };
}

/** How often to look whether an object of nobody's is gone. */
const strangersPause = 5000;

/** At most so many are named in a message. */
const mostNamed = 5;

function summarise(states: ReadonlyMap<Planned, State>): ChildrenOutcome {
  const waits: Waiting[] = [];
  const unready: Waiting[] = [];
  const delays: number[] = [];
  for (const [{ what, ...entry }, state] of states) {
    if (state.type === 'waits') {
      waits.push(state.waiting);
      if (state.requeueAfter !== undefined) delays.push(state.requeueAfter);
    }
    if (state.type !== 'looked' || state.readiness.state === 'ready') continue;
    const { readiness } = state;
    const isStep = 'step' in entry;
    const reason = isStep ? readiness.reason : readiness.state === 'failed' ? 'ChildFailed' : 'ChildrenNotReady';
    const found = { reason, message: `${what}: ${readiness.message}` };
    // Of what others depend on, it is known that they wait; a step is part of the work.
    if (isStep || entry.hasDependents) waits.push(found);
    unready.push(found);
    if (readiness.state === 'progressing' && readiness.requeueAfter !== undefined) {
      delays.push(toMilliseconds(readiness.requeueAfter));
    }
  }
  const requeueAfter = delays.length > 0 ? Math.min(...delays) : undefined;
  const blocked = [...states.values()].filter(({ type }) => type === 'blocked').length;
  const waiting = joined(waits);
  const message = blocked > 0 ? `${waiting?.message}; ${blocked} of the others wait for that` : waiting?.message;
  return {
    waiting: waiting && { ...waiting, message: message ?? '' },
    unready: joined([...new Set([...waits, ...unready])]),
    requeueAfter,
  };
}

/** One of several reasons: that something failed goes before that it is on its way. */
function joined(all: readonly Waiting[]): Waiting | undefined {
  const [first] = all;
  if (!first) return undefined;
  const { reason } = all.find((one) => one.reason === 'ChildFailed') ?? first;
  const named = all.slice(0, mostNamed).map(({ message }) => message);
  const more = all.length > mostNamed ? `; and ${all.length - mostNamed} more` : '';
  return { reason, message: `${named.join('; ')}${more}` };
}
