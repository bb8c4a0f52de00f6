import { type Activation, type Value, valueOfJson } from '@setpoint/apimachinery/cel';
import type { JsonValue, KubeObject } from '@setpoint/apimachinery/meta';
import type { AdmissionAttributes } from '../../verbs/index.ts';
import {
  type AuthorizerOf,
  type Budget,
  evaluate,
  matchConditions,
  requestVariables,
  Variables,
} from '../expressions/index.ts';
import type { Invocation } from '../match.ts';
import type { CompiledValidation, Policy } from './compile.ts';

/** What the expressions of a policy came to for one object of parameters. */
export interface Verdict {
  readonly denials: readonly Denial[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

export interface Denial {
  readonly message: string;
  readonly reason: string;
  /** Place of the validation in the policy. */
  readonly index: number;
  /** An annotation could not be made: that is denied whatever the binding's actions are. */
  readonly always?: boolean;
}

/** What the validations of one request for one binding may cost together. */
const validationBudget = 10_000_000;
const longestMessage = 5 * 1024;

export function validatePolicy(
  policy: Policy,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  params: KubeObject | undefined,
  authorizerOf: AuthorizerOf,
): Verdict {
  const { failurePolicy } = policy.spec;
  const failed = (message: string): Verdict => ({
    denials: failurePolicy === 'Ignore' ? [] : [{ message, reason: '', index: 0 }],
    annotations: [],
  });
  const budget: Budget = { left: validationBudget };
  const activation = activationOf(policy, attributes, invocation, params, authorizerOf, budget);
  const matched = matchConditions(policy.conditions, activation, failurePolicy);
  if (matched === 'no') return { denials: [], annotations: [] };
  if (matched !== 'yes') return failed(matched.error);
  try {
    const denials = policy.validations.flatMap((one, index) => judge(one, index, activation, budget, failurePolicy));
    const annotated = annotate(policy, activation);
    return { denials: [...denials, ...annotated.denials], annotations: annotated.annotations };
  } catch (error) {
    return failed((error as Error).message);
  }
}

/** What the expressions of a policy see of a request. */
export function activationOf(
  policy: Pick<Policy, 'variables'>,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  params: KubeObject | undefined,
  authorizerOf: AuthorizerOf,
  budget: Budget,
): Activation {
  const ofRequest = requestVariables(attributes, invocation, authorizerOf);
  const shownParams = params === undefined ? null : valueOfJson(params as unknown as JsonValue);
  const activation = (name: string): Value | undefined => {
    if (name === 'params') return shownParams;
    return name === 'variables' ? variables : ofRequest(name);
  };
  const variables = new Variables(policy.variables, activation, budget);
  return activation;
}

function judge(
  { validation, check, message }: CompiledValidation,
  index: number,
  activation: Activation,
  budget: Budget,
  failurePolicy: string | undefined,
): Denial[] {
  const result = evaluate(check, activation, budget);
  if ('error' in result) {
    return failurePolicy === 'Ignore' ? [] : [{ message: result.error, reason: '', index }];
  }
  if (result.value === true) return [];
  const said = message && evaluate(message, activation, budget);
  const own = said && 'value' in said && typeof said.value === 'string' ? usable(said.value) : '';
  const text = own || (validation.message ?? '').trim() || `failed expression: ${validation.expression.trim()}`;
  return [{ message: text, reason: validation.reason ?? 'Invalid', index }];
}

/** A message that is too long or of several lines counts as none. */
function usable(message: string): string {
  const text = message.trim();
  return Buffer.byteLength(text) > longestMessage || text.includes('\n') ? '' : text;
}

function annotate(policy: Policy, activation: Activation): Verdict {
  const denials: Denial[] = [];
  const annotations: { key: string; value: string }[] = [];
  const budget: Budget = { left: validationBudget };
  for (const [index, { key, value }] of policy.auditAnnotations.entries()) {
    const result = evaluate(value, activation, budget);
    if ('error' in result) {
      if (policy.spec.failurePolicy === 'Ignore') continue;
      denials.push({ message: result.error, reason: '', index, always: true });
    } else if (typeof result.value === 'string' && result.value.trim() !== '') {
      annotations.push({ key, value: result.value.trim() });
    }
  }
  return { denials, annotations };
}
