import { type Activation, listType, objectType, type Type } from '@setpoint/apimachinery/cel';
import { formatApiVersion, type JsonValue, type KubeObject } from '@setpoint/apimachinery/meta';
import { applyJsonPatch, decodeJsonPatch, JsonPatchError } from '@setpoint/apimachinery/patch';
import { mergeConfiguration } from '../../apply/index.ts';
import {
  type Budget,
  compileConditions,
  compileExpression,
  type Declarations,
  type Expression,
  evaluate,
} from '../expressions/index.ts';
import type { Invocation, MatchCriteria } from '../match.ts';
import { criteriaOf } from './compile.ts';
import { jsonOfValue, patchOperations, typeMismatches } from './patch-values.ts';
import type { MutatingPolicySpec, Mutation } from './types.ts';

export interface MutatingPolicy {
  readonly name: string;
  readonly spec: MutatingPolicySpec;
  readonly criteria: MatchCriteria;
  readonly conditions: readonly Expression[];
  readonly variables: ReadonlyMap<string, Expression>;
  readonly mutations: readonly CompiledMutation[];
}

export interface CompiledMutation {
  readonly patchType: Mutation['patchType'];
  readonly expression: Expression;
}

/** What the expressions of one mutation may result in. */
export const resultTypes: Readonly<Record<Mutation['patchType'], readonly Type[]>> = {
  ApplyConfiguration: [objectType('Object')],
  JSONPatch: [listType(objectType('JSONPatch'))],
};

export function textOf({ patchType, applyConfiguration, jsonPatch }: Mutation): string {
  return (patchType === 'JSONPatch' ? jsonPatch?.expression : applyConfiguration?.expression) ?? '';
}

/** Compiles all expressions of a policy; what cannot be compiled is kept with its error. */
export function compileMutatingPolicy(object: KubeObject): MutatingPolicy {
  const { spec } = object as KubeObject & { readonly spec: MutatingPolicySpec };
  const variables = new Map<string, Expression>();
  const types: Record<string, Type> = {};
  const declarations = (): Declarations => ({
    params: spec.paramKind !== undefined,
    authorizer: true,
    variables: { ...types },
  });
  for (const { name, expression } of spec.variables ?? []) {
    const variable = compileExpression(expression, declarations(), []);
    variables.set(name, variable);
    types[name] = variable.type;
  }
  const full = declarations();
  return {
    name: object.metadata.name ?? '',
    spec,
    criteria: criteriaOf(spec.matchConstraints ?? {}),
    conditions: compileConditions(spec.matchConditions ?? [], full),
    variables,
    mutations: (spec.mutations ?? []).map((mutation) => ({
      patchType: mutation.patchType,
      expression: compileExpression(textOf(mutation), { ...full, patches: true }, resultTypes[mutation.patchType]),
    })),
  };
}

/** What one mutation may cost. */
const mutationBudget = 10_000_000;

/**
 * The object after one mutation, as it is served.
 * @throws Error that says why it cannot be
 */
export function mutated(
  { patchType, expression }: CompiledMutation,
  object: KubeObject,
  { resource }: Invocation,
  activation: Activation,
): unknown {
  const budget: Budget = { left: mutationBudget };
  const result = evaluate(expression, activation, budget);
  if ('error' in result) throw new Error(result.error);
  if (patchType === 'JSONPatch') return patched(object, patchOperations(result.value));
  const mismatches = typeMismatches(result.value, ['Object']);
  if (mismatches.length > 0) throw new Error(`type mismatch: ${mismatches.join('\n')}`);
  const identity = { apiVersion: formatApiVersion(resource.group, resource.version), kind: resource.kind };
  const configuration = { ...(jsonOfValue(result.value) as object), ...identity } as unknown as KubeObject;
  try {
    return mergeConfiguration(resource, object, configuration);
  } catch (error) {
    throw new Error(`error applying patch: ${(error as Error).message}`, { cause: error });
  }
}

/** A test that fails leaves everything as it is. */
function patched(object: KubeObject, operations: readonly JsonValue[]): unknown {
  try {
    return applyJsonPatch(object, decodeJsonPatch(operations as unknown as JsonValue));
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    if (error.reason === 'TestFailed') return object;
    throw new Error(`JSON Patch: ${error.message}`, { cause: error });
  }
}
