import type { KubeObject } from '@setpoint/apimachinery/meta';
import {
  isApiError,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  isPassRevoked,
  isTerminal,
} from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { problemsFound, requeueAfterOf } from './answers.ts';
import { deleteInReverse } from './child-deletion.ts';
import { applyChildren, type ChildrenOutcome } from './children.ts';
import { conditionReason } from './conditions.ts';
import { fillIn } from './defaults.ts';
import { addFinalizer, hasFinalizer, ObjectChanged, removeFinalizers } from './finalizers.ts';
import { messageOf } from './message.ts';
import type { Pass } from './pass.ts';
import type { ConditionInput, PassResult, Waiting } from './types.ts';

/** What a pass that went well leaves open. */
export interface Unfinished {
  /** What it waits for. */
  readonly waiting?: Waiting;
  /** Which children are not ready. */
  readonly unready?: Waiting;
}

/** What a pass came to; the queue acts on it by one table. */
export type Outcome =
  | ({ readonly type: 'success' } & Unfinished)
  | ({ readonly type: 'requeueAfter'; readonly after: number; readonly priority: number | undefined } & Unfinished)
  /** The object breaks the operator's own rules; it waits for a change. */
  | { readonly type: 'invalid'; readonly messages: readonly string[] }
  | { readonly type: 'error'; readonly error: unknown }
  /** Somebody else was faster: quietly again. */
  | { readonly type: 'conflict'; readonly error: unknown }
  | { readonly type: 'terminal'; readonly error: unknown }
  /** There is nothing to reconcile. */
  | { readonly type: 'vanished' };

/**
 * One pass over one object, from reading it to writing its outcome:
 * being deleted? finalize : finalizer → default → validate → reconcile. (Were validation first, an invalid object
 * that holds our finalizer could never be deleted.) Never throws.
 */
export async function runCycle(pass: Pass, object: KubeObject): Promise<Outcome> {
  try {
    let outcome: Outcome;
    try {
      outcome = await cycle(pass, object);
    } catch (error) {
      outcome = classify(error);
    }
    if (pass.busy && !pass.revoked) await pass.settle();
    outcome = unlessUncaught(pass, outcome);
    if (outcome.type !== 'vanished' && pass.vanished) outcome = { type: 'vanished' };
    tell(pass, outcome);
    if (outcome.type === 'vanished' || pass.revoked) return outcome;
    return pass.conditions?.isEmpty ? unlessUncaught(pass, outcome) : await flushed(pass, outcome);
  } catch (error) {
    // Neither a reconcile function nor the API server comes this far.
    return { type: 'error', error };
  }
}

/** What the pass came to once its conditions are written. */
async function flushed(pass: Pass, outcome: Outcome): Promise<Outcome> {
  const written = await settle(pass, async () => {
    await pass.flush();
    return outcome;
  });
  // A pass that failed keeps its own failure; one that went well and could not be written down did not go well.
  const failed = outcome.type === 'error' || outcome.type === 'terminal' || outcome.type === 'conflict';
  if (written !== outcome && written.type === 'error' && !pass.revoked) {
    await tellUnwritten(pass, written.error, failed ? outcome : undefined);
  }
  return failed ? outcome : written;
}

/**
 * What a pass said of its object could not be written. Where the server refuses it for what it says, the failure takes
 * its place: a status that goes on telling of an earlier success would be wrong.
 *
 * @param failed what the pass had failed by before, which is told already
 */
async function tellUnwritten(pass: Pass, error: unknown, failed: Outcome | undefined): Promise<void> {
  const message = messageOf(error);
  if (failed) pass.log.warn(`the outcome of the pass could not be written: ${message}`);
  else pass.event('Warning', 'ProcessingError', message);
  if (!isInvalid(error) || !pass.conditions) return;
  pass.conditions.clear();
  const own = failed && 'error' in failed ? messageOf(failed.error) : undefined;
  tellConditions(pass, {
    status: 'False',
    reason: conditionReason.error,
    message: own ? `${own}; ${message}` : message,
  });
  try {
    await pass.flush();
  } catch (again) {
    pass.log.debug({ error: messageOf(again) }, 'the failure could not be written either');
  }
}

/** One pass of a controller whose keys are no objects. Never throws. */
export function runKeyed(pass: Pass): Promise<Outcome> {
  return settle(pass, async () => {
    const { reconcile } = pass.environment.declaration;
    const result = await pass.attributed(() => reconcile(pass.key as never, pass.context as never));
    if (result?.children) throw new Error('children need an owner, and a keyed controller has none: use apply');
    return outcomeOf(result ?? undefined);
  });
}

async function settle(pass: Pass, action: () => Promise<Outcome>): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await action();
  } catch (error) {
    outcome = classify(error);
  }
  if (pass.busy && !pass.revoked) await pass.settle();
  return unlessUncaught(pass, outcome);
}

/** What a pass started and did not wait for may have failed meanwhile. */
function unlessUncaught({ uncaught }: Pass, outcome: Outcome): Outcome {
  return uncaught ? { type: 'error', error: uncaught.error } : outcome;
}

function classify(error: unknown): Outcome {
  if (isTerminal(error)) return { type: 'terminal', error };
  if (isConflict(error) || error instanceof ObjectChanged) return { type: 'conflict', error };
  // Nothing can be made there, an Event neither; it ends when the namespace, and the object with it, is gone.
  if (isNamespaceTerminating(error)) return { type: 'conflict', error };
  return { type: 'error', error };
}

function isNamespaceTerminating(error: unknown): boolean {
  if (!isApiError(error) || !isForbidden(error)) return false;
  return error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

async function cycle(pass: Pass, read: KubeObject): Promise<Outcome> {
  const { declaration } = pass.environment;
  const kind = declaration.kind as AnyKind;
  const retired = declaration.retiredFinalizers.filter((name) => hasFinalizer(read, name));
  let object: KubeObject | undefined = retired.length === 0 ? read : await stripRetired(pass, kind, read, retired);
  if (!object) return { type: 'vanished' };
  if (object.metadata.deletionTimestamp) return finalize(pass, kind, object);
  const { finalizer } = declaration;
  if (finalizer && !hasFinalizer(object, finalizer)) {
    const bare = object;
    object = await writeOwn(pass, () => addFinalizer(pass.client, kind, bare, finalizer));
    if (!object) return { type: 'vanished' };
  }
  if (declaration.default) {
    const incomplete = object;
    object = await writeOwn(pass, () => fillIn(pass, kind, incomplete));
    if (!object) return { type: 'vanished' };
  }
  pass.observe(object);
  const valid = object;
  const messages = declaration.validate ? pass.attributed(() => validate(pass, valid)) : [];
  if (messages.length > 0) return { type: 'invalid', messages };
  const result = await pass.attributed(() => declaration.reconcile(valid as never, pass.context as never));
  if (!result?.children) return outcomeOf(result ?? undefined);
  return outcomeOf(result, await applyChildren(pass, { kind, object }, result.children, !result.waiting));
}

/** A write of the object that the pass is about; undefined if it is gone, which is nobody's mistake. */
async function writeOwn(pass: Pass, write: () => Promise<KubeObject>): Promise<KubeObject | undefined> {
  let answer: KubeObject | undefined;
  try {
    answer = await write();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  pass.seen(answer);
  return answer;
}

const succeeded: Outcome = Object.freeze({ type: 'success' });

function outcomeOf(result: PassResult | undefined, children?: ChildrenOutcome): Outcome {
  if (!result) return succeeded;
  const delays = [requeueAfterOf(result), children?.requeueAfter ?? 0].filter((delay) => delay > 0);
  const waiting = result.waiting ?? children?.waiting;
  const unready = children?.unready;
  const open: Unfinished = { ...(waiting ? { waiting } : {}), ...(unready ? { unready } : {}) };
  if (delays.length === 0) return { type: 'success', ...open };
  return { type: 'requeueAfter', after: Math.min(...delays), priority: result.priority, ...open };
}

async function stripRetired(
  pass: Pass,
  kind: AnyKind,
  object: KubeObject,
  retired: readonly string[],
): Promise<KubeObject | undefined> {
  const answer = await removeFinalizers(pass.client, kind, object, retired);
  pass.seen(answer);
  return answer;
}

/** Cleans up, and lets go of the object when that is done. Others' finalizers are theirs. */
async function finalize(pass: Pass, kind: AnyKind, object: KubeObject): Promise<Outcome> {
  const { declaration } = pass.environment;
  if (!declaration.finalizer || !hasFinalizer(object, declaration.finalizer)) return { type: 'success' };
  const outcome = outcomeOf((await declaration.finalize?.(object as never, pass.context as never)) ?? undefined);
  if (outcome.type !== 'success' || outcome.waiting) return outcome;
  // Whoever deletes with `--cascade=orphan` wants the children to stay.
  if (declaration.deleteChildren === 'reverse' && !hasFinalizer(object, 'orphan')) {
    const waiting = await deleteInReverse(pass);
    if (waiting) return { type: 'success', waiting };
  }
  const present = pass.current();
  if (!present) return { type: 'vanished' };
  const answer = await removeFinalizers(pass.client, kind, present, [declaration.finalizer]);
  pass.seen(answer && (answer.metadata.finalizers?.length ?? 0) > 0 ? answer : undefined);
  return { type: 'success' };
}

function validate(pass: Pass, object: KubeObject): readonly string[] {
  return problemsFound(pass.environment.declaration.validate?.(object as never, {})).map(String);
}

/** Conditions and Warning events: what a person sees of the outcome. */
function tell(pass: Pass, outcome: Outcome): void {
  switch (outcome.type) {
    case 'success':
    case 'requeueAfter':
      tellProgress(pass, outcome);
      return;
    case 'invalid': {
      const message = outcome.messages.join('; ');
      tellConditions(pass, { status: 'False', reason: conditionReason.invalid, message });
      if (firstTime(pass)) pass.event('Warning', 'ProcessingError', `invalid: ${message}`);
      return;
    }
    case 'error':
    case 'terminal': {
      if (isPassRevoked(outcome.error)) return;
      const message = messageOf(outcome.error);
      tellConditions(pass, { status: 'False', reason: conditionReason.error, message });
      pass.event('Warning', 'ProcessingError', message);
      return;
    }
    case 'conflict':
    case 'vanished':
      return;
    default:
      outcome satisfies never;
  }
}

/** A pass that went well: what it waits for is told as its outcome, and once as an Event. */
function tellProgress(pass: Pass, { waiting, unready }: Unfinished): void {
  if (!waiting) {
    pass.environment.reportedWaiting.delete(pass.uid ?? '');
    const children = unready && ({ status: 'False', ...unready } as const);
    tellConditions(pass, { status: 'True', reason: conditionReason.success }, children);
    return;
  }
  if (isNews(pass, waiting)) {
    const failed = waiting.reason === 'ChildFailed';
    pass.event(failed ? 'Warning' : 'Normal', waiting.reason, waiting.message);
  }
  tellConditions(pass, { status: 'False', ...waiting });
}

type Told = Omit<ConditionInput, 'type'>;

/** @param children what keeps an object from being ready though the pass went well */
function tellConditions(pass: Pass, outcome: Told, children?: Told): void {
  const { ready } = pass.environment.declaration;
  pass.conditions?.outcome({ ...outcome, type: conditionReason.type });
  if (!ready) return;
  const deleting = outcome.status === 'True' && pass.current()?.metadata.deletionTimestamp;
  pass.conditions?.ready(ready, deleting ? { status: 'False', reason: 'Deleting' } : outcome, children);
}

/** Whether it waits for something else than before: neither told by this process nor written in the object. */
function isNews(pass: Pass, { reason, message }: Waiting): boolean {
  const { reportedWaiting } = pass.environment;
  const { uid = '' } = pass;
  const written = pass.conditions?.get(conditionReason.type);
  const known = reportedWaiting.get(uid) === message || (written?.reason === reason && written.message === message);
  reportedWaiting.set(uid, message);
  return !known;
}

/** Whether this generation's invalidity is news: neither told by this process nor written in the object. */
function firstTime(pass: Pass): boolean {
  const { reportedInvalid } = pass.environment;
  if (!pass.current()) return false;
  const { uid = '', generation = 0 } = pass;
  const written = pass.conditions?.get(conditionReason.type);
  const known =
    reportedInvalid.get(uid) === generation ||
    (written?.reason === conditionReason.invalid && written.observedGeneration === generation);
  reportedInvalid.set(uid, generation);
  return !known;
}
