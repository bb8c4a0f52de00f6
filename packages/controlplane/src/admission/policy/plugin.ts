import { afterConversions } from '../../registry/index.ts';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import type { AuthorizerOf } from '../expressions/activation.ts';
import { isExempt } from '../match.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import type { PolicyEngine } from './engine.ts';
import type { MutatingPolicyEngine } from './mutating-engine.ts';

const bindings = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';
const mutatingBindings = 'admissionregistration.k8s.io/mutatingadmissionpolicybindings';

/** Reviews are kept nowhere, and no policy is about them. */
const excludedGroups: readonly string[] = ['authentication.k8s.io', 'authorization.k8s.io'];

/** ValidatingAdmissionPolicy; what evaluates expressions is loaded with the first binding. */
export function validatingPolicies(authorizerOf: AuthorizerOf): AdmissionPlugin {
  let engine: PolicyEngine | undefined;
  const load = async (attributes: AdmissionAttributes) => {
    const { PolicyEngine } = await import('./engine.ts');
    engine ??= new PolicyEngine(authorizerOf);
    const loaded = engine;
    await afterConversions(() => loaded.validate(attributes));
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: ({ group }) => !excludedGroups.includes(group),
    validate(attributes) {
      if (attributes.backend.store.collection(bindings).size === 0 || isExempt(attributes)) return undefined;
      if (!engine) return load(attributes);
      const loaded = engine;
      return afterConversions(() => loaded.validate(attributes)) as Promise<void> | undefined;
    },
  };
}

/** MutatingAdmissionPolicy; what evaluates expressions is loaded with the first binding. */
export function mutatingPolicies(authorizerOf: AuthorizerOf): AdmissionPlugin {
  let engine: MutatingPolicyEngine | undefined;
  const load = async () => {
    const { MutatingPolicyEngine } = await import('./mutating-engine.ts');
    engine ??= new MutatingPolicyEngine(authorizerOf);
    return engine;
  };
  const admit = (loaded: MutatingPolicyEngine, attributes: AdmissionAttributes): boolean => {
    const changed = loaded.mutate(attributes);
    if (changed) attributes.reinvocation ??= false;
    return changed;
  };
  return {
    name: 'MutatingAdmissionPolicy',
    // There is nothing to change about a deletion.
    handles: ({ group, operation }) => operation !== 'DELETE' && !excludedGroups.includes(group),
    admit(attributes) {
      if (attributes.backend.store.collection(mutatingBindings).size === 0 || isExempt(attributes)) return undefined;
      if (!engine) return load().then(async (loaded) => void (await afterConversions(() => admit(loaded, attributes))));
      const loaded = engine;
      const changed = afterConversions(() => admit(loaded, attributes));
      // Whoever has changed something answers as if it had been waited for: then all are asked once more.
      if (changed instanceof Promise) return changed.then(() => {});
      return changed ? Promise.resolve() : undefined;
    },
  };
}
