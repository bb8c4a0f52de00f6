import { deepEqual } from './equal.ts';
import { JsonPatchError } from './error.ts';

/** One step of a JSON patch (RFC 6902). Paths are JSON pointers: `/metadata/finalizers/0`, `~1` for `/`, `~0` for `~`. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Options of `applyJsonPatch`. */
export interface JsonPatchOptions {
  /** Bytes that `copy` operations may add altogether; the API server's default, 3 MiB, unless given. */
  readonly maximumCopyBytes?: number;
}

type Step = Readonly<Record<string, unknown>>;
type Container = unknown[] | Record<string, unknown>;

/**
 * Applies the operations in order; all or nothing. Behaves as the API server does, which is laxer than the
 * RFC: indices may be negative, `replace` of a missing member adds it, `add` without a value adds null, and a
 * missing member equals null in a `test`.
 *
 * The result shares unchanged parts with `target`, which is not changed.
 *
 * @throws JsonPatchError with the server's message
 */
export function applyJsonPatch(
  target: unknown,
  operations: readonly unknown[],
  options: JsonPatchOptions = {},
): unknown {
  const document = new PatchedDocument(target, options.maximumCopyBytes ?? 3 * 1024 * 1024);
  for (const operation of operations) document.apply(operation);
  return document.root;
}

/**
 * Makes sure that a parsed body is a list of operations, as far as reading it demands; the rest shows when
 * it is applied.
 */
export function decodeJsonPatch(body: unknown): readonly unknown[] {
  if (body === null) return [];
  if (!Array.isArray(body)) throw cannotUnmarshal(body, 'jsonpatch.Patch');
  for (const operation of body) {
    if (operation !== null && (typeof operation !== 'object' || Array.isArray(operation))) {
      throw cannotUnmarshal(operation, 'jsonpatch.Operation');
    }
  }
  return body;
}

function cannotUnmarshal(value: unknown, type: string): JsonPatchError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const name = kind === 'bigint' ? 'number' : kind;
  return new JsonPatchError('Invalid', `json: cannot unmarshal ${name} into Go value of type ${type}`);
}

/** The document while operations run over it. Containers are copied at their first change, then changed in place. */
class PatchedDocument {
  root: unknown;
  readonly #own = new WeakSet<object>();
  readonly #maximumCopyBytes: number;
  #copiedBytes = 0;
  readonly #steps: ReadonlyMap<string, (step: Step) => void> = new Map([
    ['add', (step: Step) => this.#add(step)],
    ['remove', (step: Step) => this.#remove(step)],
    ['replace', (step: Step) => this.#replace(step)],
    ['move', (step: Step) => this.#move(step)],
    ['test', (step: Step) => this.#test(step)],
    ['copy', (step: Step) => this.#copy(step)],
  ]);

  constructor(root: unknown, maximumCopyBytes: number) {
    this.root = root;
    this.#maximumCopyBytes = maximumCopyBytes;
  }

  apply(operation: unknown): void {
    const step = (operation ?? {}) as Step;
    const run = typeof step.op === 'string' ? this.#steps.get(step.op) : undefined;
    if (!run) {
      throw new JsonPatchError('Invalid', `Unexpected kind: ${typeof step.op === 'string' ? step.op : 'unknown'}`);
    }
    run(step);
  }

  #add(step: Step): void {
    const path = pathOf(step, () => 'add operation failed to decode path: missing value');
    const place = this.#find(path, true);
    if (!place) throw missing(`add operation does not apply: doc is missing path: "${path}"`);
    during(`error in add for path: '${path}'`, () => insert(place, step.value ?? null));
  }

  #remove(step: Step): void {
    const path = pathOf(step, () => 'remove operation failed to decode path: missing value');
    const place = this.#find(path, true);
    if (!place) throw missing(`remove operation does not apply: doc is missing path: "${path}"`);
    during(`error in remove for path: '${path}'`, () => take(place));
  }

  #replace(step: Step): void {
    const path = pathOf(step);
    const value = step.value ?? null;
    if (path === '') {
      if (typeof value !== 'object' || value === null) {
        throw new JsonPatchError('Invalid', 'replace operation value must be object or array: %!w(<nil>)');
      }
      this.root = value;
      return;
    }
    const place = this.#find(path, true);
    if (!place) throw missing(`replace operation does not apply: doc is missing path: ${path}`);
    const { container, key } = place;
    if (Array.isArray(container) && attempt(() => existingIndex(container, key)) === undefined) {
      throw missing(`replace operation does not apply: doc is missing key: ${path}`);
    }
    define(container, key, value);
  }

  #move(step: Step): void {
    const from = fromOf(step);
    const source = this.#find(from, true);
    if (!source) throw missing(`move operation does not apply: doc is missing from path: ${from}`);
    const value = during(`error in move for path: '${source.key}'`, () => take(source));
    const path = pathOf(step, (why) => `move operation failed to decode path: ${why}`);
    const place = this.#find(path, true);
    if (!place) throw missing(`move operation does not apply: doc is missing destination path: ${path}`);
    during(`error in move for path: '${path}'`, () => insert(place, value));
  }

  #copy(step: Step): void {
    const from = fromOf(step);
    const source = this.#find(from, false);
    if (!source) throw missing(`copy operation does not apply: doc is missing from path: ${from}`);
    const value = during(`error in copy for from: '${from}'`, () => peek(source));
    const path = pathOf(step, () => 'copy operation failed to decode path: missing value');
    const place = this.#find(path, true);
    if (!place) throw missing(`copy operation does not apply: doc is missing destination path: ${path}`);
    this.#copiedBytes += sizeOf(value);
    if (this.#copiedBytes > this.#maximumCopyBytes) {
      throw new JsonPatchError(
        'TooLarge',
        `Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedBytes}, exceeding the limit ${this.#maximumCopyBytes}`,
      );
    }
    // A copy, not a reference: both places may be changed in place by later operations.
    during('error while adding value during copy', () => insert(place, clone(value)));
  }

  #test(step: Step): void {
    const path = pathOf(step);
    const expected = step.value ?? null;
    let actual: unknown = this.root;
    if (path !== '') {
      const place = this.#find(path, false);
      if (!place) throw missing(`test operation does not apply: is missing path: ${path}`);
      actual = during(`error in test for path: '${path}'`, () => peek(place));
    }
    if (!deepEqual(actual, expected)) {
      throw new JsonPatchError('TestFailed', `testing value ${path} failed: test failed`);
    }
  }

  /** The container that holds the last part of the path; with `change`, one that may be changed in place. */
  #find(path: string, change: boolean): Place | undefined {
    // What stands before the first slash is ignored, as the server does.
    const parts = path.split('/').slice(1).map(unescapePart);
    const key = parts.pop();
    if (key === undefined) return undefined;
    let container = this.#container(this.root, change);
    if (container !== this.root && container) this.root = container;
    for (const part of parts) {
      if (!container) return undefined;
      const parent: Container = container;
      const value = attempt(() => peek({ container: parent, key: part }));
      const next = this.#container(value, change);
      if (next && next !== value) define(parent, part, next);
      container = next;
    }
    return container && { container, key };
  }

  #container(value: unknown, change: boolean): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!change || this.#own.has(value)) return value as Container;
    const copy: Container = Array.isArray(value) ? [...value] : { ...value };
    this.#own.add(copy);
    return copy;
  }
}

interface Place {
  readonly container: Container;
  readonly key: string;
}

function peek({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container[existingIndex(container, key)];
  return Object.hasOwn(container, key) ? (container[key] ?? null) : null;
}

function insert({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) define(container, key, value);
  else container.splice(insertionIndex(container, key), 0, value);
}

function insertionIndex(array: readonly unknown[], key: string): number {
  if (key === '-') return array.length;
  const index = during(`value was not a proper array index: '${key}'`, () => parseIndex(key));
  const at = index < 0 ? index + array.length + 1 : index;
  if (at < 0 || at > array.length) throw invalidIndex(index);
  return at;
}

function take({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container.splice(existingIndex(container, key), 1)[0];
  if (!Object.hasOwn(container, key)) throw missing(`Unable to remove nonexistent key: ${key}`);
  const value = container[key];
  delete container[key];
  return value;
}

/** Sets a member as JSON means it: `__proto__` is a name like any other. */
function define(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[existingIndex(container, key)] = value;
  else Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function existingIndex(array: readonly unknown[], key: string): number {
  const index = parseIndex(key);
  const at = index < 0 ? index + array.length : index;
  if (at < 0 || at >= array.length) throw invalidIndex(index);
  return at;
}

function parseIndex(key: string): number {
  if (!/^[+-]?[0-9]+$/.test(key)) {
    throw new JsonPatchError('InvalidIndex', `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  }
  const index = Number(key);
  if (!Number.isSafeInteger(index)) {
    throw new JsonPatchError('InvalidIndex', `strconv.Atoi: parsing ${JSON.stringify(key)}: value out of range`);
  }
  return index + 0;
}

function pathOf(step: Step, message = (why: string) => `${step.op} operation failed to decode path: ${why}`): string {
  return stringOf(step.path, message, 'operation missing path field: missing value');
}

function fromOf(step: Step): string {
  const message = (why: string) => `${step.op} operation failed to decode from: ${why}`;
  return stringOf(step.from, message, 'operation, missing from field: missing value');
}

function stringOf(value: unknown, message: (why: string) => string, missing: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) throw new JsonPatchError('Missing', message(missing));
  throw new JsonPatchError('Invalid', message(cannotUnmarshal(value, 'string').message));
}

function missing(message: string): JsonPatchError {
  return new JsonPatchError('Missing', `${message}: missing value`);
}

function invalidIndex(index: number): JsonPatchError {
  return new JsonPatchError('InvalidIndex', `Unable to access invalid index: ${index}: invalid index referenced`);
}

/** Says where an error of `action` happened. */
function during<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw new JsonPatchError(error.reason, `${where}: ${error.message}`);
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof JsonPatchError) return undefined;
    throw error;
  }
}

function unescapePart(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, clone(member)]));
}

function sizeOf(value: unknown): number {
  const text = JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member));
  return Buffer.byteLength(text);
}
