import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { createMergePatch, deepEqual } from '@setpoint/apimachinery/patch';
import { isConflict, isPassRevoked, isTerminal, TerminalError } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { conditionReason } from './conditions.ts';
import { keyOf } from './environment.ts';
import { addFinalizer, hasFinalizer, ObjectChanged, removeFinalizers } from './finalizers.ts';
import { messageOf } from './message.ts';
import type { Pass } from './pass.ts';
import type { ReconcileReturn } from './types.ts';

/** What a pass came to; the queue acts on it by one table. */
export type Outcome =
  | { readonly type: 'success' }
  | { readonly type: 'requeueAfter'; readonly after: number }
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
    return await cycleAndTell(pass, object);
  } catch (error) {
    // Neither a reconcile function nor the API server comes this far.
    return { type: 'error', error };
  }
}

async function cycleAndTell(pass: Pass, object: KubeObject): Promise<Outcome> {
  let outcome = await settle(pass, () => cycle(pass, object));
  if (outcome.type !== 'vanished' && pass.vanished) outcome = { type: 'vanished' };
  tell(pass, outcome);
  if (outcome.type === 'vanished' || pass.revoked) return outcome;
  const flushed = await settle(pass, async () => {
    await pass.flush();
    return outcome;
  });
  // A pass that failed keeps its own failure; one that went well and could not be written down did not go well.
  return outcome.type === 'error' || outcome.type === 'terminal' || outcome.type === 'conflict' ? outcome : flushed;
}

/** One pass of a controller whose keys are no objects. Never throws. */
export function runKeyed(pass: Pass): Promise<Outcome> {
  return settle(pass, async () => {
    const { reconcile } = pass.environment.declaration;
    return outcomeOf(await reconcile(pass.key as never, pass.context as never));
  });
}

async function settle(pass: Pass, action: () => Promise<Outcome>): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await action();
  } catch (error) {
    outcome = classify(error);
  }
  if (!pass.revoked) await pass.settle();
  return outcome;
}

function classify(error: unknown): Outcome {
  if (isTerminal(error)) return { type: 'terminal', error };
  if (isConflict(error) || error instanceof ObjectChanged) return { type: 'conflict', error };
  return { type: 'error', error };
}

async function cycle(pass: Pass, read: KubeObject): Promise<Outcome> {
  const { declaration } = pass.environment;
  const kind = declaration.kind as AnyKind;
  let object: KubeObject | undefined = await stripRetired(pass, kind, read);
  if (!object) return { type: 'vanished' };
  if (object.metadata.deletionTimestamp) return finalize(pass, kind, object);
  if (declaration.finalizer && !hasFinalizer(object, declaration.finalizer)) {
    object = await addFinalizer(pass.client, kind, object, declaration.finalizer);
    pass.seen(object);
  }
  object = await applyDefaults(pass, kind, object);
  const messages = validate(pass, object);
  if (messages.length > 0) return { type: 'invalid', messages };
  return outcomeOf(await declaration.reconcile(object as never, pass.context as never));
}

function outcomeOf(result: ReconcileReturn): Outcome {
  const after = result ? result.requeueAfter : undefined;
  return after === undefined ? { type: 'success' } : { type: 'requeueAfter', after: toMilliseconds(after) };
}

async function stripRetired(pass: Pass, kind: AnyKind, object: KubeObject): Promise<KubeObject | undefined> {
  const retired = pass.environment.declaration.retiredFinalizers.filter((name) => hasFinalizer(object, name));
  if (retired.length === 0) return object;
  const answer = await removeFinalizers(pass.client, kind, object, retired);
  pass.seen(answer);
  return answer;
}

/** Cleans up, and lets go of the object when that is done. Others' finalizers are theirs. */
async function finalize(pass: Pass, kind: AnyKind, object: KubeObject): Promise<Outcome> {
  const { declaration } = pass.environment;
  if (!declaration.finalize || !declaration.finalizer || !hasFinalizer(object, declaration.finalizer)) {
    return { type: 'success' };
  }
  const outcome = outcomeOf(await declaration.finalize(object as never, pass.context as never));
  if (outcome.type === 'requeueAfter') return outcome;
  const present = pass.current();
  if (!present) return { type: 'vanished' };
  const answer = await removeFinalizers(pass.client, kind, present, [declaration.finalizer]);
  pass.seen(answer && (answer.metadata.finalizers?.length ?? 0) > 0 ? answer : undefined);
  return { type: 'success' };
}

/** Runs the declared defaults, twice: what is not the same after the second time would change the object for ever. */
async function applyDefaults(pass: Pass, kind: AnyKind, object: KubeObject): Promise<KubeObject> {
  const fill = pass.environment.declaration.default;
  if (!fill) return object;
  const once = structuredClone(object);
  fill(once as never);
  if (deepEqual(once, object)) return object;
  const twice = structuredClone(once);
  fill(twice as never);
  if (!deepEqual(once, twice)) {
    throw new TerminalError('`default` is not idempotent: run twice it changes the object twice');
  }
  const { uid, resourceVersion } = object.metadata;
  const changes = createMergePatch(object as never, once as never) as { readonly metadata?: object };
  const body = { ...changes, metadata: { ...changes.metadata, uid, resourceVersion } };
  const answer = (await pass.client.patch(kind, keyOf(object), { type: 'merge', body })) as KubeObject;
  pass.seen(answer);
  return answer;
}

function validate(pass: Pass, object: KubeObject): readonly string[] {
  const found = pass.environment.declaration.validate?.(object as never, {}) as readonly unknown[] | undefined;
  return (found ?? []).map(String);
}

/** Conditions and Warning events: what a person sees of the outcome. */
function tell(pass: Pass, outcome: Outcome): void {
  const { conditions } = pass;
  switch (outcome.type) {
    case 'success':
    case 'requeueAfter':
      conditions?.outcome({ type: conditionReason.type, status: 'True', reason: conditionReason.success });
      return;
    case 'invalid': {
      const message = outcome.messages.join('; ');
      conditions?.outcome({ type: conditionReason.type, status: 'False', reason: conditionReason.invalid, message });
      if (firstTime(pass)) pass.event('Warning', 'ProcessingError', `invalid: ${message}`);
      return;
    }
    case 'error':
    case 'terminal': {
      if (isPassRevoked(outcome.error)) return;
      const message = messageOf(outcome.error);
      conditions?.outcome({ type: conditionReason.type, status: 'False', reason: conditionReason.error, message });
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

/** Whether this generation's invalidity is news: neither told by this process nor written in the object. */
function firstTime(pass: Pass): boolean {
  const { reportedInvalid } = pass.environment;
  const object = pass.current();
  if (!object) return false;
  const { uid = '', generation = 0 } = object.metadata;
  const written = pass.conditions?.get(conditionReason.type);
  const known =
    reportedInvalid.get(uid) === generation ||
    (written?.reason === conditionReason.invalid && written.observedGeneration === generation);
  reportedInvalid.set(uid, generation);
  return !known;
}
