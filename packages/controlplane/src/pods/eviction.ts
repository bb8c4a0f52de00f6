import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Action, ActionRequest, MutableObject } from '../registry/index.ts';
import { badRequest, conflict, invalid, plainServerError } from '../status/index.ts';
import {
  type Backend,
  commitObject,
  type DeleteOptions,
  deleteAtOnce,
  mutableCopy,
  storable,
  type WriteContext,
} from '../verbs/index.ts';
import { budgetsOf, stillProcessing, takeFromBudget } from './budget.ts';
import { conditionsOf, podContext, podEntry, setPodCondition } from './pods.ts';

/** POST of `pods/x/eviction`: deletes a pod unless a PodDisruptionBudget has something against it. */
export function podEviction(backend: () => Backend): Action {
  return { keepsSystemFields: true, run: (body, request) => evict(backend(), body, request) };
}

async function evict(backend: Backend, eviction: MutableObject, request: ActionRequest): Promise<undefined> {
  const { name = '' } = eviction.metadata;
  if (name !== request.name) throw badRequest('name in URL does not match name in Eviction object');
  const options = deleteOptions(eviction, request);
  await request.validate();
  const context = podContext(backend, request, options.dryRun);
  const { object } = podEntry(context, name);
  const exact = isUndisrupted(object) ? undefined : askBudgets(context, object);
  removePod(context, name, options, exact);
  return undefined;
}

/** Pods that have not begun, are over, or are on their way out anyway: no budget counts them. */
function isUndisrupted(pod: KubeObject): boolean {
  const { phase } = (pod as MutableObject).status ?? {};
  return ['Succeeded', 'Failed', 'Pending'].includes(phase) || pod.metadata.deletionTimestamp !== undefined;
}

/**
 * Takes one disruption from the budget of a pod.
 *
 * @returns the name of a budget that lets the pod go only as it is now: one that is not healthy disrupts nothing
 * @throws StatusError 429 when the budget is used up
 */
function askBudgets(context: WriteContext, pod: KubeObject): string | undefined {
  const [budget, ...more] = budgetsOf(context, pod);
  if (!budget) return undefined;
  if (more.length > 0) {
    throw plainServerError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const { spec = {}, status = {}, metadata } = budget.object as MutableObject;
  if (!conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True')) {
    if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return metadata.name;
    if (status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy) return metadata.name;
  }
  takeFromBudget(context, budget, pod.metadata.name ?? '');
  return undefined;
}

function removePod(context: WriteContext, name: string, options: DeleteOptions, exact: string | undefined): void {
  const { backend, resource, dryRun } = context;
  const entry = podEntry(context, name);
  checkPreconditions(entry.object, name, options);
  let preconditions = options.preconditions;
  if (!dryRun) {
    const pod = mutableCopy(resource.fromStorage(entry.object));
    const reason = { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };
    setPodCondition(pod, { type: 'DisruptionTarget', status: 'True', ...reason }, backend.clock);
    const written = commitObject(context, entry.key, entry.revision, storable(resource, pod), 'update');
    if (!written) throw stillProcessing(exact ?? '');
    if (preconditions?.resourceVersion) preconditions = { ...preconditions, resourceVersion: String(written.revision) };
  }
  deleteAtOnce(context, name, { ...options, ...(preconditions ? { preconditions } : {}) });
}

function checkPreconditions({ metadata }: KubeObject, name: string, { preconditions }: DeleteOptions): void {
  const refuse = (why: string) => conflict({ group: '', resource: 'Pod' }, name, why);
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== metadata.uid)
    throw refuse(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
}

/** As the body has them; a dry run may be asked for in either place. */
function deleteOptions(eviction: MutableObject, request: ActionRequest): DeleteOptions {
  const given = eviction.deleteOptions ?? {};
  if (given.ignoreStoreReadErrorWithClusterBreakingPotential) {
    const field = 'deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential';
    const why = 'can not be set for pod eviction, try after removing the option';
    throw invalid({ group: 'policy', kind: 'Eviction' }, request.name, [FieldError.invalid(field, true, why)]);
  }
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = given;
  return {
    dryRun: request.dryRun || given.dryRun?.length > 0,
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(preconditions ? { preconditions } : {}),
  };
}
