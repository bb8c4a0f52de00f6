import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Controller, ControllerContext } from '../host/index.ts';

/** What is wrong with the expressions of a policy, for the kinds that it is about. */
export type CheckPolicyTypes = (
  policy: KubeObject,
) => Promise<readonly { readonly fieldRef: string; readonly warning: string }[]>;

const name = 'validatingadmissionpolicy-status-controller';
const fieldManager = 'validatingadmissionpolicy-status';

interface PolicyObject extends KubeObject {
  readonly status?: { readonly observedGeneration?: number };
}

/** Says in the status of ValidatingAdmissionPolicies what checking the types of their expressions has found. */
export function policyStatusController(check: CheckPolicyTypes): Controller {
  return {
    name,
    serviceAccount: name,
    start(context) {
      const policies = policiesOf(context);
      const queue = context.queue((key) => reconcile(context, key, check));
      context.watch(policies, ({ key, type }) => {
        if (type !== 'delete') queue.add(key);
      });
    },
  };
}

const policiesOf = (context: ControllerContext) =>
  context.resource('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies');

/** Each generation is looked at once: kinds that are served later are not waited for. */
async function reconcile(context: ControllerContext, key: string, check: CheckPolicyTypes): Promise<void> {
  const policies = policiesOf(context);
  const policy = context.client.get(policies, '', key) as PolicyObject | undefined;
  const generation = policy?.metadata.generation ?? 0;
  if (policy === undefined || generation <= (policy.status?.observedGeneration ?? 0)) return;
  const warnings = await check(policy);
  const status = {
    observedGeneration: generation,
    typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {},
  };
  await context.client.apply(policies, { metadata: { name: key }, status }, fieldManager, 'status');
}
