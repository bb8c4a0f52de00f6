import { forbidden } from '../../status/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import type { AuthorizerOf } from '../expressions/activation.ts';
import { type Invocation, matchRequest } from '../match.ts';
import type { Hook } from './configuration.ts';

/** Whether a webhook is to be asked about a request, and about which version of its object; undefined: it is not. */
export function shouldCall(
  hook: Hook,
  attributes: AdmissionAttributes,
  conditions: Conditions,
): Invocation | undefined {
  const { webhook, namespaceSelector, objectSelector } = hook;
  const criteria = {
    rules: webhook.rules ?? [],
    matchPolicy: webhook.matchPolicy ?? 'Equivalent',
    namespaceSelector,
    objectSelector,
  };
  const invocation = matchRequest(criteria, attributes);
  if (!invocation || !webhook.matchConditions?.length) return invocation;
  const matched = conditions(hook, attributes, invocation);
  if (matched === 'yes') return invocation;
  if (matched === 'no') return undefined;
  throw forbidden(attributes.resource, attributes.name, matched.error);
}

/** Evaluates the conditions of hooks. What that takes is loaded when a hook has some. */
export type Conditions = (
  hook: Hook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
) => 'yes' | 'no' | { readonly error: string };

/** Where hooks have conditions, what evaluates them must be there first. */
export function createConditions(
  authorizerOf: AuthorizerOf,
): (hooks: readonly Hook[]) => Conditions | Promise<Conditions> {
  let loaded: Conditions | undefined;
  const load = async () => {
    const { hookConditions } = await import('./conditions.ts');
    loaded ??= hookConditions(authorizerOf);
    return loaded;
  };
  return (hooks) => {
    if (loaded) return loaded;
    return hooks.some(({ webhook }) => webhook.matchConditions?.length) ? load() : none;
  };
}

const none: Conditions = () => 'yes';
