import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { canonicalStruct } from '../canonical.ts';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { checkImmutable, checkSelector, type Errors, nonNegative, selects } from './common.ts';
import { domainPrefixedPath } from './domain-path.ts';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts';
import { checkChosen, shownSelector, validateTemplate } from './templates.ts';

const spec = FieldPath.of('spec');

export function validateJob(job: Loose): Errors {
  return [...generated(job), ...whole(job.spec ?? {}), ...hostNames(job)];
}

/** What a Job says of its pods: its own words, and that it chooses them. */
function whole(given: Loose): Errors {
  const errors: Errors = [];
  validateJobSpec(given, spec, errors);
  const before = errors.length;
  if (!given.selector) errors.push(FieldError.required(spec.child('selector')));
  else checkSelector(given.selector, spec.child('selector'), errors);
  if (!given.selector || errors.length === before) {
    checkChosen(given.selector, given.template, spec.child('template'), errors);
  }
  return errors;
}

/** Its pods are called after it: the last one must be a name still. */
function hostNames(job: Loose): Errors {
  const { completionMode, completions } = job.spec ?? {};
  if (completionMode !== 'Indexed' || !(completions > 0)) return [];
  const host = `${job.metadata.name ?? ''}-${completions - 1}`;
  if (dns1123Label(host).length === 0) return [];
  const why = `will not able to create pod with invalid DNS label: ${host}`;
  return [FieldError.invalid('metadata.name', job.metadata.name ?? '', why)];
}

const uidLabel = 'controller-uid';
const nameLabel = 'job-name';
const prefix = 'batch.kubernetes.io/';

/** Without a manual selector the server makes one, and nothing may be in its way. */
function generated(job: Loose): Errors {
  const errors: Errors = [];
  const { selector, manualSelector, template } = job.spec ?? {};
  if (manualSelector || !selector || !job.metadata.uid) return errors;
  const { uid, name = '' } = job.metadata;
  const labels = template?.metadata?.labels ?? {};
  const path = spec.child('template', 'metadata', 'labels');
  const expected: Record<string, string> = {
    [uidLabel]: uid,
    [nameLabel]: name,
    [prefix + uidLabel]: uid,
    [prefix + nameLabel]: name,
  };
  for (const [key, value] of Object.entries(expected)) {
    if (labels[key] === undefined) errors.push(FieldError.required(path.key(key), `must be '${value}'`));
    else if (labels[key] !== value) {
      errors.push(FieldError.invalid(path.key(key), sorted(labels), `must be '${value}'`));
    }
  }
  const askable: Errors = [];
  checkSelector(selector, spec, askable);
  if (askable.length === 0 && !selects(selector, expected)) {
    errors.push(FieldError.invalid(spec.child('selector'), shownSelector(selector), '`selector` not auto-generated'));
  }
  return errors;
}

function sorted(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const completionModes = ['NonIndexed', 'Indexed'];
const longestManager = 63;

/** What a Job says of itself, and the template of one in a CronJob. */
export function validateJobSpec(job: Loose, path: FieldPath, errors: Errors): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ]) {
    nonNegative(job[name], path.child(name), errors);
  }
  if (job.maxFailedIndexes !== undefined && job.backoffLimitPerIndex === undefined) {
    errors.push(FieldError.required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  if (job.managedBy !== undefined) {
    const at = path.child('managedBy');
    domainPrefixedPath(job.managedBy, at, errors);
    if (job.managedBy.length > longestManager) errors.push(FieldError.tooLong(at, '', longestManager));
  }
  checkMode(job, path, errors);
  if (job.podFailurePolicy) validateFailurePolicy(job, path.child('podFailurePolicy'), errors);
  if (job.successPolicy) {
    const at = path.child('successPolicy');
    if (job.completionMode === 'Indexed') validateSuccessPolicy(job, at, errors);
    else {
      const shown = internalStruct('batch/v1.SuccessPolicy', job.successPolicy);
      errors.push(FieldError.invalid(at, shown, 'requires indexed completion mode'));
    }
  }
  checkReplacement(job, path.child('podReplacementPolicy'), errors);
  validateTemplate(job.template, path.child('template'), errors);
  checkRestart(job, path.child('template', 'spec', 'restartPolicy'), errors);
}

function checkMode(job: Loose, path: FieldPath, errors: Errors): void {
  const { completionMode: mode } = job;
  if (mode !== undefined && !completionModes.includes(mode)) {
    errors.push(FieldError.notSupported(path.child('completionMode'), mode, completionModes));
  }
  if (mode === 'Indexed') checkIndexed(job, path, errors);
  if (mode !== undefined && mode !== 'NonIndexed') return;
  for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
    if (job[name] === undefined) continue;
    errors.push(FieldError.invalid(path.child(name), job[name], 'requires indexed completion mode'));
  }
}

const mostParallel = 100_000;
const many = 100_000;
const mostOfMany = 10_000;

function checkIndexed(job: Loose, path: FieldPath, errors: Errors): void {
  const { completions, parallelism, maxFailedIndexes: failed, backoffLimitPerIndex } = job;
  const refuse = (name: string, why: string) => errors.push(FieldError.invalid(path.child(name), job[name], why));
  if (completions === undefined) {
    errors.push(FieldError.required(path.child('completions'), 'when completion mode is Indexed'));
  }
  if (parallelism > mostParallel) {
    refuse('parallelism', `must be less than or equal to ${mostParallel} when completion mode is Indexed`);
  }
  if (failed > completions) refuse('maxFailedIndexes', 'must be less than or equal to completions');
  if (failed > many) refuse('maxFailedIndexes', `must be less than or equal to ${many}`);
  if (!(completions > many) || backoffLimitPerIndex === undefined) return;
  if (failed === undefined) {
    const why = `must be specified when completions is above ${many}`;
    errors.push(FieldError.required(path.child('maxFailedIndexes'), why));
  }
  const why = `must be less than or equal to ${mostOfMany} when completions are above ${many} and used with backoff limit per index`;
  if (parallelism > mostOfMany) refuse('parallelism', why);
  if (failed > mostOfMany) refuse('maxFailedIndexes', why);
}

function checkReplacement(job: Loose, path: FieldPath, errors: Errors): void {
  const policy = job.podReplacementPolicy;
  const known = job.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy !== undefined && !known.includes(policy)) errors.push(FieldError.notSupported(path, policy, known));
}

function checkRestart(job: Loose, path: FieldPath, errors: Errors): void {
  const policy: string = job.template?.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '') {
    errors.push(FieldError.required(path, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(FieldError.notSupported(path, policy, ['OnFailure', 'Never']));
  } else if (job.podFailurePolicy && policy !== 'Never') {
    const why = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(FieldError.invalid(path, policy, why));
  }
}

export function validateJobUpdate(job: Loose, old: Loose): Errors {
  const again = whole(job.spec ?? {});
  // The server asks twice, and says twice what is wrong.
  const errors: Errors = [...generated(job), ...again, ...hostNames(job), ...again];
  const [next, before] = [job.spec ?? {}, old.spec ?? {}];
  if (next.completionMode !== 'Indexed') {
    checkImmutable(next.completions, before.completions, spec.child('completions'), errors);
  } else if (next.completions !== undefined && next.completions !== before.completions) {
    if (next.completions !== next.parallelism) {
      const why = 'can only be modified in tandem with spec.parallelism';
      errors.push(FieldError.invalid(spec.child('completions'), next.completions, why));
    }
  }
  checkImmutable(shownSelector(next.selector), shownSelector(before.selector), spec.child('selector'), errors);
  checkTemplateUpdate(next, old, errors);
  const structs = { podFailurePolicy: 'batch/v1.PodFailurePolicy', successPolicy: 'batch/v1.SuccessPolicy' };
  for (const name of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    const type = structs[name as 'successPolicy'] as string | undefined;
    const canonical = (value: Loose) => (type && value ? canonicalStruct(type, value) : (value ?? null));
    if (deepEqual(canonical(next[name]), canonical(before[name]))) continue;
    const shown = type && next[name] ? internalStruct(type, next[name]) : (next[name] ?? null);
    errors.push(FieldError.invalid(spec.child(name), shown, 'field is immutable'));
  }
  return errors;
}

/** Where the pods of a suspended Job run, and what they ask for, may change until it has begun. */
function checkTemplateUpdate(next: Loose, old: Loose, errors: Errors): void {
  const before = old.spec ?? {};
  const template = canonicalStruct('core/v1.PodTemplateSpec', next.template ?? {});
  const oldTemplate = canonicalStruct('core/v1.PodTemplateSpec', before.template ?? {});
  const open = mayChange(old);
  const [now, then] = open ? [settled(template), settled(oldTemplate)] : [template, oldTemplate];
  if (before.suspend && open) {
    const [pod, oldPod] = [withoutResources(now.spec, then.spec), withoutResources(then.spec, now.spec)];
    if (deepEqual(pod, oldPod)) return;
    errors.push(FieldError.invalid(spec.child('template.spec'), template.spec, 'field is immutable'));
  } else if (!deepEqual(now, then)) {
    errors.push(FieldError.invalid(spec.child('template'), template, 'field is immutable'));
  }
}

function mayChange({ spec: given, status = {} }: Loose): boolean {
  const conditions: readonly Loose[] = status.conditions ?? [];
  const rests = conditions.some((condition) => condition.type === 'Suspended' && condition.status === 'True');
  return given?.suspend === true && (!status.startTime || rests) && !status.active;
}

/** Without what says where pods run. */
function settled(template: Loose): Loose {
  const { labels: _, annotations: __, ...metadata } = template.metadata ?? {};
  const { affinity, nodeSelector: _a, tolerations: _b, schedulingGates: _c, ...pod } = template.spec ?? {};
  const { nodeAffinity: _d, ...otherAffinity } = affinity ?? {};
  return { ...template, metadata, spec: { ...pod, otherAffinity } };
}

/** Without what containers ask for, where the other has the same containers. */
function withoutResources(pod: Loose, other: Loose): Loose {
  const copy = { ...pod };
  for (const list of ['containers', 'initContainers']) {
    if (pod[list]?.length !== other[list]?.length) continue;
    copy[list] = pod[list]?.map((container: Loose, index: number) => {
      if (container.name !== other[list][index].name) return container;
      const { resources: _, ...rest } = container;
      return rest;
    });
  }
  return copy;
}
