import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { type Errors, nonNegative } from './common.ts';
import { readIndexes } from './job-policies.ts';

const status = FieldPath.of('status');

function holds(job: Loose, type: string): boolean {
  const conditions: readonly Loose[] = job.status?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/**
 * What nobody may say of a Job, whoever plays its controller: that it is complete without the steps to it, or open again
 * when it was over. Most rules look at what changes only.
 */
export function validateJobStatus(job: Loose, old: Loose): Errors {
  const errors: Errors = [];
  const given = job.status ?? {};
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating']) {
    nonNegative(given[name], status.child(name), errors);
  }
  checkUncounted(given.uncountedTerminatedPods, errors);
  checkConditions(job, old, errors);
  checkTimes(job, old, errors);
  checkCounts(job, old, errors);
  checkIndexes(job, old, errors);
  return errors;
}

function checkUncounted(pods: Loose, errors: Errors): void {
  const seen = new Set<string>();
  for (const name of pods ? ['succeeded', 'failed'] : []) {
    (pods[name] ?? []).forEach((uid: string, index: number) => {
      const path = status.child('uncountedTerminatedPods', name).index(index);
      if (uid === '') errors.push(FieldError.invalid(path, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(FieldError.duplicate(path, uid));
      seen.add(uid);
    });
  }
}

const terminal = ['Failed', 'Complete', 'FailureTarget'];

function checkConditions(job: Loose, old: Loose, errors: Errors): void {
  const refuse = (why: string) => errors.push(FieldError.invalid(status.child('conditions'), undefined, why));
  const is = (type: string) => holds(job, type);
  const changes = (type: string) => is(type) !== holds(old, type);
  const [complete, failed] = [is('Complete'), is('Failed')];
  const [target, met] = [is('FailureTarget'), is('SuccessCriteriaMet')];
  const completeChanges = changes('Complete');
  const failedIndexesChange = old.status?.failedIndexes !== job.status?.failedIndexes;
  if ((completeChanges || changes('Failed')) && complete && failed) {
    refuse('cannot set Complete=True and Failed=true conditions');
  }
  if ((completeChanges || changes('FailureTarget')) && complete && target) {
    refuse('cannot set Complete=True and FailureTarget=true conditions');
  }
  if ((changes('Failed') || failedIndexesChange) && failed && !target) {
    refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if ((completeChanges || changes('SuccessCriteriaMet')) && complete && !met) {
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
  if (met && failed) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (met && target) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (job.spec?.successPolicy && !met && complete) {
    refuse('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
  }
  for (const type of terminal) {
    if (holds(old, type) && !is(type)) refuse(`cannot disable the terminal ${type}=True condition`);
  }
  if (holds(old, 'SuccessCriteriaMet') && !met) refuse('cannot disable the SuccessCriteriaMet=True condition');
  if (holds(old, 'Complete') && !holds(old, 'SuccessCriteriaMet') && met) {
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  }
}

function isFinished(job: Loose): boolean {
  return holds(job, 'Complete') || holds(job, 'Failed');
}

function checkTimes(job: Loose, old: Loose, errors: Errors): void {
  const { startTime, completionTime } = job.status ?? {};
  const complete = holds(job, 'Complete');
  const completeChanges = complete !== holds(old, 'Complete');
  const startChanges = startTime !== old.status?.startTime;
  const endChanges = completionTime !== old.status?.completionTime;
  const [start, end] = [status.child('startTime'), status.child('completionTime')];
  if ((completeChanges || endChanges) && completionTime && !complete) {
    const why = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(FieldError.invalid(end, completionTime, why));
  }
  if ((completeChanges || endChanges) && !completionTime && complete) {
    errors.push(FieldError.required(end, 'completionTime is required for Complete jobs'));
  }
  if ((startChanges || endChanges) && startTime && completionTime && completionTime < startTime) {
    errors.push(FieldError.invalid(end, completionTime, 'must be equal to or after `startTime`'));
  }
  const asksNothing = job.spec?.suspend === true && job.spec?.completions === 0;
  const finishedChanges = isFinished(job) !== isFinished(old);
  if ((finishedChanges || startChanges) && !asksNothing && !startTime && isFinished(job)) {
    errors.push(FieldError.required(start, 'startTime is required for finished job'));
  }
  if (completionTime && old.status?.completionTime && endChanges) {
    errors.push(FieldError.invalid(end, completionTime, 'field is immutable'));
  }
  if (startChanges && !isResuming(job, old) && old.status?.startTime && !job.spec?.suspend) {
    const why = 'field is immutable for unsuspended job once set';
    errors.push(FieldError.invalid(start, startTime ?? null, why));
  }
}

function isResuming(job: Loose, old: Loose): boolean {
  const conditions: readonly Loose[] = job.status?.conditions ?? [];
  return holds(old, 'Suspended') && conditions.some(({ type, status: is }) => type === 'Suspended' && is === 'False');
}

function checkCounts(job: Loose, old: Loose, errors: Errors): void {
  const [given, before] = [job.status ?? {}, old.status ?? {}];
  const count = (name: string): number => given[name] ?? 0;
  const changes = (name: string) => (given[name] ?? 0) !== (before[name] ?? 0);
  const refuse = (name: string, why: string) => errors.push(FieldError.invalid(status.child(name), count(name), why));
  const finished = isFinished(job);
  const finishedChanges = finished !== isFinished(old);
  if ((finishedChanges || changes('active')) && count('active') > 0 && finished) {
    refuse('active', 'active>0 is invalid for finished job');
  }
  const uncounted = given.uncountedTerminatedPods;
  const uncountedChanges = !deepEqual(uncounted ?? null, before.uncountedTerminatedPods ?? null);
  const some = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0;
  if ((finishedChanges || uncountedChanges) && finished && some) {
    const shown = internalStruct('batch/v1.UncountedTerminatedPods', uncounted);
    const path = status.child('uncountedTerminatedPods');
    errors.push(FieldError.invalid(path, shown, 'must be empty for finished job'));
  }
  if ((finishedChanges || changes('terminating')) && count('terminating') > 0 && finished) {
    refuse('terminating', 'terminating>0 is invalid for finished job');
  }
  if ((changes('ready') || changes('active')) && count('ready') > count('active')) {
    refuse('ready', 'cannot set more ready pods than active');
  }
  if (count('failed') < (before.failed ?? 0)) refuse('failed', 'cannot decrease the failed counter');
  const scales = job.spec?.completionMode === 'Indexed' && job.spec?.completions === job.spec?.parallelism;
  if (!scales && count('succeeded') < (before.succeeded ?? 0)) {
    refuse('succeeded', 'cannot decrease the succeeded counter');
  }
}

function checkIndexes(job: Loose, old: Loose, errors: Errors): void {
  const { completedIndexes: completed = '', failedIndexes: failed } = job.status ?? {};
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {};
  const completedChange = completed !== (old.status?.completedIndexes ?? '');
  const failedChange = failed !== old.status?.failedIndexes;
  const refuse = (name: string, value: Loose, why: string) =>
    errors.push(FieldError.invalid(status.child(name), value, why));
  const problem = (name: string, text: string) => {
    const read = readIndexes(text, completions);
    if ('problem' in read) refuse(name, text, `error parsing ${name}: ${read.problem}`);
  };
  if (completedChange && completions !== undefined) problem('completedIndexes', completed);
  const limited = backoffLimitPerIndex !== undefined;
  if (failedChange && completions !== undefined && limited && failed !== undefined) problem('failedIndexes', failed);
  if (completedChange && completed !== '' && completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    refuse('completedIndexes', completed, why);
  }
  if (failedChange && !limited && failed !== undefined) {
    refuse('failedIndexes', failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null');
  }
}
