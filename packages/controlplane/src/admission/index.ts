import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Registry } from '../registry/index.ts';
import type { ExpressionWarning } from './policy/type-checking.ts';

export type { ServiceResolver } from '../http/index.ts';
export { type AdmissionChain, type AdmissionOptions, createAdmission } from './chain.ts';
export { type AdmissionPlugins, enabledPlugins } from './plugins.ts';

/** What checking the types of a ValidatingAdmissionPolicy finds; CEL is loaded for the first. */
export async function checkPolicyTypes(policy: KubeObject, registry: Registry): Promise<readonly ExpressionWarning[]> {
  const { checkTypes } = await import('./policy/type-checking.ts');
  return checkTypes(policy, registry);
}
