import {
  authorizerValue,
  type Authorizer as CelAuthorizer,
  resourceCheckValue,
  type Value,
  valueOfJson,
} from '@setpoint/apimachinery/cel';
import type { JsonValue, KubeObject } from '@setpoint/apimachinery/meta';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import { type Invocation, namespaceObject } from '../match.ts';
import { requestOf } from '../webhook/review.ts';
import { versioned } from '../webhook/versions.ts';

/** Answers expressions that ask what the user of a request may do. */
export type AuthorizerOf = (attributes: AdmissionAttributes) => CelAuthorizer;

/** The variables of one request for one policy or webhook; made when they are asked for, and once. */
export function requestVariables(
  attributes: AdmissionAttributes,
  invocation: Invocation,
  authorizerOf: AuthorizerOf,
): (name: string) => Value | undefined {
  const made = new Map<string, Value>();
  const makers: Readonly<Record<string, () => Value>> = {
    object: () => json(versioned(attributes, invocation, attributes.object)),
    oldObject: () => json(versioned(attributes, invocation, attributes.oldObject)),
    request: () => json({ ...requestOf('', attributes, invocation), object: null, oldObject: null }),
    namespaceObject: () => json(namespaceShown(attributes)),
    authorizer: () => authorizerValue(authorizerOf(attributes)),
    'authorizer.requestResource': () => resourceCheckValue(authorizerOf(attributes), about(attributes)),
  };
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (!maker) return undefined;
    const value = maker();
    made.set(name, value);
    return value;
  };
}

function json(value: object | undefined): Value {
  return value === undefined ? null : valueOfJson(value as unknown as JsonValue);
}

/** Objects of the cluster have none, and namespaces are among them. */
function namespaceShown(attributes: AdmissionAttributes): object | undefined {
  const { kind } = attributes;
  if (kind.kind === 'Namespace' && kind.group === '') return undefined;
  const namespace = namespaceObject(attributes);
  if (!namespace) return undefined;
  const { metadata, spec, status } = namespace as KubeObject & { spec?: object; status?: object };
  const { ownerReferences: _owners, managedFields: _fields, selfLink: _link, ...shown } = metadata;
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} };
}

function about({ resource, subresource, namespace, name }: AdmissionAttributes) {
  return { group: resource.group, resource: resource.resource, subresource, namespace, name };
}
