import { isJsonObject } from '@setpoint/apimachinery/json';
import type { KubeObject, ObjectMeta } from '@setpoint/apimachinery/meta';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import type { Crd, Spoke } from '../kinds/index.ts';
import { type Log, messageOf } from '../reconcile/index.ts';
import { BadReview } from './review.ts';

/** What conversions are answered with the help of. */
export interface ConversionEnvironment {
  readonly log: Log;
  readonly panicked: () => void;
}

/** A ConversionReview as it goes out. */
export interface AnsweredConversion {
  readonly apiVersion: string;
  readonly kind: 'ConversionReview';
  readonly response: {
    readonly uid: string;
    readonly result: { readonly status: 'Success' | 'Failure'; readonly message?: string };
    readonly convertedObjects?: readonly KubeObject[];
  };
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Answers a ConversionReview: all of its objects, in order, or the first reason why one cannot be converted.
 *
 * @throws BadReview for what is no ConversionReview
 */
export function convertReview(
  crds: readonly Crd[],
  review: unknown,
  { log, panicked }: ConversionEnvironment,
): AnsweredConversion {
  const { apiVersion, uid, desired, objects } = readConversion(review);
  const answer = (response: Omit<AnsweredConversion['response'], 'uid'>): AnsweredConversion => ({
    apiVersion,
    kind: 'ConversionReview',
    response: { uid, ...response },
  });
  try {
    const convertedObjects = objects.map((object) => convertObject(crds, object, desired));
    return answer({ result: { status: 'Success' }, convertedObjects });
  } catch (error) {
    // An error that is one of the language's own is a mistake in a conversion, and its text of no use to a person.
    const broken = isMistake(error);
    if (broken) panicked();
    log.error({ err: error, requestID: uid }, `a conversion to ${desired} has failed: ${messageOf(error)}`);
    const message = broken ? 'internal error occurred during conversion' : messageOf(error);
    return answer({ result: { status: 'Failure', message } });
  }
}

/**
 * One object in another version of its kind. Its metadata stay, but for labels and annotations that a function answers.
 *
 * @throws Error saying which object cannot be converted
 */
export function convertObject(crds: readonly Crd[], object: KubeObject, desired: string): KubeObject {
  const { apiVersion = '', kind = '', metadata } = object;
  const from = parseApiVersion(apiVersion);
  const to = parseApiVersion(desired);
  const of = `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name ?? ''}`;
  if (from.group !== to.group)
    throw new Error(`${of} of ${apiVersion} cannot be converted to another group: ${desired}`);
  if (apiVersion === desired) throw new Error(`${of} is of ${desired} already: there is nothing to convert`);
  const crd = crds.find(({ storage }) => storage.group === from.group && storage.kind === kind);
  if (!crd?.hub) throw new Error(`this operator does not convert ${kind} of ${from.group}`);
  const spokes = new Map(crd.spokes.map((spoke) => [spoke.kind.apiVersion, spoke]));
  const hub = crd.hub.apiVersion;
  for (const version of [apiVersion, desired]) {
    if (version !== hub && !spokes.has(version)) throw new Error(`${of}: ${version} is no version of ${crd.name}`);
  }
  const atHub = apiVersion === hub ? object : through(object, spokes.get(apiVersion) as Spoke, 'toHub', hub);
  return desired === hub ? atHub : through(atHub, spokes.get(desired) as Spoke, 'fromHub', desired);
}

function through(object: KubeObject, spoke: Spoke, way: 'toHub' | 'fromHub', apiVersion: string): KubeObject {
  const converted = spoke[way](object) as { readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'> };
  if (!isJsonObject(converted)) {
    throw new TypeError(`${way} of ${spoke.kind.kind} ${spoke.kind.version} answered with ${typeof converted}`);
  }
  const { metadata, ...members } = converted;
  const { kind } = object;
  return { ...members, apiVersion, kind, metadata: mergedMetadata(object.metadata, metadata) } as unknown as KubeObject;
}

/** The API server takes labels and annotations from the answer, and refuses anything else that has changed. */
function mergedMetadata(before: ObjectMeta, given: Pick<ObjectMeta, 'labels' | 'annotations'> = {}): ObjectMeta {
  const { labels, annotations } = given;
  return { ...before, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}

function isMistake(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    [TypeError, RangeError, ReferenceError, SyntaxError, URIError].some((mistake) => error instanceof mistake)
  );
}

function readConversion(review: unknown) {
  if (!isJsonObject(review)) throw new BadReview('the body is no JSON object');
  const { apiVersion, kind, request } = review as Json;
  if (kind !== 'ConversionReview' || !/^apiextensions\.k8s\.io\/v1(beta1)?$/.test(String(apiVersion))) {
    throw new BadReview(`expected a ConversionReview of apiextensions.k8s.io/v1, got ${kind} of ${apiVersion}`);
  }
  if (!isJsonObject(request)) throw new BadReview('the ConversionReview has no request');
  const { uid, desiredAPIVersion, objects } = request as Json;
  if (typeof uid !== 'string' || uid === '') throw new BadReview('the request has no uid');
  if (typeof desiredAPIVersion !== 'string') throw new BadReview('the request has no desiredAPIVersion');
  if (!Array.isArray(objects) || !objects.every((object) => isJsonObject(object))) {
    throw new BadReview('the request has no objects');
  }
  return {
    apiVersion: String(apiVersion),
    uid,
    desired: desiredAPIVersion,
    objects: objects as unknown as KubeObject[],
  };
}
