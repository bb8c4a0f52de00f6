import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { ConversionPending } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { type AdmissionAttributes, type Backend, mutableCopy } from '../../verbs/index.ts';
import { type AuthorizerOf, matchConditions } from '../expressions/index.ts';
import { type Invocation, matchRequest } from '../match.ts';
import { refused } from '../refusal.ts';
import { prepareVersions, requested, versioned } from '../webhook/versions.ts';
import { type Binding, compileBinding } from './compile.ts';
import { compileMutatingPolicy, type MutatingPolicy, mutated } from './mutation.ts';
import { paramsOf } from './params.ts';
import { activationOf } from './validate.ts';

const group = 'admissionregistration.k8s.io';

/** What the first round of one request leaves to the second. */
interface Rounds {
  /** Called since the last change, with `reinvocationPolicy: IfNeeded`. */
  invoked: Set<string>;
  readonly again: Set<string>;
  /** The object as it was after the last round. */
  output: KubeObject | undefined;
}

/** One policy for one binding and one object of parameters. */
interface Call {
  readonly policy: MutatingPolicy;
  readonly binding: Binding;
  readonly invocation: Invocation;
  readonly params: KubeObject | undefined;
  readonly id: string;
}

interface Failure {
  readonly policy: MutatingPolicy;
  readonly binding?: Binding;
  readonly message: string;
  readonly reason?: string;
}

/** Changes objects as MutatingAdmissionPolicies say, for the bindings that they have. */
export class MutatingPolicyEngine {
  readonly #authorizerOf: AuthorizerOf;
  readonly #policies = new WeakMap<KubeObject, MutatingPolicy>();
  readonly #bindings = new WeakMap<KubeObject, Binding>();
  readonly #rounds = new WeakMap<AdmissionAttributes, Rounds>();

  constructor(authorizerOf: AuthorizerOf) {
    this.#authorizerOf = authorizerOf;
  }

  /**
   * Answers whether anything was carried out, so that others are to look once more.
   * @throws StatusError where a policy cannot be carried out that must be
   */
  mutate(attributes: AdmissionAttributes): boolean {
    const failures: Failure[] = [];
    const calls = this.#calls(attributes, failures);
    const changed = calls.length > 0 && this.#runOrRestore(attributes, calls, failures);
    const fatal = failures.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
    if (fatal.length > 0) throw refusal(attributes, fatal);
    return changed;
  }

  #calls(attributes: AdmissionAttributes, failures: Failure[]): Call[] {
    const calls: Call[] = [];
    for (const [policy, bindings] of this.#bound(attributes.backend)) {
      let invocation: Invocation | undefined;
      try {
        invocation = matchRequest(policy.criteria, attributes);
      } catch (error) {
        failures.push({ policy, message: `failed to configure policy: ${(error as Error).message}` });
      }
      if (!invocation) continue;
      prepareVersions(attributes, invocation);
      for (const binding of bindings) {
        try {
          if (binding.criteria && !matchRequest(binding.criteria, attributes)) continue;
          for (const params of paramsOf(attributes, policy.spec.paramKind, binding.spec.paramRef)) {
            const { namespace = '', name = '' } = params?.metadata ?? {};
            calls.push({
              policy,
              binding,
              invocation,
              params,
              id: `${policy.name}/${binding.name}/${namespace}/${name}`,
            });
          }
        } catch (error) {
          if (error instanceof ConversionPending) throw error;
          failures.push({ policy, binding, message: `failed to configure binding: ${(error as Error).message}` });
        }
      }
    }
    return calls;
  }

  #bound({ store }: Backend): Map<MutatingPolicy, Binding[]> {
    const policies = store.collection(`${group}/mutatingadmissionpolicies`);
    const found = new Map<MutatingPolicy, Binding[]>();
    for (const { object } of store.collection(`${group}/mutatingadmissionpolicybindings`).present().entries('')) {
      const binding = this.#bindings.get(object) ?? compileBinding(object);
      this.#bindings.set(object, binding);
      const entry = policies.get(binding.spec.policyName);
      if (!entry) continue;
      const policy = this.#policies.get(entry.object) ?? compileMutatingPolicy(entry.object);
      this.#policies.set(entry.object, policy);
      found.set(policy, [...(found.get(policy) ?? []), binding]);
    }
    return new Map([...found].sort(([a], [b]) => (a.name < b.name ? -1 : 1)));
  }

  /** Where a conversion has to be waited for, everything is as if nothing had been done. */
  #runOrRestore(attributes: AdmissionAttributes, calls: readonly Call[], failures: Failure[]): boolean {
    const { object } = attributes;
    const rounds = this.#rounds.get(attributes);
    const kept = rounds && { ...rounds, invoked: new Set(rounds.invoked), again: new Set(rounds.again) };
    try {
      return this.#run(attributes, calls, failures);
    } catch (error) {
      if (error instanceof ConversionPending) {
        attributes.object = object;
        if (kept) this.#rounds.set(attributes, kept);
        else this.#rounds.delete(attributes);
      }
      throw error;
    }
  }

  #run(attributes: AdmissionAttributes, calls: readonly Call[], failures: Failure[]): boolean {
    const rounds = this.#rounds.get(attributes) ?? { invoked: new Set(), again: new Set(), output: undefined };
    this.#rounds.set(attributes, rounds);
    const again = attributes.reinvocation === true;
    if (again && !deepEqual(rounds.output, attributes.object)) requireAgain(rounds);
    let ran = false;
    try {
      for (const call of calls) {
        const outcome = this.#carryOut(attributes, call, failures, again ? rounds.again : undefined);
        if (outcome === 'skipped') continue;
        if (outcome !== 'failed') ran = true;
        if (outcome === 'changed') requireAgain(rounds);
        if (call.policy.spec.reinvocationPolicy === 'IfNeeded') rounds.invoked.add(call.id);
      }
    } finally {
      rounds.output = attributes.object && mutableCopy(attributes.object);
    }
    if (ran) requireAgain(rounds);
    return ran;
  }

  #carryOut(
    attributes: AdmissionAttributes,
    { policy, binding, invocation, params, id }: Call,
    failures: Failure[],
    onlyThese: ReadonlySet<string> | undefined,
  ): 'skipped' | 'failed' | 'same' | 'changed' {
    const activation = () =>
      activationOf(policy, attributes, invocation, params, this.#authorizerOf, { left: Number.POSITIVE_INFINITY });
    const failed = (message: string) => void failures.push({ policy, binding, message, reason: 'Invalid' });
    const matched = matchConditions(policy.conditions, activation(), policy.spec.failurePolicy);
    if (matched === 'no') return 'skipped';
    if (matched !== 'yes') {
      failed(matched.error);
      return 'skipped';
    }
    if (onlyThese && !onlyThese.has(id)) return 'skipped';
    let outcome: 'failed' | 'same' | 'changed' = 'failed';
    for (const mutation of policy.mutations) {
      const object = versioned(attributes, invocation, attributes.object);
      if (!object) continue;
      try {
        const next = mutated(mutation, object, invocation, activation());
        attributes.object = requested(attributes, invocation, next)();
        if (!deepEqual(next, object)) outcome = 'changed';
        else if (outcome === 'failed') outcome = 'same';
      } catch (error) {
        if (error instanceof StatusError || error instanceof ConversionPending) throw error;
        failed((error as Error).message);
      }
    }
    return outcome;
  }
}

function requireAgain(rounds: Rounds): void {
  for (const id of rounds.invoked) rounds.again.add(id);
  rounds.invoked = new Set();
}

function refusal(attributes: AdmissionAttributes, failures: readonly Failure[]): StatusError {
  const texts = failures.map(({ policy, binding, message }) =>
    binding
      ? `policy '${policy.name}' with binding '${binding.name}' denied request: ${message}`
      : `policy "${policy.name}" denied request: ${message}`,
  );
  const causes = texts.map((message) => ({ message }));
  const { status } = refused(attributes, 'admission request denied by policy', causes);
  const reason = failures[0]?.reason ?? 'Forbidden';
  return new StatusError(403, reason, texts[0] ?? '', status.details);
}
