import { FieldPath, formatFieldErrors, goQuote } from '@setpoint/apimachinery/errors';
import { isJsonObject, parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import { type KubeObject, parseApiVersion } from '@setpoint/apimachinery/meta';
import { validateAnnotations, validateLabels } from '@setpoint/apimachinery/schema';
import type { WebhookClient, WebhookTarget } from '../http/index.ts';
import { plainServerError, StatusError } from '../status/index.ts';
import type { Definition } from './definition.ts';

/** Converts objects, all of one version, to another; the answer is in their order. */
export type ConvertObjects = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>;

const group = 'apiextensions.k8s.io';
const knownVersions: readonly string[] = ['v1beta1', 'v1'];
const timeout = 30_000;

type Loose = Readonly<Record<string, unknown>>;

/**
 * Converts by the webhook of a definition (ConversionReview).
 * @throws StatusError 500 in the words of the real server for whatever goes wrong
 */
export function conversionWebhook(
  definition: Definition,
  client: () => WebhookClient,
  newUid: () => string,
): ConvertObjects {
  const { clientConfig = {}, conversionReviewVersions = [] } = definition.spec.conversion?.webhook ?? {};
  const version = conversionReviewVersions.find((one) => knownVersions.includes(one));
  return async (objects, apiVersion) => {
    const [first] = objects;
    if (first === undefined) return [];
    if (version === undefined) throw plainServerError('no supported conversion review versions');
    const uid = newUid();
    const review = {
      kind: 'ConversionReview',
      apiVersion: `${group}/${version}`,
      request: { uid, desiredAPIVersion: apiVersion, objects: objects.map(asSent) },
      response: { uid: '', convertedObjects: null, result: { metadata: {} } },
    };
    const who = `conversion webhook for ${kindText(first)}`;
    try {
      const answer = await client().post(targetOf(clientConfig), review, { timeout });
      const converted = convertedObjects(answer, version, uid);
      if (converted.length !== objects.length) {
        throw plainServerError(`${who} returned ${converted.length} objects, expected ${objects.length}`);
      }
      return objects.map((object, i) => checked(object, converted[i], apiVersion, who));
    } catch (error) {
      if (error instanceof StatusError) throw error;
      throw plainServerError(`${who} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** As it lies in the store: without its revision, with its members in byte order. */
function asSent({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject): unknown {
  return parseJson(stringifyJson({ ...rest, metadata }, { sortKeys: true }));
}

function kindText({ apiVersion, kind }: KubeObject): string {
  return `${apiVersion}, Kind=${kind}`;
}

/** White space is no authority. */
function targetOf(config: WebhookTarget): WebhookTarget {
  const { caBundle = '', ...rest } = config;
  return Buffer.from(caBundle, 'base64').toString('utf8').trim() === '' ? rest : config;
}

/** @throws Error for an answer that says no, or that is none to this question */
function convertedObjects(answer: Loose, version: string, uid: string): readonly unknown[] {
  const { apiVersion = '', kind = '', response } = answer as { apiVersion?: string; kind?: string; response?: unknown };
  if (version === 'v1' && (apiVersion !== `${group}/v1` || kind !== 'ConversionReview')) {
    const got = apiVersion === '' ? `/, Kind=${kind}` : `${apiVersion}, Kind=${kind}`;
    throw new Error(`expected webhook response of ${group}/v1, Kind=ConversionReview, got ${got}`);
  }
  if (!isJsonObject(response)) throw new Error('no response provided');
  const { uid: given = '', result, convertedObjects: objects } = response;
  if (version === 'v1' && given !== uid) {
    throw new Error(`expected response.uid=${goQuote(uid)}, got ${goQuote(String(given))}`);
  }
  const { status = '', message = '' } = (isJsonObject(result) ? result : {}) as { status?: string; message?: string };
  if (status !== 'Success') {
    throw new Error(message !== '' ? message : `response.result.status was '${status}', not 'Success'`);
  }
  return Array.isArray(objects) ? objects : [];
}

/** What came back, with the metadata of the original: a webhook may change labels and annotations alone. */
function checked(original: KubeObject, converted: unknown, wanted: string, who: string): KubeObject {
  const refuse = (what: string) => plainServerError(`${who} returned ${what}`);
  if (!isJsonObject(converted) || typeof converted.kind !== 'string' || converted.kind === '') {
    throw plainServerError(`Object 'Kind' is missing in '${stringifyJson(converted ?? null)}'`);
  }
  const { apiVersion = '', kind } = converted as { apiVersion?: string; kind: string };
  if (apiVersion !== wanted) {
    const received = apiVersion === '' ? '/' : apiVersion;
    throw refuse(`invalid object at index 0: invalid groupVersion (expected ${wanted}, received ${received})`);
  }
  if (kind !== original.kind) {
    throw refuse(`invalid object at index 0: invalid kind (expected ${original.kind}, received ${kind})`);
  }
  const moved = identityProblem(original, converted);
  if (moved !== undefined) throw refuse(`invalid object: ${moved}`);
  const metadata = restoredMeta(original, converted);
  if (typeof metadata === 'string') throw refuse(`invalid metadata: ${metadata}`);
  return { ...converted, metadata } as unknown as KubeObject;
}

function identityProblem(original: KubeObject, converted: Loose): string | undefined {
  const meta = isJsonObject(converted.metadata) ? converted.metadata : {};
  for (const [member, word] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const before = original.metadata[member] ?? '';
    const after = typeof meta[member] === 'string' ? meta[member] : '';
    if (before !== after) return `must have the same ${word}: ${before} != ${after}`;
  }
  return undefined;
}

/** The metadata, or what is wrong with it. */
function restoredMeta(original: KubeObject, converted: Loose): object | string {
  if (!Object.hasOwn(converted, 'metadata')) return 'missing metadata in converted object';
  if (!isJsonObject(converted.metadata)) {
    return `invalid metadata of type ${goType(converted.metadata)} in converted object`;
  }
  const restored: Record<string, unknown> = { ...original.metadata };
  for (const member of ['labels', 'annotations'] as const) {
    const given = (converted.metadata as Loose)[member];
    if (given === undefined || given === null) {
      delete restored[member];
      continue;
    }
    const problem = mapProblem(member, given, original.metadata[member] ?? {});
    if (problem !== undefined) return problem;
    restored[member] = given;
  }
  return restored;
}

function mapProblem(
  member: 'labels' | 'annotations',
  given: unknown,
  before: Readonly<Record<string, string>>,
): string | undefined {
  if (!isJsonObject(given)) return `invalid metadata.${member} of type ${goType(given)} in converted object`;
  const entries = Object.entries(given);
  for (const [key, value] of entries) {
    if (typeof value === 'string') continue;
    return `metadata.${member}[${key}] must be a string, but is ${goType(value)} in converted object`;
  }
  const isSame =
    entries.length === Object.keys(before).length && entries.every(([key, value]) => before[key] === value);
  if (isSame) return undefined;
  const map = given as Readonly<Record<string, string>>;
  const errors =
    member === 'labels'
      ? validateLabels(map, FieldPath.of('metadata', 'labels'))
      : validateAnnotations(map, FieldPath.of('metadata', 'annotation'));
  return errors.length === 0 ? undefined : formatFieldErrors(errors);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return Number.isInteger(Number(value)) ? 'int64' : 'float64';
    default:
      return 'map[string]interface {}';
  }
}

/** Whether the group and version are one of the definition's. */
export function isVersionOf({ spec }: Definition, apiVersion: string): boolean {
  const { group: ofObject, version } = parseApiVersion(apiVersion);
  return ofObject === spec.group && spec.versions.some((one) => one.name === version);
}
