import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { ServedResource } from '../../registry/index.ts';
import { type AdmissionAttributes, type Backend, collectionOf, keyOf } from '../../verbs/index.ts';
import type { ParamRef, PolicySpec } from './types.ts';

/**
 * The objects with which a policy is to be evaluated for one binding, one after the other; undefined stands for none.
 * @throws Error where the binding or what it refers to is not as it should be
 */
export function paramsOf(
  { backend, namespace }: AdmissionAttributes,
  paramKind: PolicySpec['paramKind'],
  paramRef: ParamRef | undefined,
): readonly (KubeObject | undefined)[] {
  if (!paramKind || !paramRef) return [undefined];
  const resource = resourceOf(backend, paramKind);
  const found = lookUp(backend, resource, paramRef, namespaceOf(resource, paramRef, namespace));
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny') {
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

function resourceOf(backend: Backend, { apiVersion, kind }: NonNullable<PolicySpec['paramKind']>): ServedResource {
  const { group, version } = parseApiVersion(apiVersion);
  const resource = backend.registry
    .list()
    .find((one) => one.kind === kind && one.group === group && one.version === version);
  if (resource) return resource;
  throw new Error(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`);
}

function namespaceOf(resource: ServedResource, paramRef: ParamRef, namespace: string): string {
  if (!resource.namespaced) {
    if (paramRef.namespace) throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return '';
  }
  const wanted = paramRef.namespace || namespace;
  if (wanted !== '') return wanted;
  throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

function lookUp(backend: Backend, resource: ServedResource, paramRef: ParamRef, namespace: string): KubeObject[] {
  const collection = collectionOf(backend, resource);
  if (paramRef.name) {
    const entry = collection.get(keyOf(resource, namespace, paramRef.name));
    return entry ? [resource.fromStorage(entry.object)] : [];
  }
  const selector = labelSelectorOf(paramRef.selector ?? {});
  const entries = collection.present().entries(namespace === '' ? '' : `${namespace}/`);
  return Array.from(entries, ({ object }) => resource.fromStorage(object)).filter(({ metadata }) =>
    selector.matches(metadata.labels),
  );
}
