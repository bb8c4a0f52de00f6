import type { Clock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ActionRequest, MutableObject, ServedResource } from '../registry/index.ts';
import { notFound } from '../status/index.ts';
import type { Entry } from '../store/index.ts';
import { type Backend, collectionOf, keyOf, timestamp, type WriteContext } from '../verbs/index.ts';

export const pods = { group: '', resource: 'pods' };

/** What an act upon a pod writes by: in the name of who asked for it, and past admission, which has been asked. */
export function podContext(backend: Backend, request: ActionRequest, dryRun: boolean): WriteContext {
  const { user, namespace, warn } = request;
  return { backend, resource: resourceOf(backend, '', 'v1', 'pods'), namespace, user, dryRun, warn };
}

export function resourceOf(backend: Backend, group: string, version: string, plural: string): ServedResource {
  const resource = backend.registry.lookup(group, version, plural);
  if (!resource) throw notFound({ group, resource: plural }, '');
  return resource;
}

/** @throws StatusError 404 */
export function podEntry({ backend, resource, namespace }: WriteContext, name: string): Entry {
  const entry = collectionOf(backend, resource).get(keyOf(resource, namespace, name));
  if (!entry) throw notFound(pods, name);
  return entry;
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export function conditionsOf(pod: KubeObject): readonly PodCondition[] {
  const { status } = pod as { readonly status?: { readonly conditions?: readonly PodCondition[] | null } };
  return status?.conditions ?? [];
}

/** Sets one condition as kubelet and scheduler do: the time of its change stays while its status does. */
export function setPodCondition(pod: MutableObject, condition: PodCondition, clock: Clock): void {
  pod.status ??= {};
  const conditions: MutableObject['conditions'][] = pod.status.conditions ?? [];
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : timestamp(clock.now());
  const next = { ...old, ...condition, lastProbeTime: old?.lastProbeTime ?? null, lastTransitionTime };
  pod.status.conditions = old ? conditions.map((one) => (one === old ? next : one)) : [...conditions, next];
}
