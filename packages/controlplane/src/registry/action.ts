import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from './resource.ts';
import type { UserInfo } from './user.ts';

/** What an action knows of the request beside its body. */
export interface ActionRequest {
  readonly user: UserInfo;
  /** Empty for what belongs to the cluster. */
  readonly namespace: string;
  /** Of the object whose subresource it is; empty for an action of its own. */
  readonly name: string;
  readonly dryRun: boolean;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Becomes a Warning header of the answer. */
  warn(text: string): void;
  /** Becomes an annotation of the request's entry in the audit log. */
  annotate(key: string, value: string): void;
  /** Asks validating admission; to be awaited, once the body is found to be right, before anything is done. */
  validate(): Promise<void> | undefined;
}

/**
 * What a POST does that stores nothing by itself: a question answered by code (reviews of access, of tokens), or an act
 * upon an object (eviction, binding, token). Its body is read, defaulted and shown to mutating admission like that of
 * any creation; whatever else must be checked is up to the action, which refuses by throwing a StatusError.
 */
export interface Action {
  /** The body keeps uid and times that the client gave it. */
  readonly keepsSystemFields?: boolean;
  /** Does it, and gives the object that is the answer; without one the answer is that it was done. */
  run(body: MutableObject, request: ActionRequest): KubeObject | Promise<KubeObject | undefined>;
}

/** What a GET of a subresource that answers with text knows of the request. */
export interface ReadRequest {
  readonly namespace: string;
  readonly name: string;
  readonly query: URLSearchParams;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/**
 * Gives the text of a subresource such as `pods/log`: whole, or as it comes; nothing where there is nobody to ask.
 * Refuses by throwing a StatusError.
 */
export type Read = (request: ReadRequest) => Uint8Array | AsyncIterable<Uint8Array> | undefined;
