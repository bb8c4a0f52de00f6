import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import { formatApiVersion, parseApiVersion } from '@setpoint/apimachinery/meta';
import { decodeObjectMeta, prune, type StructuralSchema } from '@setpoint/apimachinery/schema';
import { type DecodedBody, decodeBody, negotiateBody } from '../http/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { badRequest, invalid, type StatusError } from '../status/index.ts';
import type { RequestScope } from './scope.ts';
import type { FieldValidation } from './write-options.ts';

/**
 * The object in a body, as one of this resource's kind, with defaults. What is unknown or said twice becomes
 * warnings or, in strict validation, a refusal.
 */
export async function readObject(
  scope: RequestScope,
  fieldValidation: FieldValidation,
  check: typeof checkKind = checkKind,
): Promise<MutableObject> {
  const { resource } = scope;
  const decoding = readBody(scope);
  const { object: body, problems: duplicates } = decoding instanceof Promise ? await decoding : decoding;
  const other = resource.custom ? unknownInOtherVersion(resource, body) : undefined;
  if (other) report(scope, body, [...duplicates, ...other], fieldValidation);
  check(scope, body, scope.body);
  const given = { kind: body.kind, apiVersion: body.apiVersion };
  const { object, problems } = decodeObject(scope, body);
  const all = resource.custom ? [...duplicates, ...problems] : inOrderOfBody(body, duplicates, problems);
  report(scope, given, all, fieldValidation);
  return object;
}

/** @throws StatusError 400 in strict validation */
function report(
  { resource, warn }: RequestScope,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
  problems: readonly string[],
  fieldValidation: FieldValidation,
): void {
  if (problems.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Warn') {
    for (const one of problems) warn(one);
    return;
  }
  const { version } = parseApiVersion(apiVersion);
  throw badRequest(
    `${kind} in version ${goQuote(version)} cannot be handled as a ${resource.kind}: strict decoding error: ${problems.join(', ')}`,
  );
}

function readBody(scope: RequestScope): DecodedBody | Promise<DecodedBody> {
  const { kind, group, version, custom } = scope.resource;
  const apiVersion = formatApiVersion(group, version);
  try {
    return decodeBody(scope.body, negotiateBody(scope.contentType, custom), { kind, apiVersion });
  } catch (error) {
    // Numbers that no float holds are met later with custom resources, when their kind is known already.
    const number = /json parse error: (json: cannot unmarshal number \S+ into Go value of type float64)/;
    const found = custom && error instanceof Error ? number.exec(error.message) : null;
    if (!found) throw error;
    throw badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${found[1]}`);
  }
}

/** What the version that the body names does not know; undefined where it is the one of the path. It is refused later. */
function unknownInOtherVersion(resource: ServedResource, body: MutableObject): string[] | undefined {
  const expected = formatApiVersion(resource.group, resource.version);
  const { apiVersion = expected, kind } = body;
  if (apiVersion === expected || kind !== resource.kind) return undefined;
  if (parseApiVersion(apiVersion).group !== resource.group) return undefined;
  const metadata = decodeObjectMeta(body.metadata).unknown.map((path) => `metadata.${path}`);
  const paths = [...metadata, ...prune(body, schemaOf(resource, apiVersion)).paths];
  return paths.map((path) => `unknown field ${goQuote(path)}`);
}

/** A version that the definition does not have knows no fields at all. */
function schemaOf({ versions }: ServedResource, apiVersion: string): StructuralSchema {
  try {
    return versions?.schema?.(apiVersion) ?? {};
  } catch {
    return {};
  }
}

/** Turns plain JSON into an object of the kind; `metadata` is there afterwards. */
export function decodeObject(
  scope: RequestScope,
  body: MutableObject,
): { readonly object: MutableObject; readonly problems: readonly string[] } {
  const decoded = scope.resource.strategy.decode(body);
  (decoded.object as { metadata?: unknown }).metadata ??= {};
  scope.resource.strategy.applyDefaults(decoded.object);
  return decoded;
}

/** Built-in kinds are read in one go: what is wrong is told in the order in which it stands. */
function inOrderOfBody(
  body: MutableObject,
  duplicates: readonly string[],
  problems: readonly string[],
): readonly string[] {
  if (duplicates.length === 0 || problems.length === 0) return [...duplicates, ...problems];
  const rank = new Map<string, number>();
  const visit = (value: unknown, path: string): void => {
    rank.set(path, rank.size);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      visit(member, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`);
    }
  };
  visit(body, '');
  const place = (problem: string) => rank.get(/"(.*)"/.exec(problem)?.[1] ?? '') ?? rank.size;
  return [...duplicates, ...problems].sort((a, b) => place(a) - place(b));
}

/** What a body says that it is must be what the path serves. Built-in kinds need not say it. */
export function checkKind({ resource, backend }: RequestScope, body: MutableObject, raw: Uint8Array): void {
  const expected = formatApiVersion(resource.group, resource.version);
  const object = body as { kind?: unknown; apiVersion?: unknown };
  if (resource.custom) {
    if (object.kind === undefined || object.kind === '') {
      const text = Buffer.from(raw).toString('utf8').trimEnd();
      const isText = raw.length === 0 || raw[0] === 0x7b;
      const head = !isText
        ? Buffer.from(raw.subarray(0, 30)).toString('hex')
        : text.length > 30
          ? `${text.slice(0, 30)} ...`
          : text;
      throw badRequest(
        `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${text}' (${head})`,
      );
    }
    if (object.apiVersion !== expected) throw otherVersion(String(object.apiVersion ?? ''), expected);
    if (object.kind !== resource.kind) {
      const error = FieldError.invalid('kind', object.kind, `must be ${resource.kind}`);
      throw invalid({ group: resource.group, kind: String(object.kind) }, String(body.metadata?.name ?? ''), [error]);
    }
    return;
  }
  if (!object.kind) object.kind = resource.kind;
  if (!object.apiVersion) object.apiVersion = expected;
  if (object.kind === resource.kind && object.apiVersion === expected) return;
  const [kind, apiVersion] = [String(object.kind), String(object.apiVersion)];
  const { group, version } = parseApiVersion(apiVersion);
  const known = backend.registry
    .list()
    .some((one) => !one.custom && one.kind === kind && one.group === group && one.version === version);
  if (known && kind === resource.kind && group === resource.group) throw otherVersion(apiVersion, expected);
  const goPackage = (name: string) => (name === '' ? 'core' : (name.split('.')[0] ?? name));
  const why = known
    ? `converting (${version}.${kind}) to (${goPackage(resource.group)}.${resource.kind}): unknown conversion`
    : `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
  throw badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${resource.kind}: ${why}`);
}

function otherVersion(found: string, expected: string): StatusError {
  return badRequest(`the API version in the data (${found}) does not match the expected API version (${expected})`);
}
