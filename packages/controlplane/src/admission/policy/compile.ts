import { boolType, nullType, stringType, type Type } from '@setpoint/apimachinery/cel';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import { compileConditions, compileExpression, type Expression } from '../expressions/index.ts';
import type { MatchCriteria } from '../match.ts';
import type { BindingSpec, MatchResources, PolicySpec, Validation } from './types.ts';

export interface Policy {
  readonly name: string;
  readonly spec: PolicySpec;
  readonly criteria: MatchCriteria;
  readonly conditions: readonly Expression[];
  readonly variables: ReadonlyMap<string, Expression>;
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly value: Expression }[];
}

export interface CompiledValidation {
  readonly validation: Validation;
  readonly check: Expression;
  readonly message: Expression | undefined;
}

export interface Binding {
  readonly name: string;
  readonly spec: BindingSpec;
  /** None: whatever the policy matches. */
  readonly criteria: MatchCriteria | undefined;
}

/** Compiles all expressions of a policy; what cannot be compiled is kept with its error. */
export function compilePolicy(object: KubeObject): Policy {
  const { spec } = object as KubeObject & { readonly spec: PolicySpec };
  const params = spec.paramKind !== undefined;
  const variables = new Map<string, Expression>();
  const types: Record<string, Type> = {};
  const declarations = (authorizer: boolean) => ({ params, authorizer, variables: { ...types } });
  for (const { name, expression } of spec.variables ?? []) {
    const variable = compileExpression(expression, declarations(true), []);
    variables.set(name, variable);
    types[name] = variable.type;
  }
  const full = declarations(true);
  const forMessages = declarations(false);
  return {
    name: object.metadata.name ?? '',
    spec,
    criteria: criteriaOf(spec.matchConstraints ?? {}),
    conditions: compileConditions(spec.matchConditions ?? [], full),
    variables,
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      check: compileExpression(validation.expression, full, [boolType]),
      message: validation.messageExpression
        ? compileExpression(validation.messageExpression, forMessages, [stringType])
        : undefined,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compileExpression(valueExpression.trim(), full, [stringType, nullType]),
    })),
  };
}

export function compileBinding(object: KubeObject): Binding {
  const { spec } = object as KubeObject & { readonly spec: BindingSpec };
  return {
    name: object.metadata.name ?? '',
    spec,
    criteria: spec.matchResources && criteriaOf(spec.matchResources),
  };
}

export function criteriaOf(resources: MatchResources): MatchCriteria {
  return {
    rules: resources.resourceRules ?? [],
    ...(resources.excludeResourceRules ? { excludeRules: resources.excludeResourceRules } : {}),
    matchPolicy: resources.matchPolicy ?? 'Equivalent',
    namespaceSelector: labelSelectorOf(resources.namespaceSelector ?? {}),
    objectSelector: labelSelectorOf(resources.objectSelector ?? {}),
    matchesWithoutRules: true,
  };
}
