import { boolType, nullType, stringType, type Type } from '@setpoint/apimachinery/cel';
import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { resultTypes, textOf } from '../policy/mutation.ts';
import type { MutatingPolicySpec, PolicySpec } from '../policy/types.ts';
import type { MatchCondition, Webhook } from '../webhook/configuration.ts';
import { compileExpression } from './compile.ts';
import type { Declarations } from './environment.ts';

type AnyPolicySpec = PolicySpec & Pick<MutatingPolicySpec, 'mutations'>;

/** What is wrong with the expressions of a policy. Those of `old` were found good once, and stay so. */
export function policyErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const { spec } = object as KubeObject & { readonly spec: AnyPolicySpec };
  const before = new Set(old ? textsOf((old as KubeObject & { readonly spec: AnyPolicySpec }).spec) : []);
  const path = FieldPath.of('spec');
  const params = spec.paramKind !== undefined;
  const types: Record<string, Type> = {};
  const errors = conditionErrors(spec.matchConditions ?? [], params, path.child('matchConditions'), before);
  const check = (
    field: FieldPath,
    text: string,
    shown: string,
    declarations: Declarations,
    allowed: readonly Type[],
  ) => {
    const { error, type } = compileExpression(text, declarations, allowed);
    if (error !== undefined && !before.has(shown)) errors.push(FieldError.invalid(field, shown, error));
    return type;
  };
  const variables = spec.variables?.length ? types : undefined;
  const declarations = (authorizer: boolean): Declarations => ({
    params,
    authorizer,
    ...(variables ? { variables: { ...variables } } : {}),
  });
  for (const [index, { name, expression }] of (spec.variables ?? []).entries()) {
    const field = path.child('variables').index(index).child('expression');
    if (expression.trim() === '') continue;
    types[name] = check(field, expression, expression, declarations(true), []);
  }
  for (const [index, { expression, messageExpression = '' }] of (spec.validations ?? []).entries()) {
    const at = path.child('validations').index(index);
    if (expression.trim() !== '') check(at.child('expression'), expression, expression, declarations(true), [boolType]);
    if (messageExpression.trim() === '') continue;
    check(at.child('messageExpression'), messageExpression, messageExpression, declarations(false), [stringType]);
  }
  for (const [index, mutation] of (spec.mutations ?? []).entries()) {
    const member = mutation.patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
    const field = path.child('mutations').index(index).child(member).child('expression');
    const text = textOf(mutation).trim();
    if (text !== '')
      check(field, text, text, { ...declarations(true), patches: true }, resultTypes[mutation.patchType]);
  }
  for (const [index, { valueExpression }] of (spec.auditAnnotations ?? []).entries()) {
    const field = path.child('auditAnnotations').index(index).child('valueExpression');
    const text = valueExpression.trim();
    if (text !== '') check(field, text, valueExpression, declarations(true), [stringType, nullType]);
  }
  return errors;
}

/** What is wrong with the match conditions of webhooks. */
export function webhookErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const webhooksOf = (of: KubeObject | undefined) =>
    (of as { readonly webhooks?: readonly Webhook[] } | undefined)?.webhooks ?? [];
  const texts = webhooksOf(old).flatMap(({ matchConditions = [] }) => matchConditions.map((one) => one.expression));
  const before = new Set(texts);
  return webhooksOf(object).flatMap(({ matchConditions = [] }, index) =>
    conditionErrors(matchConditions, false, FieldPath.of('webhooks').index(index).child('matchConditions'), before),
  );
}

function conditionErrors(
  conditions: readonly MatchCondition[],
  params: boolean,
  path: FieldPath,
  before: ReadonlySet<string>,
): FieldError[] {
  return conditions.flatMap(({ expression }, index) => {
    const text = expression.trim();
    if (text === '' || before.has(expression)) return [];
    const { error } = compileExpression(text, { params, authorizer: true }, [boolType]);
    return error === undefined ? [] : [FieldError.invalid(path.index(index).child('expression'), text, error)];
  });
}

function textsOf(spec: AnyPolicySpec): string[] {
  return [
    ...(spec.matchConditions ?? []).map((one) => one.expression),
    ...(spec.variables ?? []).map((one) => one.expression),
    ...(spec.validations ?? []).flatMap((one) => [one.expression, one.messageExpression ?? '']),
    ...(spec.auditAnnotations ?? []).map((one) => one.valueExpression),
    ...(spec.mutations ?? []).map(textOf),
  ];
}
