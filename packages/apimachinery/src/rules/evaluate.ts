import {
  type Activation,
  type Evaluation,
  OptionalValue,
  optionalNone,
  type Value,
  valueOfSchema,
  withTypeAndObjectMeta,
} from '../cel/index.ts';
import { FieldError, goQuote } from '../errors/index.ts';
import { isJsonObject } from '../json/index.ts';
import type { JsonValue } from '../meta/index.ts';
import { type Correlated, mapItemKey, type StructuralSchema, type ValidationRule } from '../schema/index.ts';
import type { CompiledRule, Expression } from './compile.ts';
import type { RuleNode } from './validator.ts';

/** One validation under way. */
export interface State {
  readonly errors: FieldError[];
  readonly warn: (text: string) => void;
  /** What the rules may still cost; below zero nothing more is evaluated. */
  remaining: number;
}

/** The value beside the one before, and the nearest one above that had one. */
interface Ratchet {
  readonly current: Correlated | undefined;
  readonly parent: Correlated | undefined;
}

const longestMessage = 5 * 1024;

export function validateNode(
  node: RuleNode,
  value: unknown,
  old: unknown,
  path: string,
  ratchet: Ratchet,
  state: State,
): void {
  // What is null is judged by the rules around it.
  if (value === null || value === undefined) return;
  evaluateRules(node, value as JsonValue, (old ?? undefined) as JsonValue | undefined, path, ratchet, state);
  if (state.remaining < 0) return;
  if (Array.isArray(value)) validateItems(node, value, Array.isArray(old) ? old : [], path, ratchet, state);
  else if (isJsonObject(value)) validateFields(node, value, isJsonObject(old) ? old : {}, path, ratchet, state);
}

function validateItems(
  { items, schema }: RuleNode,
  value: readonly unknown[],
  old: readonly unknown[],
  path: string,
  ratchet: Ratchet,
  state: State,
): void {
  if (items === undefined) return;
  const before = itemsByKey(schema, old);
  for (let i = 0; i < value.length && state.remaining >= 0; i++) {
    const key = before && mapItemKey(value[i], schema);
    const oldItem = key === undefined ? undefined : before?.get(key);
    const at = ratchet.current ? { current: ratchet.current.item(i), parent: ratchet.current } : ratchet;
    validateNode(items, value[i], oldItem, `${path}[${i}]`, at, state);
  }
}

/** Only items of lists of type map have one that they took the place of. */
function itemsByKey(schema: StructuralSchema, items: readonly unknown[]): Map<string, unknown> | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || items.length === 0) return undefined;
  const byKey = new Map<string, unknown>();
  for (const item of items) {
    const key = mapItemKey(item, schema);
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return byKey;
}

function validateFields(
  { additional, properties }: RuleNode,
  value: Readonly<Record<string, unknown>>,
  old: Readonly<Record<string, unknown>>,
  path: string,
  ratchet: Ratchet,
  state: State,
): void {
  if (additional === undefined && properties.size === 0) return;
  for (const key of Object.keys(value)) {
    const property = properties.get(key);
    const node = property ?? additional;
    if (node === undefined) continue;
    const at = property === undefined ? `${path}[${key}]` : child(path, key);
    const oldValue = Object.hasOwn(old, key) ? old[key] : undefined;
    validateNode(node, value[key], oldValue, at, ratchetOfField(ratchet, key), state);
    if (state.remaining < 0) return;
  }
}

/** Both objects are read in one version: that the type says the same means nothing. */
function ratchetOfField(ratchet: Ratchet, key: string): Ratchet {
  const { current, parent } = ratchet;
  if (current === undefined) return ratchet;
  if (parent === undefined && (key === 'apiVersion' || key === 'kind'))
    return { current: undefined, parent: undefined };
  return { current: current.field(key), parent: current };
}

const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
const fieldOf = (path: string): string => (path === '' ? '<nil>' : path);

const outOfBudget = 'failed due to running out of cost budget, no further validation rules will be run';

function evaluateRules(
  node: RuleNode,
  value: JsonValue,
  old: JsonValue | undefined,
  path: string,
  ratchet: Ratchet,
  state: State,
): void {
  const { rules, error } = node;
  if (rules.length === 0 && error === undefined) return;
  const fail = (detail: string) => state.errors.push(FieldError.invalid(fieldOf(path), node.schema.type ?? '', detail));
  if (error !== undefined) {
    fail(`rule compiler initialization error: ${error}`);
    return;
  }
  if (state.remaining <= 0) {
    fail(`validation ${outOfBudget}`);
    state.remaining = -1;
    return;
  }
  const activations = activationsOf(node, value, old);
  for (const compiled of rules) {
    if (compiled.error !== undefined) fail(`rule compile error: ${compiled.error}`);
    const isOptional = compiled.rule.optionalOldSelf === true;
    if (compiled.program === undefined || (compiled.usesOldSelf && old === undefined && !isOptional)) continue;
    const activation = isOptional ? activations.optional : activations.plain;
    const evaluation = compiled.program.evaluate(activation);
    if (!pay(evaluation, state)) {
      fail(`validation ${outOfBudget}`);
      return;
    }
    if ('error' in evaluation) {
      fail(evaluationProblem(evaluation, compiled.rule));
      if (evaluation.isLimitExceeded) state.remaining = -1;
    } else if (evaluation.value !== true) {
      // Upstream gives messages the plain old value, also where the rule has an optional one.
      report(compiled, node.schema, value, path, activations.plain, ratchet, state);
    }
    if (state.remaining < 0) return;
  }
}

/** False where it cost more than was left. */
function pay({ cost }: Evaluation, state: State): boolean {
  state.remaining = cost > state.remaining ? -1 : state.remaining - cost;
  return state.remaining >= 0;
}

interface Activations {
  readonly plain: Activation;
  readonly optional: Activation;
}

function activationsOf(
  { schema, isResourceRoot, rules }: RuleNode,
  value: JsonValue,
  old: JsonValue | undefined,
): Activations {
  const shown = isResourceRoot ? withTypeAndObjectMeta(schema) : schema;
  const self = valueOfSchema(value, shown);
  if (!rules.some((rule) => rule.usesOldSelf)) return { plain: { self }, optional: { self } };
  const oldSelf: Value | undefined = old === undefined ? undefined : valueOfSchema(old, shown);
  return {
    plain: oldSelf === undefined ? { self } : { self, oldSelf },
    optional: { self, oldSelf: oldSelf === undefined ? optionalNone : new OptionalValue(oldSelf) },
  };
}

function evaluationProblem(evaluation: Extract<Evaluation, { readonly error: string }>, rule: ValidationRule): string {
  const { error, isLimitExceeded } = evaluation;
  const named = nameOf(rule);
  if (isLimitExceeded) {
    return `'${error}': no further validation rules will be run due to call cost exceeds limit for rule: ${named}`;
  }
  if (!error.startsWith('no such overload')) return `${error} evaluating rule: ${named}`;
  const what = 'call arguments did not match a supported operator, function or macro signature';
  return `'${error}': ${what} for rule: ${named}`;
}

const nameOf = ({ message = '', rule }: ValidationRule): string => (message === '' ? rule : message).trim();

/** A rule came to false: says so, in the words of the rule. */
function report(
  { rule, message, usesOldSelf, fieldPath }: CompiledRule,
  schema: StructuralSchema,
  value: JsonValue,
  path: string,
  activation: Activation,
  ratchet: Ratchet,
  state: State,
): void {
  const field = fieldOf(fieldPath === '' ? path : child(path, fieldPath));
  const add = (error: FieldError) => {
    const isUnchanged = (ratchet.current ?? ratchet.parent)?.isUnchanged() === true;
    if (!usesOldSelf && isUnchanged) state.warn(String(error));
    else state.errors.push(error);
  };
  const made = message && evaluateMessage(message, rule.messageExpression ?? '', activation, state);
  if (made?.fatal !== undefined) {
    add(FieldError.invalid(field, schema.type ?? '', made.fatal));
    return;
  }
  const text = rule.message ?? '';
  const detail = made?.text ?? (text === '' ? `failed rule: ${rule.rule.trim()}` : text.trim());
  const isContainer = schema.type === 'object' || schema.type === 'array';
  add(errorFor(rule.reason, field, isContainer ? undefined : value, detail));
}

function errorFor(reason: string | undefined, field: string, value: unknown, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return FieldError.forbidden(field, detail);
    case 'FieldValueRequired':
      return FieldError.required(field, detail);
    case 'FieldValueDuplicate':
      return FieldError.duplicate(field, value);
    default:
      return FieldError.invalid(field, value, detail);
  }
}

/** What a messageExpression made; neither where it failed, so that the message has to do. */
interface MadeMessage {
  readonly text?: string;
  /** No more rules are evaluated. */
  readonly fatal?: string;
}

function evaluateMessage({ program }: Expression, source: string, activation: Activation, state: State): MadeMessage {
  const evaluation = program.evaluate(activation);
  if (!pay(evaluation, state)) return { fatal: `messageExpression evaluation ${outOfBudget}` };
  if ('error' in evaluation) {
    if (!evaluation.isLimitExceeded) return {};
    state.remaining = -1;
    const why = 'no further validation rules will be run due to call cost exceeds limit for messageExpression';
    return { fatal: `${why}: ${goQuote(source)}` };
  }
  if (typeof evaluation.value !== 'string') return {};
  const text = evaluation.value.trim();
  const isUsable = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= longestMessage;
  return isUsable ? { text } : {};
}
