import type { KubeObject } from '@setpoint/apimachinery/meta';
import { invalid } from '../../status/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const resources: readonly string[] = [
  'validatingadmissionpolicies',
  'mutatingadmissionpolicies',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
];

/**
 * Refuses configurations of admission whose expressions cannot be compiled. The real server does so while it
 * validates; here it comes right behind that, because what compiles is loaded only when there is something to compile.
 */
export const expressionValidation: AdmissionPlugin = {
  name: 'ExpressionValidation',
  handles: ({ group, resource, subresource, operation }) =>
    group === 'admissionregistration.k8s.io' &&
    resources.includes(resource) &&
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE'),
  validate: (attributes) => (hasExpressions(attributes.object) ? check(attributes) : undefined),
};

function hasExpressions(object: KubeObject | undefined): boolean {
  const { spec, webhooks = [] } = (object ?? {}) as {
    spec?: object;
    webhooks?: readonly { readonly matchConditions?: readonly unknown[] }[];
  };
  return spec !== undefined || webhooks.some(({ matchConditions }) => matchConditions?.length);
}

async function check({ resource, object, oldObject }: AdmissionAttributes): Promise<void> {
  if (!object) return;
  const { policyErrors, webhookErrors } = await import('./validate.ts');
  const find = resource.resource.endsWith('admissionpolicies') ? policyErrors : webhookErrors;
  const errors = find(object, oldObject);
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
}
