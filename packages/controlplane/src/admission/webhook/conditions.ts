import type { Expression } from '../expressions/index.ts';
import { type AuthorizerOf, compileConditions, matchConditions, requestVariables } from '../expressions/index.ts';
import type { Hook } from './configuration.ts';
import type { Conditions } from './should-call.ts';
import { prepareVersions } from './versions.ts';

/** The match conditions of webhooks, compiled once each. */
export function hookConditions(authorizerOf: AuthorizerOf): Conditions {
  const compiled = new WeakMap<Hook, readonly Expression[]>();
  return (hook, attributes, invocation) => {
    const { matchConditions: conditions = [], failurePolicy } = hook.webhook;
    if (conditions.length === 0) return 'yes';
    const expressions = compiled.get(hook) ?? compileConditions(conditions, { params: false, authorizer: true });
    compiled.set(hook, expressions);
    prepareVersions(attributes, invocation);
    return matchConditions(expressions, requestVariables(attributes, invocation, authorizerOf), failurePolicy);
  };
}
