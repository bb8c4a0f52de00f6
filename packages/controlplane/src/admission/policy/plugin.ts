import type { AdmissionAttributes } from '../../verbs/index.ts';
import type { AuthorizerOf } from '../expressions/activation.ts';
import { isExempt } from '../match.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import type { PolicyEngine } from './engine.ts';

const bindings = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';

/** Reviews are kept nowhere, and no policy is about them. */
const excludedGroups: readonly string[] = ['authentication.k8s.io', 'authorization.k8s.io'];

/** ValidatingAdmissionPolicy; what evaluates expressions is loaded with the first binding. */
export function validatingPolicies(authorizerOf: AuthorizerOf): AdmissionPlugin {
  let engine: PolicyEngine | undefined;
  const load = async (attributes: AdmissionAttributes) => {
    const { PolicyEngine } = await import('./engine.ts');
    engine ??= new PolicyEngine(authorizerOf);
    engine.validate(attributes);
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: ({ group }) => !excludedGroups.includes(group),
    validate(attributes) {
      if (attributes.backend.store.collection(bindings).size === 0 || isExempt(attributes)) return undefined;
      if (!engine) return load(attributes);
      engine.validate(attributes);
      return undefined;
    },
  };
}
