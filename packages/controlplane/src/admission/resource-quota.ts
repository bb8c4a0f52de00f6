import type { KubeObject } from '@setpoint/apimachinery/meta';
import { compareQuantities, type Quantity } from '@setpoint/apimachinery/quantity';
import {
  type Amounts,
  addAmounts,
  type Evaluator,
  equalAmounts,
  evaluatorOf,
  formatAmounts,
  increase,
  only,
  type ResourceQuota,
  readAmounts,
  scopesOf,
  withoutZeros,
  writeAmounts,
  zero,
} from '../quota/index.ts';
import { StatusError } from '../status/index.ts';
import { type AdmissionAttributes, mutableCopy, updateObject, type WriteContext } from '../verbs/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { refused } from './refusal.ts';

const storageKey = '/resourcequotas';

/** It writes as itself, past nobody's rights. */
const apiServer = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

/**
 * Refuses what would exceed a ResourceQuota, and charges it with what it lets pass. What may be used and what is used is
 * as the status of the quota says, which a controller fills in; a quota without a status limits nothing.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  handles(subject) {
    const { namespaced, operation, subresource } = subject;
    if (!namespaced || (operation !== 'CREATE' && operation !== 'UPDATE')) return false;
    const evaluator = evaluatorOf(subject);
    if (!evaluator) return false;
    return operation === 'CREATE' ? subresource === '' : evaluator.handlesUpdate !== undefined;
  },
  validate(attributes) {
    const quotas = attributes.backend.store.collection(storageKey);
    if (quotas.size === 0 || !attributes.object) return undefined;
    const found = Array.from(quotas.present().entries(`${attributes.namespace}/`), ({ object }) => object);
    const request = found.length > 0 ? requestOf(attributes, attributes.object) : undefined;
    if (!request) return undefined;
    const charged = found.filter((quota) => usedAfter(quota, request));
    if (charged.length === 0 || attributes.dryRun) return undefined;
    return chargeAll(charged, request);
  },
};

/** What a request uses. */
interface Request {
  readonly attributes: AdmissionAttributes;
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly evaluator: Evaluator;
  readonly used: Amounts;
  /** More than before. */
  readonly more: Amounts;
}

function requestOf(attributes: AdmissionAttributes, object: KubeObject): Request | undefined {
  const { resource, subresource, oldObject: old, backend } = attributes;
  const evaluator = evaluatorOf(resource);
  if (!evaluator || (old && !evaluator.handlesUpdate?.(object, old, subresource))) return undefined;
  const now = backend.clock.now();
  const used = evaluator.usage(object, now);
  const more = old ? increase(used, evaluator.usage(old, now)) : used;
  return { attributes, object, old, evaluator, used, more };
}

/** What is used of the quota after the request; undefined: it is of no consequence. */
function usedAfter(object: KubeObject, request: Request): Amounts | undefined {
  const { attributes, evaluator } = request;
  const quota = object as ResourceQuota;
  const { name = '' } = quota.metadata;
  const hard = readAmounts(quota.status?.hard);
  const counted = [...hard.keys()].filter((each) => evaluator.counts(each));
  if (counted.length === 0 || !matches(quota, request.object, evaluator)) return undefined;
  const missing = evaluator.missing?.(request.object, counted);
  if (missing !== undefined) throw refused(attributes, `failed quota: ${name}: ${missing}`);
  const used = readAmounts(quota.status?.used);
  if (!counted.every((each) => used.has(each))) {
    throw refused(attributes, `status unknown for quota: ${name}, resources: ${counted.sort().join(',')}`);
  }
  refuseNegative(request);
  const wasCounted = request.old !== undefined && matches(quota, request.old, evaluator);
  const delta = only(withoutZeros(wasCounted ? request.more : request.used), (each) => hard.has(each));
  const after = addAmounts(used, delta);
  if (attributes.subresource !== 'status') refuseExceeding(request, name, { hard, used, delta, after });
  return equalAmounts(after, used) ? undefined : after;
}

function matches(quota: ResourceQuota, object: KubeObject, evaluator: Evaluator): boolean {
  return scopesOf(quota).every((scope) => evaluator.matchesScope(object, scope));
}

function refuseNegative({ attributes, used }: Request): void {
  const negative = only(used, (_, amount) => compareQuantities(amount, zero) < 0);
  if (negative.size === 0) return;
  throw refused(attributes, `quota usage is negative for resource(s): ${[...negative.keys()].sort().join(',')}`);
}

interface Balance {
  readonly hard: Amounts;
  readonly used: Amounts;
  readonly delta: Amounts;
  readonly after: Amounts;
}

function refuseExceeding({ attributes }: Request, name: string, { hard, used, delta, after }: Balance): void {
  const exceeds = (each: string) =>
    delta.has(each) && compareQuantities(after.get(each) as Quantity, hard.get(each) as Quantity) > 0;
  const said = (amounts: Amounts) => formatAmounts(only(amounts, exceeds));
  if (![...hard.keys()].some(exceeds)) return;
  const why = `requested: ${said(delta)}, used: ${said(used)}, limited: ${said(hard)}`;
  throw refused(attributes, `exceeded quota: ${name}, ${why}`);
}

/** One after the other; each is judged again as it is when it is charged. */
async function chargeAll(quotas: readonly KubeObject[], request: Request): Promise<void> {
  const { backend, namespace, signal } = request.attributes;
  const resource = backend.registry.lookup('', 'v1', 'resourcequotas');
  if (!resource) return;
  const context: WriteContext = {
    backend,
    resource,
    namespace,
    user: apiServer,
    userAgent: 'kube-apiserver',
    subresource: 'status',
    dryRun: false,
    ...(signal ? { signal } : {}),
    warn: () => {},
  };
  const make = (current: KubeObject) => {
    const quota = mutableCopy(current);
    const used = usedAfter(current, request);
    if (used) quota.status = { ...quota.status, used: writeAmounts(used) };
    return quota;
  };
  for (const { metadata } of quotas) {
    try {
      await updateObject(context, metadata.name ?? '', { part: 'status', make });
    } catch (error) {
      // What is gone limits nothing any more.
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
    }
  }
}
