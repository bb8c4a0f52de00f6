import type { KubeObject } from '@setpoint/apimachinery/meta';
import { notImplemented } from '../../status/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import { type Invocation, matchRequest } from '../match.ts';
import type { Hook } from './configuration.ts';

/** Whether a webhook is to be asked about a request, and about which version of its object; undefined: it is not. */
export function shouldCall(
  { webhook, namespaceSelector, objectSelector }: Hook,
  attributes: AdmissionAttributes,
  object: KubeObject | undefined = attributes.object,
): Invocation | undefined {
  const criteria = {
    rules: webhook.rules ?? [],
    matchPolicy: webhook.matchPolicy ?? 'Equivalent',
    namespaceSelector,
    objectSelector,
  };
  const invocation = matchRequest(criteria, attributes, object);
  if (invocation && webhook.matchConditions?.length) throw notImplemented('matchConditions of a webhook');
  return invocation;
}
