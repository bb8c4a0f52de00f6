import { isJsonObject } from '@setpoint/apimachinery/json';
import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';

/**
 * A set of fields as `managedFields` writes it (FieldsV1): `f:` members, `k:` items of a list by their keys, `v:` items
 * by value, `.` the thing itself. An empty node is owned as a whole.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** What field managers of ours own of an object. */
export interface OwnFields {
  /** By apply. */
  readonly applied: FieldSet | undefined;
  /** Whether managers of earlier releases own something that they wrote by update. */
  readonly isFormer: boolean;
}

/** Reads what `ownFieldsOf` of the client made. */
export function parseOwnFields(text: string | undefined): OwnFields {
  if (text === undefined) return { applied: undefined, isFormer: false };
  const entries = JSON.parse(text) as readonly (readonly [operation: string, apiVersion: string, fields?: FieldSet])[];
  return {
    applied: entries.find(([operation]) => operation === 'Apply')?.[2],
    isFormer: entries.some(([operation]) => operation !== 'Apply'),
  };
}

/** The part of `object` that the fields name: what changes it, changes something of ours. */
export function projectFields(fields: FieldSet, object: unknown): unknown {
  const steps = stepsOf(fields);
  if (steps.length === 0) return object;
  return steps.map(([step, inner]) => [step, projectFields(inner, at(object, step))]);
}

/**
 * Whether applying `intent` would change nothing: it names exactly the fields that are owned, and the object has its
 * values. No schema is needed for that, since the owned fields say which lists go by keys.
 *
 * Where the server wrote a value in another way than is known here, the answer is no, and applying it once does no
 * harm; it is never yes for a change.
 */
export function isApplied(fields: FieldSet, intent: KubeObject, object: KubeObject): boolean {
  const { group } = parseApiVersion(intent.apiVersion);
  return holds(fields, withoutIdentity(intent), object, { builtIn: builtInGroups.has(group), parent: '', name: '' });
}

/** Where a value stands, for what is known of the values of built-in kinds. */
interface Place {
  readonly builtIn: boolean;
  readonly parent: string;
  readonly name: string;
}

/** What names the object is in no set of fields. */
function withoutIdentity({ apiVersion: _, kind: __, metadata, ...rest }: KubeObject): object {
  const { name: ___, namespace: ____, ...meta } = metadata;
  return Object.values(meta).every((value) => value === undefined) ? rest : { ...rest, metadata: meta };
}

function holds(fields: FieldSet, intent: unknown, object: unknown, place: Place): boolean {
  const steps = stepsOf(fields);
  if (steps.length === 0) return isSameValue(intent, object, place);
  if (Array.isArray(intent)) return holdsItems(steps, intent, object, place);
  if (!isJsonObject(intent)) return false;
  const names = Object.keys(intent).filter((name) => intent[name] !== undefined);
  if (names.length !== steps.length) return false;
  return steps.every(([step, inner]) => {
    const name = step.slice(2);
    if (!step.startsWith('f:') || intent[name] === undefined) return false;
    return holds(inner, intent[name], at(object, step), { ...place, parent: place.name, name });
  });
}

type Steps = readonly (readonly [step: string, inner: FieldSet])[];

/** The items of a list with keys, or of a set: each of the intent is owned and as it should be, in the same order. */
function holdsItems(steps: Steps, intent: readonly unknown[], object: unknown, place: Place): boolean {
  if (steps.length !== intent.length || !Array.isArray(object)) return false;
  const left = new Set(steps);
  let last = -1;
  for (const item of intent) {
    const found = [...left].find(([step]) => isItem(item, step, true));
    if (!found) return false;
    left.delete(found);
    const [step, inner] = found;
    const position = object.findIndex((candidate) => isItem(candidate, step, false));
    if (position <= last) return false;
    last = position;
    if (step.startsWith('k:') && !holds(inner, item, object[position], place)) return false;
  }
  return true;
}

/** @param lenient let a key be missing: the server fills in its default */
function isItem(item: unknown, step: string, lenient: boolean): boolean {
  const wanted: unknown = JSON.parse(step.slice(2));
  if (step.startsWith('v:')) return deepEqual(item, wanted);
  if (!step.startsWith('k:') || !isJsonObject(item) || !isJsonObject(wanted)) return false;
  return Object.keys(wanted).every((key) => (item[key] === undefined ? lenient : deepEqual(item[key], wanted[key])));
}

/** Where a step leads; undefined where there is nothing. */
function at(object: unknown, step: string): unknown {
  if (step.startsWith('f:')) return isJsonObject(object) ? object[step.slice(2)] : undefined;
  return Array.isArray(object) ? object.find((item) => isItem(item, step, false)) : undefined;
}

/** Without what stands for the thing itself. */
function stepsOf(fields: FieldSet): Steps {
  return Object.entries(fields).filter(([step]) => step !== '.');
}

/** Kinds of which the following is known. */
const builtInGroups: ReadonlySet<string> = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
]);
/** Members whose members are quantities. */
const quantityMaps: ReadonlySet<string> = new Set(['limits', 'requests', 'hard', 'overhead']);
/** What the server fills in within values that are owned as a whole. */
const filledIn: Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  apiGroup: 'rbac.authorization.k8s.io',
  divisor: '0',
  protocol: 'TCP',
  expirationSeconds: 3600,
};

function isSameValue(intent: unknown, object: unknown, { builtIn, parent, name }: Place): boolean {
  if (deepEqual(intent, object)) return true;
  // An empty map of ours says nothing of what others put into it.
  if (isJsonObject(intent) && Object.keys(intent).length === 0 && isJsonObject(object)) return true;
  if (!builtIn) return false;
  if (object === undefined) return isZero(intent);
  if (quantityMaps.has(parent) || name === 'sizeLimit') return isSameQuantity(intent, object);
  return isFilledIn(intent, object);
}

/** What built-in kinds leave out of what they store. */
function isZero(value: unknown): boolean {
  if (value === false || value === 0 || value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isSameQuantity(a: unknown, b: unknown): boolean {
  const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  if (!isText(a) || !isText(b)) return false;
  try {
    return compareQuantities(parseQuantity(a as string), parseQuantity(b as string)) === 0;
  } catch {
    return false;
  }
}

/** Whether the two are the same but for what the server is known to fill in. */
function isFilledIn(intent: unknown, object: unknown): boolean {
  if (Array.isArray(intent) && Array.isArray(object)) {
    return intent.length === object.length && intent.every((item, i) => isFilledIn(item, object[i]));
  }
  if (!isJsonObject(intent) || !isJsonObject(object)) return deepEqual(intent, object);
  const names = new Set([...Object.keys(intent), ...Object.keys(object)]);
  return [...names].every((name) =>
    intent[name] === undefined
      ? object[name] === filledIn[name] && Object.hasOwn(filledIn, name)
      : isFilledIn(intent[name], object[name]),
  );
}
