import { isJsonObject } from '../json/index.ts';
import { JsonPathError, type Node } from './nodes.ts';
import { parseTemplate } from './parser.ts';
import { printJsonPathValue } from './print.ts';

/**
 * A compiled path in the dialect of kubectl and of printer columns (k8s.io/client-go/util/jsonpath):
 * fields, indexes, slices, wildcards, unions, filters, recursive descent, quoted keys, `\.` in names.
 */
export interface JsonPath {
  /**
   * What the path finds. Missing keys find nothing; neither does a path that cannot be evaluated on this object
   * (an index out of range, a filter on what is no list), as in a printer column.
   */
  find(object: unknown): unknown[];
  /** What it finds as text, values apart by a blank. */
  print(object: unknown): string;
}

/**
 * Accepts `.spec.x` and `{.spec.x}`. Throws JsonPathError for a path that cannot be read.
 * Caveat: the order of what `*` and `..` find in a map is that of the object; a Go server's order is random.
 */
export function compileJsonPath(path: string): JsonPath {
  const template = parseTemplate(path.includes('{') ? path : `{${path}}`);
  const results = (object: unknown): unknown[][] => {
    try {
      return template.map((action) => walk([object], action));
    } catch (error) {
      if (error instanceof JsonPathError) return [];
      throw error;
    }
  };
  return {
    find: (object) => results(object).flat(),
    print: (object) =>
      results(object)
        .map((values) => values.map(printJsonPathValue).join(' '))
        .join(''),
  };
}

function walk(input: readonly unknown[], nodes: readonly Node[]): unknown[] {
  let values = [...input];
  for (const node of nodes) values = step(values, node);
  return values;
}

function step(input: unknown[], node: Node): unknown[] {
  switch (node.type) {
    case 'text':
      return [node.value];
    case 'number':
      return input.map(() => node.value);
    case 'boolean':
      return input.map(() => node.value);
    case 'identifier':
      throw new JsonPathError(`unrecognized identifier ${node.name}`);
    case 'field':
      return input.flatMap((value) =>
        isJsonObject(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : [],
      );
    case 'slice':
      return input.flatMap((value) => (value === null || value === undefined ? [] : slice(value, node)));
    case 'filter':
      return input.flatMap((value) => filter(value, node));
    case 'wildcard':
      return input.flatMap(members);
    case 'recursive':
      return input.flatMap(descend);
    case 'union':
      return node.alternatives.flatMap((alternative) => walk(input, alternative));
    default:
      return node satisfies never;
  }
}

function slice(value: unknown, node: Node & { type: 'slice' }): unknown[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeof value} is not array or slice`);
  const length = value.length;
  let start = node.start ?? 0;
  // A single index means the slice from it to the next; behind the last one, counted from the end, is the end.
  let end = node.index ? start + 1 : (node.end ?? length);
  if (start < 0) start += length;
  if (end < 0 || (end === 0 && node.index)) end += length;
  if (start === end) return [];
  if (start >= length || start < 0)
    throw new JsonPathError(`array index out of bounds: index ${start}, length ${length}`);
  if (end > length || end < 0) throw new JsonPathError(`array index out of bounds: index ${end - 1}, length ${length}`);
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
  const every = node.step ?? 1;
  if (every <= 0) throw new JsonPathError('step must be > 0');
  return value.slice(start, end).filter((_, i) => i % every === 0);
}

function filter(value: unknown, node: Node & { type: 'filter' }): unknown[] {
  if (!Array.isArray(value)) throw new JsonPathError(`${typeof value} is not array or slice and cannot be filtered`);
  return value.filter((item) => {
    if (node.operator === 'exists') return exists(item, node.left);
    const left = one(walk([item], node.left));
    if (!left) return false;
    const right = one(walk([item], node.right));
    return right !== undefined && compare(left.value, node.operator, right.value);
  });
}

function exists(item: unknown, path: readonly Node[]): boolean {
  try {
    return walk([item], path).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError) return false;
    throw error;
  }
}

function one(values: unknown[]): { readonly value: unknown } | undefined {
  if (values.length > 1) throw new JsonPathError('can only compare one element at a time');
  return values.length === 0 ? undefined : { value: values[0] };
}

/** Only values of one basic type compare: integers with integers, doubles with doubles, texts, booleans for equality. */
function compare(left: unknown, operator: string, right: unknown): boolean {
  const type = basicType(left);
  if (type !== basicType(right)) throw new JsonPathError('incompatible types for comparison');
  const [a, b] = [left as string | number | bigint, right as string | number | bigint];
  // biome-ignore lint/suspicious/noDoubleEquals: an integer may be a number on one side and a bigint on the other.
  if (operator === '==') return a == b;
  // biome-ignore lint/suspicious/noDoubleEquals: as above
  if (operator === '!=') return a != b;
  if (type === 'boolean') throw new JsonPathError('invalid type for comparison');
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

function basicType(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'double';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  throw new JsonPathError('invalid type for comparison');
}

function members(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

/** The value and everything below it that has something below it, parents first. */
function descend(value: unknown): unknown[] {
  const below = members(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}
