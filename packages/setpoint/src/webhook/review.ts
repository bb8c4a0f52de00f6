import { isJsonObject } from '@setpoint/apimachinery/json';
import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import type { AdmissionRequest } from '../controller/index.ts';
import type { AnyKind } from '../kinds/index.ts';

/** A request that is none: the API server is told so with a 400. */
export class BadReview extends Error {
  override readonly name = 'BadReview';
}

/** An AdmissionReview as it comes in, checked. */
export interface ReadReview {
  /** `admission.k8s.io/v1`, or `…/v1beta1`, which has the same members: the answer is of the same version. */
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** An AdmissionReview as it goes out. */
export interface AnsweredReview {
  readonly apiVersion: string;
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

/** AdmissionResponse of admission.k8s.io/v1. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status: Partial<Status>;
  /** A JSON patch, in base64. */
  readonly patch?: string;
  readonly patchType?: 'JSONPatch';
  readonly warnings?: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const versions = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'];
const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/**
 * Reads an AdmissionReview about objects of `kind`.
 *
 * @throws BadReview saying what is wrong with it
 */
export function readReview(value: unknown, kind: AnyKind): ReadReview {
  if (!isJsonObject(value)) throw new BadReview('the body is no JSON object');
  const { apiVersion, kind: word, request } = value as Json;
  if (word !== 'AdmissionReview' || !versions.includes(String(apiVersion))) {
    throw new BadReview(`expected an AdmissionReview of ${versions[0]}, got ${String(word)} of ${String(apiVersion)}`);
  }
  if (!isJsonObject(request)) throw new BadReview('the AdmissionReview has no request');
  const { uid, operation, kind: asked } = request as Json;
  if (typeof uid !== 'string' || uid === '') throw new BadReview('the request has no uid');
  const known = operations.find((one) => one === operation);
  if (!known) throw new BadReview(`unknown operation ${JSON.stringify(operation)}`);
  const { group = '', version, kind: name } = (isJsonObject(asked) ? asked : {}) as Json;
  if (group !== kind.group || version !== kind.version || name !== kind.kind) {
    throw new BadReview(
      `this webhook is for ${kind.kind} of ${kind.apiVersion}, not for ${String(name)} of ${String(group)}/${String(version)}`,
    );
  }
  const object = objectOf(request as Json, 'object', kind);
  const oldObject = objectOf(request as Json, 'oldObject', kind);
  if ((known === 'CREATE' || known === 'UPDATE') && !object) throw new BadReview(`${known} without an object`);
  if ((known === 'UPDATE' || known === 'DELETE') && !oldObject) throw new BadReview(`${known} without an oldObject`);
  return { apiVersion: String(apiVersion), request: requestOf(request as Json, uid, known), object, oldObject };
}

function objectOf(request: Json, member: 'object' | 'oldObject', kind: AnyKind): KubeObject | undefined {
  const value = request[member];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new BadReview(`${member} is no JSON object`);
  const object = value as unknown as KubeObject;
  if (object.apiVersion !== kind.apiVersion || object.kind !== kind.kind) {
    throw new BadReview(
      `${member} is a ${object.kind} of ${object.apiVersion}, not a ${kind.kind} of ${kind.apiVersion}`,
    );
  }
  if (!isJsonObject(object.metadata)) throw new BadReview(`${member} has no metadata`);
  return object;
}

function requestOf(request: Json, uid: string, operation: AdmissionRequest['operation']): AdmissionRequest {
  const { name, namespace, dryRun, userInfo, options } = request;
  const user = (isJsonObject(userInfo) ? userInfo : {}) as Json;
  return {
    uid,
    operation,
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : undefined,
    dryRun: dryRun === true,
    user: {
      name: typeof user.username === 'string' ? user.username : '',
      uid: typeof user.uid === 'string' ? user.uid : undefined,
      groups: Array.isArray(user.groups) ? (user.groups as string[]) : [],
      extra: isJsonObject(user.extra) ? (user.extra as Record<string, readonly string[]>) : {},
    },
    options: isJsonObject(options) ? options : undefined,
  };
}
