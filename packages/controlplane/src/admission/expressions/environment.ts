import {
  boolType,
  dynType,
  type Environment,
  extendEnvironment,
  intType,
  kubernetesEnvironment,
  listType,
  mapType,
  mutationEnvironment,
  mutationTypes,
  objectType,
  stringType,
  structTypes,
  type Type,
  timestampType,
} from '@setpoint/apimachinery/cel';
import type { KindType } from '@setpoint/apimachinery/rules';

const strings = listType(stringType);

/** What expressions in admission know of `request` and `namespaceObject`; `object`, `oldObject`, `params` are dynamic. */
const structs: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  'kubernetes.GroupVersionKind': { group: stringType, version: stringType, kind: stringType },
  'kubernetes.GroupVersionResource': { group: stringType, version: stringType, resource: stringType },
  'kubernetes.UserInfo': {
    username: stringType,
    uid: stringType,
    groups: strings,
    extra: mapType(stringType, strings),
  },
  'kubernetes.AdmissionRequest': {
    kind: objectType('kubernetes.GroupVersionKind'),
    resource: objectType('kubernetes.GroupVersionResource'),
    subResource: stringType,
    requestKind: objectType('kubernetes.GroupVersionKind'),
    requestResource: objectType('kubernetes.GroupVersionResource'),
    requestSubResource: stringType,
    name: stringType,
    namespace: stringType,
    operation: stringType,
    userInfo: objectType('kubernetes.UserInfo'),
    dryRun: boolType,
    options: dynType,
  },
  'kubernetes.NamespaceMetadata': {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: mapType(stringType, stringType),
    annotations: mapType(stringType, stringType),
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: strings,
  },
  'kubernetes.NamespaceSpec': { finalizers: strings },
  'kubernetes.NamespaceCondition': {
    status: stringType,
    type: stringType,
    lastTransitionTime: timestampType,
    message: stringType,
    reason: stringType,
  },
  'kubernetes.NamespaceStatus': {
    conditions: listType(objectType('kubernetes.NamespaceCondition')),
    phase: stringType,
  },
  'kubernetes.Namespace': {
    metadata: objectType('kubernetes.NamespaceMetadata'),
    spec: objectType('kubernetes.NamespaceSpec'),
    status: objectType('kubernetes.NamespaceStatus'),
  },
};

/** What an expression may use beside the object. */
export interface Declarations {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** The types of which patches are made. */
  readonly patches?: boolean;
  /** The composed variables of a policy, as far as they have been compiled. */
  readonly variables?: Readonly<Record<string, Type>>;
  /** The types of `object` and `oldObject`, and of `params`, where they are known; none are dynamic. */
  readonly types?: { readonly object: KindType; readonly params?: KindType | undefined };
}

export function admissionEnvironment({ params, authorizer, patches, variables, types }: Declarations): Environment {
  const own = variables ? { ...structs, 'kubernetes.variables': variables } : structs;
  const known = patches ? structTypes(own, mutationTypes) : structTypes(own);
  const withObject = types?.object.provider(known) ?? known;
  const provider = types?.params?.provider(withObject) ?? withObject;
  const object = types?.object.type ?? dynType;
  const base = patches ? mutationEnvironment() : kubernetesEnvironment();
  const declared = [
    { name: 'object', type: object },
    { name: 'oldObject', type: object },
    { name: 'namespaceObject', type: objectType('kubernetes.Namespace') },
    { name: 'request', type: objectType('kubernetes.AdmissionRequest') },
    ...(params ? [{ name: 'params', type: types?.params?.type ?? dynType }] : []),
    ...(authorizer
      ? [
          { name: 'authorizer', type: objectType('kubernetes.authorization.Authorizer') },
          // Whoever checks types knows nothing of the request.
          ...(types
            ? []
            : [{ name: 'authorizer.requestResource', type: objectType('kubernetes.authorization.ResourceCheck') }]),
        ]
      : []),
    ...(variables ? [{ name: 'variables', type: objectType('kubernetes.variables') }] : []),
  ];
  return extendEnvironment(base, { variables: declared, provider });
}
