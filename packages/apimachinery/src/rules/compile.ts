import { type Compiled, compile, type Environment, estimateCost, type Program } from '../cel/index.ts';
import { followFieldPath, type StructuralSchema, type ValidationRule } from '../schema/index.ts';
import { type Declaration, maxRequestSize } from './declaration.ts';
import { ruleEnvironments, sizesOf } from './types.ts';

/** One rule, ready to be evaluated, or what is wrong with it. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: Program;
  readonly error?: string;
  readonly usesOldSelf: boolean;
  /** What evaluating it once costs at most. */
  readonly maxCost: bigint;
  readonly message?: Expression;
  readonly messageError?: string;
  /** `spec.a`, from the value on; empty where the rule names no field. */
  readonly fieldPath: string;
}

export interface Expression {
  readonly program: Program;
  readonly maxCost: bigint;
}

/** Compiles the rules of one schema, without those of the schemas in it. */
export function compileRules(schema: StructuralSchema, declaration: Declaration): readonly CompiledRule[] {
  const environments = ruleEnvironments(declaration);
  return (schema['x-kubernetes-validations'] ?? []).map((rule) =>
    compileRule(rule, schema, rule.optionalOldSelf ? environments.optional : environments.plain, declaration),
  );
}

/** How often values of a schema fit into one request at most. */
export const maxCardinality = ({ minSerializedSize }: Declaration): bigint =>
  BigInt(Math.floor(maxRequestSize / (minSerializedSize + 1)));

function compileRule(
  rule: ValidationRule,
  schema: StructuralSchema,
  environment: Environment,
  declaration: Declaration,
): CompiledRule {
  const nothing = { rule, usesOldSelf: false, maxCost: 0n, fieldPath: '' };
  if (rule.rule.trim() === '') return nothing;
  const compiled = compile(rule.rule, environment);
  const usesOldSelf = compiled.ok && refersToOldSelf(compiled);
  const error = problemOf(compiled, 'bool', 'cel expression must evaluate to a bool', '');
  if (error !== undefined || !compiled.ok) return { ...nothing, ...(error ? { error } : {}), usesOldSelf };
  const whole = {
    rule,
    program: compiled.program,
    usesOldSelf,
    maxCost: estimateCost(compiled.ast, sizesOf(declaration)).max,
    fieldPath: '',
  };
  const message = compileMessage(rule.messageExpression ?? '', environment, declaration);
  // A message that cannot be made leaves the field unnamed as well.
  if (message.messageError !== undefined) return { ...whole, ...message };
  return { ...whole, ...message, fieldPath: fieldPathOf(rule.fieldPath ?? '', schema) };
}

function compileMessage(
  text: string,
  environment: Environment,
  declaration: Declaration,
): Pick<CompiledRule, 'message' | 'messageError'> {
  if (text === '') return {};
  const compiled = compile(text, environment);
  const wrongType = 'messageExpression must evaluate to a string';
  const error = problemOf(compiled, 'string', wrongType, 'messageExpression ');
  if (error !== undefined || !compiled.ok) return { messageError: error ?? '' };
  const maxCost = estimateCost(compiled.ast, sizesOf(declaration)).max;
  return { message: { program: compiled.program, maxCost } };
}

function problemOf(
  compiled: Compiled,
  kind: 'bool' | 'string',
  wrongType: string,
  what: '' | 'messageExpression ',
): string | undefined {
  if (!compiled.ok && compiled.issues) return `${what}compilation failed: ${compiled.issues.toString()}`;
  const program = what === '' ? 'program ' : what;
  if (!compiled.ok) return `${program}instantiation failed: ${compiled.message}`;
  const { type } = compiled;
  return type.kind === kind && type.nullable !== true ? undefined : wrongType;
}

function refersToOldSelf({ ast }: Compiled & { readonly ok: true }): boolean {
  for (const reference of ast.references.values()) {
    if (reference.kind === 'ident' && reference.name === 'oldSelf') return true;
  }
  return false;
}

function fieldPathOf(text: string, schema: StructuralSchema): string {
  const followed = followFieldPath(text, schema);
  return 'error' in followed ? '' : followed.path;
}
