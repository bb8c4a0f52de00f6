import { goFloat, goNumber, goQuote } from '../errors/index.ts';

/**
 * What a Go type says about merging. Given to applyStrategicMergePatch by whoever knows the types; nothing else of
 * a type matters to a patch.
 */
export interface PatchType {
  /** The Go kind, for messages: `struct`, `map`, `slice`, `string`, … */
  readonly kind: string;
  /** The Go name of a struct, for messages. */
  readonly name: string;
  /** A pointer to such a thing; kind and name are those of what it points to. */
  readonly pointer: boolean;
  /** A field of a struct by its JSON name; what else has fields has none that a patch could merge. */
  field?(name: string): PatchField | undefined;
  /** The type of the elements of a slice. */
  readonly items?: PatchType;
}

export interface PatchField {
  readonly type: PatchType;
  /** `merge`, `replace`, `retainKeys`, as the `patchStrategy` tag lists them. */
  readonly strategies: readonly string[];
  /** The member by which elements of a merged list are told apart; empty for lists of plain values. */
  readonly mergeKey: string;
}

/**
 * Why a strategic merge patch does not apply; the message is the API server's. `BadFormat` is a patch that breaks
 * the rules of its directives (400), `Unprocessable` one that asks for what is not supported (422), `Other` all that
 * a server reports as its own failure (500): a missing merge key, a list where an object should be.
 */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError';
  readonly reason: 'BadFormat' | 'Unprocessable' | 'Other';

  constructor(reason: 'BadFormat' | 'Unprocessable' | 'Other', message: string) {
    super(message);
    this.reason = reason;
  }
}

export function badFormat(of: 'primitive list' | 'retainKeys' | 'setElementOrder list'): StrategicPatchError {
  return new StrategicPatchError('BadFormat', `invalid patch format of ${of}`);
}

export function failure(message: string): StrategicPatchError {
  return new StrategicPatchError('Other', message);
}

export function badType(expected: 'object' | 'list', actual: unknown): StrategicPatchError {
  return failure(`expected a ${goTypeName(expected === 'object' ? {} : [])}, but received a ${goTypeName(actual)}`);
}

export function noMergeKey(element: unknown, mergeKey: string): StrategicPatchError {
  return failure(`map: ${goValue(element)} does not contain declared merge key: ${mergeKey}`);
}

/** A directive where a word is expected. */
export function unknownDirective(directive: unknown, element: unknown): StrategicPatchError {
  const word = typeof directive === 'string' ? directive : `%!s(${goTypeName(directive)}=${goValue(directive)})`;
  return failure(`unknown patch type: ${directive === null ? '%!s(<nil>)' : word} in map: ${goValue(element)}`);
}

export interface MergeRules {
  readonly type: PatchType;
  readonly strategy: string;
  readonly mergeKey: string;
}

/** How the member `key`, an object, is merged. */
export function objectRules(parent: PatchType, key: string): MergeRules {
  const { type, strategies, mergeKey } = fieldOf(parent, key);
  return { type, strategy: strategyOf(strategies), mergeKey };
}

/** How the elements of the member `key`, a list, are merged; the type is theirs. */
export function listRules(parent: PatchType, key: string): MergeRules {
  const { type, strategies, mergeKey } = fieldOf(parent, key);
  if (!type.pointer && type.kind !== 'slice') {
    throw failure(`expected slice or array type, but got: ${parent.pointer ? 'ptr' : parent.kind}`);
  }
  const items = type.kind === 'slice' ? type.items : type;
  if (items === undefined) throw new Error(`the list ${key} has no type of elements`);
  if (!type.pointer && items.kind === 'slice' && !items.pointer) throw failure('unexpected slice of slice');
  return { type: items, strategy: strategyOf(strategies), mergeKey };
}

function fieldOf(parent: PatchType, key: string): PatchField {
  if (parent.kind !== 'struct') {
    throw failure(`merging an object in json but data type is not struct, instead is: ${parent.kind}`);
  }
  const field = parent.field?.(key);
  if (!field) throw failure(`unable to find api field in struct ${parent.name} for the json field ${goQuote(key)}`);
  return field;
}

/** The strategy beside `retainKeys`, which the patch itself carries as a directive. */
function strategyOf(strategies: readonly string[]): string {
  const others = strategies.filter((strategy) => strategy !== 'retainKeys');
  if (strategies.length > 2 || others.length > 1) {
    throw failure(`unexpected patch strategy: [${strategies.join(' ')}]`);
  }
  return others[0] ?? '';
}

/** How Go calls the type of a JSON value. */
export function goTypeName(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return typeof value === 'bigint' || Number.isSafeInteger(value) ? 'int64' : 'float64';
  }
}

/** `%v` of a JSON value. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return goNumber(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? goNumber(value) : goFloat(value);
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  const members = Object.entries(value as object).sort(([a], [b]) => compareStrings(a, b));
  return `map[${members.map(([key, member]) => `${key}:${goValue(member)}`).join(' ')}]`;
}

/** Order of UTF-8 bytes. Code units order alike but for surrogates. */
function compareStrings(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
