import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { conditionOf, listAt, textAt, valueAt } from './fields.ts';
import { failed, progressing, ready } from './states.ts';
import type { Readiness } from './types.ts';
import { daemonSet, deployment, job, pod, replicaSet, statefulSet } from './workloads.ts';

/** Kinds that say in their own way how far they are, by kind and group. */
const own: Readonly<Record<string, (object: KubeObject) => Readiness>> = {
  'Deployment.apps': deployment,
  'ReplicaSet.apps': replicaSet,
  'StatefulSet.apps': statefulSet,
  'DaemonSet.apps': daemonSet,
  'Job.batch': job,
  Pod: pod,
  PersistentVolumeClaim: claim,
  Service: service,
  'Ingress.networking.k8s.io': ingress,
  Namespace: namespace,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinition,
  'APIService.apiregistration.k8s.io': (object) => readyByCondition('Available')(object),
};

/**
 * How far an object is, of whatever kind. An object that is being deleted, or of which its own controller has not seen
 * the present generation, is progressing; so is one with a condition `Reconciling`, and failed is one with `Stalled`.
 *
 * | kind | ready when |
 * |---|---|
 * | Deployment | all replicas are updated and available, and no old ones are left; failed after its progress deadline |
 * | StatefulSet | all replicas are ready and of the newest revision, or as many as its partition lets; with OnDelete, always |
 * | DaemonSet, ReplicaSet | all Pods it needs are updated, available and ready |
 * | Job | it has completed; failed when it has failed |
 * | Pod | its condition Ready is `True`, or it has succeeded; failed in a crash loop, or when it has failed |
 * | PersistentVolumeClaim | it is bound; failed when it has lost its volume |
 * | Service | of type LoadBalancer: it has an address; all others: at once |
 * | Ingress | it has an address |
 * | Namespace | it is active |
 * | CustomResourceDefinition | it is established; failed when its names are not accepted |
 * | APIService | its condition Available is `True` |
 * | every other kind | its condition `Ready` is `True` and of this generation; where it has none, at once |
 *
 * A custom resource that no controller has looked at yet has no condition and counts as ready: where that matters, use
 * `readyByCondition('Ready')`, which asks for the condition. A claim of a storage class that waits for its first
 * consumer is bound only when a Pod uses it: nothing that such a Pod needs may depend on it.
 *
 * The facts are those of kstatus (sigs.k8s.io/cli-utils); Job, Pod, Service and Ingress are stricter than there, since
 * whatever depends on them needs more than that somebody has begun.
 */
export function readinessOf(object: KubeObject): Readiness {
  const early = general(object);
  if (early) return early;
  const { group } = parseApiVersion(object.apiVersion);
  return (own[group === '' ? object.kind : `${object.kind}.${group}`] ?? custom)(object);
}

/**
 * Ready once the condition is `True` and, where it says so, about the present generation: for custom resources that
 * have a condition of their own, and for those whose condition is still to come. `Unknown`, `False` and a missing one
 * are progressing.
 *
 * @param type such as `Ready`, `Available`, `Established`
 */
export function readyByCondition(type: string): (object: KubeObject) => Readiness {
  return (object) =>
    general(object) ?? byCondition(object, type) ?? progressing(`${type}Missing`, `it has no condition ${type} yet`);
}

/** What is true of every kind, before anything else is looked at. */
function general(object: KubeObject): Readiness | undefined {
  const { deletionTimestamp, generation } = object.metadata;
  if (deletionTimestamp) return progressing('Terminating', 'it is being deleted');
  const observed = valueAt(object, 'status', 'observedGeneration');
  if (generation !== undefined && typeof observed === 'number' && observed !== generation) {
    return progressing('GenerationNotObserved', `generation ${generation} is not observed yet, ${observed} is`);
  }
  const moving = conditionOf(object, 'Reconciling');
  if (moving?.status === 'True') return progressing(moving.reason || 'Reconciling', moving.message);
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return failed(stalled.reason || 'Stalled', stalled.message);
  return undefined;
}

function custom(object: KubeObject): Readiness {
  return byCondition(object, 'Ready') ?? ready;
}

function byCondition(object: KubeObject, type: string): Readiness | undefined {
  const condition = conditionOf(object, type);
  if (!condition) return undefined;
  const { generation = 0 } = object.metadata;
  if ((condition.observedGeneration ?? generation) < generation) {
    return progressing(`${type}Outdated`, `${type} is about generation ${condition.observedGeneration}`);
  }
  if (condition.status === 'True') return ready;
  return progressing(condition.reason || `Not${type}`, condition.message || `${type} is ${condition.status}`);
}

function claim(object: KubeObject): Readiness {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return ready;
  if (phase === 'Lost') return failed('VolumeLost', 'it has lost its volume');
  return progressing('NotBound', `it is not bound (${phase || 'nobody has looked at it yet'})`);
}

function service(object: KubeObject): Readiness {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return ready;
  return hasAddress(object) ?? progressing('NoAddress', 'the load balancer has no address yet');
}

function ingress(object: KubeObject): Readiness {
  return hasAddress(object) ?? progressing('NoAddress', 'no controller has given it an address yet');
}

function hasAddress(object: KubeObject): Readiness | undefined {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0 ? ready : undefined;
}

function namespace(object: KubeObject): Readiness {
  const phase = textAt(object, 'status', 'phase');
  return phase === 'Active' || phase === '' ? ready : progressing('Terminating', 'it is being deleted');
}

function customResourceDefinition(object: KubeObject): Readiness {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(names.reason || 'NamesNotAccepted', names.message);
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') return ready;
  if (established?.status === 'False' && established.reason !== 'Installing') {
    return failed(established.reason || 'NotEstablished', established.message);
  }
  return progressing('Installing', 'it is being installed');
}
