import type { MutableObject, Read, ReadRequest } from '../registry/index.ts';
import { badRequest, notFound, notImplemented } from '../status/index.ts';
import { type Backend, collectionOf } from '../verbs/index.ts';
import { pods, resourceOf } from './pods.ts';

export function podOf(backend: Backend, { namespace, name }: ReadRequest): MutableObject | undefined {
  const resource = resourceOf(backend, '', 'v1', 'pods');
  return collectionOf(backend, resource).get(`${namespace}/${name}`)?.object as MutableObject | undefined;
}

/** @throws StatusError 400 for a container that there is not, or if it is not said which */
export function containerOf(pod: MutableObject, wanted: string): string {
  const { name } = pod.metadata;
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
  const names: readonly string[] = all.map((one) => one.name);
  if (wanted !== '') {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
    return wanted;
  }
  if (pod.spec.containers.length === 1) return pod.spec.containers[0].name;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
}

/** @throws StatusError 404, which counts the node among the pods as the real server does */
export function requireNode(backend: Backend, name: string): void {
  if (!collectionOf(backend, resourceOf(backend, '', 'v1', 'nodes')).get(name)) throw notFound(pods, name);
}

/** What opens a stream to a kubelet: refused for what the real server finds wrong before it would ask one, then as not there. */
export function podStream(backend: () => Backend, subresource: 'exec' | 'attach' | 'portforward'): Read {
  return (request) => {
    const pod = podOf(backend(), request);
    if (!pod) throw notFound(pods, request.name);
    if (subresource !== 'portforward') containerOf(pod, request.query.get('container') ?? '');
    if (!pod.spec.nodeName) throw badRequest(`pod ${request.name} does not have a host assigned`);
    requireNode(backend(), pod.spec.nodeName);
    throw notImplemented(`the subresource pods/${subresource}`);
  };
}
