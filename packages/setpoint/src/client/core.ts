import type { Clock } from '@setpoint/apimachinery/clock';
import type { LabelSelector } from '@setpoint/apimachinery/meta';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import { ConnectionError, describeRequest, type RequestDescription, UnknownOutcomeError } from '../errors/index.ts';
import { decodeJson, textOf } from './json.ts';
import type { KindReference, LabelSelectorOption, ManagedFieldsOption } from './options.ts';
import type { Call, Pipeline } from './pipeline.ts';
import type { PathParts, ResourceInfo } from './resource.ts';
import type { ManagedFieldsMode } from './watch/index.ts';

/** What the verbs share. */
export interface Core {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly fieldManager: string;
  /** The resource behind a kind; asks discovery for those that do not say themselves. */
  resolve(kind: KindReference, signal: AbortSignal | undefined): Promise<ResourceInfo>;
}

/** What a kind is asked for as; a projection falls back to whole objects on servers that cannot make one. */
export function acceptOf(resource: ResourceInfo, list: boolean): string {
  if (resource.projection === 'full') return 'application/json';
  const as = list ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`;
}

export function describe(resource: ResourceInfo, verb: string, parts: PathParts): RequestDescription {
  return { verb, kind: resource.label, ...parts };
}

export function selectorText(selector: LabelSelectorOption | undefined): string | undefined {
  if (selector === undefined || typeof selector === 'string') return selector;
  return labelSelectorOf(selector satisfies LabelSelector).toString();
}

export function fieldsMode(core: Core, options: ManagedFieldsOption): ManagedFieldsMode {
  const mode = options.managedFields ?? 'keep';
  return mode === 'own' ? { mode, managers: options.managers ?? [core.fieldManager] } : { mode };
}

/** Parses an answer. One that is not JSON came from something else than an API server. */
export function decodeAnswer(call: Call, body: Uint8Array): unknown {
  try {
    return decodeJson(textOf(body));
  } catch (cause) {
    throw invalidAnswer(call, cause);
  }
}

export function invalidAnswer(call: Call, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = new ConnectionError(
    'InvalidAnswer',
    `cannot ${describeRequest(call.request)}: the answer is not what an API server sends: ${why}`,
    { requestSent: true, cause },
  );
  return call.write ? new UnknownOutcomeError(call.request, error) : error;
}
