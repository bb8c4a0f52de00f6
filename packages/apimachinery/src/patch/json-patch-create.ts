import { isJsonObject } from '../json/index.ts';
import { deepEqual } from './equal.ts';
import type { JsonPatchOperation } from './json-patch.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

/** Above this many pairs of elements two arrays are compared place by place instead of by common subsequence. */
const longestComparison = 40_000;

/**
 * A JSON patch (RFC 6902) of `add`, `remove` and `replace` that makes `to` of `from`; empty if they are equal.
 * Prefers small patches: elements of arrays are inserted and removed where that is shorter than replacing them.
 */
export function createJsonPatch(from: unknown, to: unknown): JsonPatchOperation[] {
  return diff(from, to, '');
}

function diff(from: unknown, to: unknown, path: string): JsonPatchOperation[] {
  if (deepEqual(from, to)) return [];
  const whole: JsonPatchOperation = { op: 'replace', path, value: to };
  let steps: JsonPatchOperation[];
  if (Array.isArray(from) && Array.isArray(to)) steps = diffArrays(from, to, path);
  else if (isJsonObject(from) && isJsonObject(to)) steps = diffObjects(from, to, path);
  else return [whole];
  // The root is never replaced: tests in front of a patch would lose their meaning to a reader.
  return path === '' || steps.length === 1 || size(steps) <= size([whole]) ? steps : [whole];
}

function diffObjects(from: JsonRecord, to: JsonRecord, path: string): JsonPatchOperation[] {
  const steps: JsonPatchOperation[] = [];
  for (const key of Object.keys(from)) {
    if (from[key] === undefined) continue;
    const at = `${path}/${escapeKey(key)}`;
    if (!Object.hasOwn(to, key) || to[key] === undefined) steps.push({ op: 'remove', path: at });
    else steps.push(...diff(from[key], to[key], at));
  }
  for (const key of Object.keys(to)) {
    if (to[key] === undefined || (Object.hasOwn(from, key) && from[key] !== undefined)) continue;
    steps.push({ op: 'add', path: `${path}/${escapeKey(key)}`, value: to[key] });
  }
  return steps;
}

function diffArrays(from: readonly unknown[], to: readonly unknown[], path: string): JsonPatchOperation[] {
  let head = 0;
  while (head < from.length && head < to.length && deepEqual(from[head], to[head])) head++;
  let tail = 0;
  while (
    tail < from.length - head &&
    tail < to.length - head &&
    deepEqual(from[from.length - 1 - tail], to[to.length - 1 - tail])
  ) {
    tail++;
  }
  const before = from.slice(head, from.length - tail);
  const after = to.slice(head, to.length - tail);
  const kept = before.length * after.length <= longestComparison ? commonElements(before, after) : [];
  return editScript(before, after, kept, path, head);
}

/**
 * Walks both arrays between the elements they have in common: pairs that stand opposite each other are
 * changed in place, the rest removed or inserted. `at` is the index in the array as changed so far.
 */
function editScript(
  before: readonly unknown[],
  after: readonly unknown[],
  kept: readonly (readonly [number, number])[],
  path: string,
  head: number,
): JsonPatchOperation[] {
  const steps: JsonPatchOperation[] = [];
  let i = 0;
  let j = 0;
  let at = head;
  for (const [nextI, nextJ] of [...kept, [before.length, after.length] as const]) {
    for (; i < nextI && j < nextJ; i++, j++, at++) steps.push(...diff(before[i], after[j], `${path}/${at}`));
    for (; i < nextI; i++) steps.push({ op: 'remove', path: `${path}/${at}` });
    for (; j < nextJ; j++, at++) steps.push({ op: 'add', path: `${path}/${at}`, value: after[j] });
    i++;
    j++;
    at++;
  }
  return steps;
}

/** Index pairs of a longest common subsequence, ascending. */
function commonElements(before: readonly unknown[], after: readonly unknown[]): [number, number][] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const length = (i: number, j: number) => lengths[i * width + j] as number;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = deepEqual(before[i], after[j])
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (deepEqual(before[i], after[j])) pairs.push([i++, j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function size(steps: readonly JsonPatchOperation[]): number {
  return JSON.stringify(steps, (_, value) => (typeof value === 'bigint' ? String(value) : value)).length;
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
