import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes, JsonSyntaxError, parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import { builtinKind, unstructuredError } from '@setpoint/apimachinery/kinds';
import { formatApiVersion, type JsonValue, type KubeObject } from '@setpoint/apimachinery/meta';
import { applyJsonPatch, applyMergePatch, decodeJsonPatch, JsonPatchError } from '@setpoint/apimachinery/patch';
import { mediaType } from '../http/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import {
  badRequest,
  invalid,
  notImplemented,
  requestEntityTooLarge,
  StatusError,
  unsupportedMediaType,
} from '../status/index.ts';
import { applyTo } from './apply.ts';
import { decodeObject } from './body.ts';
import { type Answer, mutableCopy, type RequestScope } from './scope.ts';
import { applyStrategic, unprocessable } from './strategic-patch.ts';
import { checkName, partOf, updateObject } from './update.ts';
import { ensureNamespace, writeContext } from './write.ts';
import { type FieldValidation, parseWriteOptions, queryBoolean } from './write-options.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';
export const applyPatch = 'application/apply-patch+yaml';

const operationMembers: readonly string[] = ['op', 'from', 'path', 'value'];
const mostOperations = 10_000;

/** PATCH of an object or of its status. */
export function patch(scope: RequestScope): Promise<Answer> {
  const { resource, namespace, name } = scope;
  const type = patchType(scope);
  if (type === applyPatch) return applyTo(scope);
  const struct = builtinKind(resource.group, resource.version, resource.kind)?.type;
  const options = parseWriteOptions(scope.query, 'PatchOptions', forceErrors(scope));
  // Read where the object is there: a patch of nothing is not found, whatever it says.
  let change: ReadPatch | undefined;
  return updateObject(writeContext(scope, options), name, {
    part: partOf(scope.subresource),
    make(current) {
      change ??= readPatch(scope.body, type, options.fieldValidation, struct);
      const object = patched(scope, change, current, options.fieldValidation);
      ensureNamespace(resource, namespace, object);
      checkName(object, name);
      return object;
    },
  });
}

/** The kind of patch, as the content type says; the accepted ones differ by resource. */
export function patchType(scope: RequestScope): string {
  const type = mediaType(scope.contentType);
  const accepted = patchTypesOf(scope.resource);
  if (!accepted.includes(type)) {
    // Requests for built-in kinds do not get past the real server's router, which words it in its own way.
    if (!scope.resource.custom) throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    throw unsupportedMediaType(accepted);
  }
  return type;
}

function patchTypesOf(resource: ServedResource): readonly string[] {
  return resource.custom ? [jsonPatch, mergePatch, applyPatch] : [jsonPatch, mergePatch, strategicPatch, applyPatch];
}

export function forceErrors(scope: RequestScope): FieldError[] {
  if (queryBoolean(scope.query, 'force') === undefined) return [];
  return [FieldError.forbidden('force', 'may not be specified for non-apply patch')];
}

/** A patch that has been read: how to change a plain object, and what was wrong with its text. */
export interface ReadPatch {
  readonly problems: readonly string[];
  apply(object: unknown): Patched;
}

export interface Patched {
  readonly value: unknown;
  /** What the server shows when it finds the result wrong. */
  shown(): string;
  /** The result is converted to this struct of the tables, where mistakes have other words than in decoding. */
  readonly convertedTo?: string;
}

/**
 * `struct` is the key in the tables of what is patched; only built-in kinds have one.
 * @throws StatusError 400 for a text that is no patch
 */
export function readPatch(
  body: Uint8Array,
  type: string,
  fieldValidation: FieldValidation,
  struct?: string,
): ReadPatch {
  const problems: string[] = [];
  const prefix = type === jsonPatch ? 'json patch ' : '';
  const onDuplicate =
    fieldValidation === 'Ignore'
      ? {}
      : { onDuplicate: (path: string) => problems.push(`${prefix}duplicate field "${path}"`) };
  let value: JsonValue;
  try {
    value = parseJson(body, onDuplicate);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(type === strategicPatch ? error.message : `error decoding patch: ${error.message}`);
  }
  if (type === strategicPatch) {
    if (struct === undefined) throw notImplemented('strategic merge patch of a kind without a table');
    if (value !== null) checkGoType(value, false, 'map[string]interface {}', '');
    return { problems, apply: (object) => applyStrategic(object, value, struct) };
  }
  const inJson = (result: unknown, before: unknown): Patched => ({
    value: result,
    shown: () =>
      struct === undefined ? stringifyJson(result, { sortKeys: true }) : stringifyJson(changedSorted(result, before)),
  });
  if (type === mergePatch) {
    if (value === null) throw badRequest('Invalid JSON Patch');
    checkGoType(value, false, 'map[string]interface {}');
    return { problems, apply: (object) => inJson(applyMergePatch(object, value), object) };
  }
  if (value === null) return { problems, apply: (object) => inJson(object, object) };
  checkGoType(value, true, '[]handlers.jsonPatchOp');
  const checked = fieldValidation === 'Ignore' ? [] : (value as readonly JsonValue[]);
  for (const [index, operation] of checked.entries()) {
    checkGoType(operation, false, 'handlers.jsonPatchOp');
    for (const [key, member] of Object.entries(operation ?? {})) {
      if ((key === 'op' || key === 'from' || key === 'path') && member !== null && typeof member !== 'string') {
        throw badRequest(
          `error decoding patch: json: cannot unmarshal ${goTypeName(member)} into Go struct field jsonPatchOp.${key} of type string`,
        );
      }
      if (!operationMembers.includes(key)) problems.push(`json patch unknown field "[${index}].${key}"`);
    }
  }
  const operations = orBadRequest(() => decodeJsonPatch(value));
  if (operations.length > mostOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${mostOperations}, got ${operations.length}`,
    );
  }
  return {
    problems,
    apply: (object) =>
      inJson(
        orUnprocessable(() => applyJsonPatch(object, operations)),
        object,
      ),
  };
}

export function goTypeName(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value;
}

function checkGoType(value: JsonValue, list: boolean, target: string, prefix = 'error decoding patch: '): void {
  const found = goTypeName(value);
  if (value !== null && found === (list ? 'array' : 'object')) return;
  throw badRequest(`${prefix}json: cannot unmarshal ${found} into Go value of type ${target}`);
}

function orBadRequest<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof JsonPatchError ? badRequest(error.message) : error;
  }
}

/** Which operation failed, and why, the server keeps to itself. */
function orUnprocessable<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw unprocessable();
  }
}

/** The patched object as one of its kind, with the same checks of fields that a body gets. */
export function patched(
  scope: RequestScope,
  change: ReadPatch,
  current: KubeObject,
  fieldValidation: FieldValidation,
): MutableObject {
  const { resource } = scope;
  const { value, shown, convertedTo } = change.apply(current);
  const refuse = (why: string) => invalid({ group: '', kind: '' }, '', [FieldError.invalid('patch', shown(), why)]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(`cannot unmarshal into a ${resource.kind}`);
  }
  const body = mutableCopy(value as KubeObject);
  if (convertedTo !== undefined) {
    const wrong = unstructuredError(convertedTo, body);
    if (wrong !== undefined) throw refuse(wrong);
    // What such a patch says of the kind is not heard.
    Object.assign(body, { kind: resource.kind, apiVersion: formatApiVersion(resource.group, resource.version) });
  } else if (resource.custom) checkPatchedKind(resource, body, refuse);
  else checkBuiltinKind(resource, body, refuse);
  let decoded: ReturnType<typeof decodeObject>;
  try {
    decoded = decodeObject(scope, body);
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) throw refuse(decodeReason(error.message, convertedTo));
    throw error;
  }
  const unknown = convertedTo === undefined ? decoded.problems : [...decoded.problems].sort(compareBytes);
  const problems = [...change.problems, ...unknown];
  if (problems.length > 0) {
    if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
    if (fieldValidation === 'Warn') for (const one of problems) scope.warn(one);
  }
  return decoded.object;
}

/** Objects that the patch went through have their members in order; what it left alone is as it was. */
function changedSorted(value: unknown, before: unknown): unknown {
  if (value === before || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const old = (typeof before === 'object' ? before : undefined) as Readonly<Record<string, unknown>> | undefined;
  const members = Object.entries(value).sort(([x], [y]) => compareBytes(x, y));
  return Object.fromEntries(members.map(([key, member]) => [key, changedSorted(member, old?.[key])]));
}

/** The reason alone, of "Foo in version "v1" cannot be handled as a Foo: <reason>". */
function decodeReason(message: string, convertedTo: string | undefined): string {
  const why = /cannot be handled as a \w+: (.*)$/s.exec(message)?.[1] ?? message;
  // Conversion takes bytes by way of JSON, and says so.
  return convertedTo !== undefined && why.startsWith('illegal base64') ? `error decoding from json: ${why}` : why;
}

type Refuse = (why: string) => StatusError;

/** What names no kind is of the one that is expected. */
function checkBuiltinKind(resource: ServedResource, body: MutableObject, refuse: Refuse): void {
  const expected = formatApiVersion(resource.group, resource.version);
  (body as { kind: string }).kind ||= resource.kind;
  (body as { apiVersion: string }).apiVersion ||= expected;
  const { kind, apiVersion } = body;
  if (kind === resource.kind && apiVersion === expected) return;
  const named = `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}`;
  throw refuse(`${named} in scheme "pkg/runtime/scheme.go:111"`);
}

function checkPatchedKind(resource: ServedResource, body: MutableObject, refusePatch: Refuse): void {
  if (!body.kind) throw refusePatch(`Object 'Kind' is missing in '${stringifyJson(body, { sortKeys: true })}'`);
  const expected = formatApiVersion(resource.group, resource.version);
  const { apiVersion, kind, metadata } = body;
  const group = String(apiVersion).includes('/') ? (String(apiVersion).split('/')[0] as string) : '';
  const refuse = (field: string, value: unknown, must: string) =>
    invalid({ group, kind }, metadata?.name ?? '', [FieldError.invalid(field, value, `must be ${must}`)]);
  if (kind !== resource.kind) throw refuse('kind', kind, resource.kind);
  if (apiVersion !== expected) throw refuse('apiVersion', apiVersion, expected);
}
