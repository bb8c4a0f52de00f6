import { stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { ConversionPending } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import type { AdmissionAttributes, Backend } from '../../verbs/index.ts';
import type { AuthorizerOf } from '../expressions/index.ts';
import { type Invocation, matchRequest } from '../match.ts';
import { refused } from '../refusal.ts';
import { prepareVersions } from '../webhook/versions.ts';
import { type Binding, compileBinding, compilePolicy, type Policy } from './compile.ts';
import { paramsOf } from './params.ts';
import { type Denial, validatePolicy } from './validate.ts';

const group = 'admissionregistration.k8s.io';
const longestAnnotation = 10 * 1024;

interface Denied {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: string;
}

/** Evaluates ValidatingAdmissionPolicies for the bindings that they have. */
export class PolicyEngine {
  readonly #authorizerOf: AuthorizerOf;
  readonly #policies = new WeakMap<KubeObject, Policy>();
  readonly #bindings = new WeakMap<KubeObject, Binding>();

  constructor(authorizerOf: AuthorizerOf) {
    this.#authorizerOf = authorizerOf;
  }

  /** @throws StatusError for what the first policy denies */
  validate(attributes: AdmissionAttributes): void {
    const denied: Denied[] = [];
    for (const [policy, bindings] of this.#bound(attributes.backend)) {
      const annotations = new Map<string, string[]>();
      for (const one of this.#askPolicy(policy, bindings, attributes, annotations)) denied.push(one);
      for (const [key, values] of annotations) attributes.annotate(`${policy.name}/${key}`, values.join(', '));
    }
    const [first] = denied;
    if (first) throw denial(attributes, first);
  }

  /** Policies that have bindings, by name, each with them. */
  #bound({ store }: Backend): Map<Policy, Binding[]> {
    const policies = store.collection(`${group}/validatingadmissionpolicies`);
    const bindings = store.collection(`${group}/validatingadmissionpolicybindings`);
    const found = new Map<Policy, Binding[]>();
    for (const { object } of bindings.present().entries('')) {
      const binding = this.#binding(object);
      const entry = policies.get(binding.spec.policyName);
      if (!entry) continue;
      const policy = this.#policy(entry.object);
      found.set(policy, [...(found.get(policy) ?? []), binding]);
    }
    return new Map([...found].sort(([a], [b]) => (a.name < b.name ? -1 : 1)));
  }

  #policy(object: KubeObject): Policy {
    const policy = this.#policies.get(object) ?? compilePolicy(object);
    this.#policies.set(object, policy);
    return policy;
  }

  #binding(object: KubeObject): Binding {
    const binding = this.#bindings.get(object) ?? compileBinding(object);
    this.#bindings.set(object, binding);
    return binding;
  }

  *#askPolicy(
    policy: Policy,
    bindings: readonly Binding[],
    attributes: AdmissionAttributes,
    annotations: Map<string, string[]>,
  ): Generator<Denied> {
    const misconfigured = (error: unknown, binding?: Binding): Denied[] => {
      if (policy.spec.failurePolicy === 'Ignore') return [];
      const message = `failed to configure ${binding ? 'binding' : 'policy'}: ${(error as Error).message}`;
      return [{ policy, binding, message, reason: '' }];
    };
    let invocation: Invocation | undefined;
    try {
      invocation = matchRequest(policy.criteria, attributes);
    } catch (error) {
      yield* misconfigured(error);
    }
    if (!invocation) return;
    prepareVersions(attributes, invocation);
    for (const binding of bindings) {
      let params: ReturnType<typeof paramsOf>;
      try {
        if (binding.criteria && !matchRequest(binding.criteria, attributes)) continue;
        params = paramsOf(attributes, policy.spec.paramKind, binding.spec.paramRef);
      } catch (error) {
        if (error instanceof ConversionPending) throw error;
        yield* misconfigured(error, binding);
        continue;
      }
      for (const one of params) {
        const verdict = validatePolicy(policy, attributes, invocation, one, this.#authorizerOf);
        for (const found of verdict.denials) yield* act(policy, binding, attributes, found);
        for (const { key, value } of verdict.annotations) collect(annotations, key, value.slice(0, longestAnnotation));
      }
    }
  }
}

function collect(annotations: Map<string, string[]>, key: string, value: string): void {
  const values = annotations.get(key) ?? [];
  if (!values.includes(value)) annotations.set(key, [...values, value]);
}

/** Does what the binding says about a denial. */
function* act(policy: Policy, binding: Binding, attributes: AdmissionAttributes, found: Denial): Generator<Denied> {
  const { message, reason, index, always } = found;
  if (always) {
    yield { policy, binding, message, reason };
    return;
  }
  const actions = binding.spec.validationActions ?? [];
  for (const action of actions) {
    if (action === 'Deny') yield { policy, binding, message, reason };
    else if (action === 'Warn') {
      const by = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
      attributes.warn(`Validation failed for ${by}: ${message}`);
    } else {
      const failure = {
        message,
        policy: policy.name,
        binding: binding.name,
        expressionIndex: index,
        validationActions: actions,
      };
      attributes.annotate('validation.policy.admission.k8s.io/validation_failure', stringifyJson([failure]));
    }
  }
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** Worded as something forbidden, with the code and reason that the policy chose. */
function denial(attributes: AdmissionAttributes, { policy, binding, message, reason }: Denied): StatusError {
  const by = `ValidatingAdmissionPolicy '${policy.name}'${binding ? ` with binding '${binding.name}'` : ''}`;
  const why = `${by} denied request: ${message}`;
  const { status } = refused(attributes, why, [{ message: why }]);
  const chosen = reason || 'Invalid';
  return new StatusError(codes[chosen] ?? 422, chosen, status.message ?? '', status.details);
}
