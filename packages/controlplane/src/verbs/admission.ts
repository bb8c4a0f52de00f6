import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../http/index.ts';
import type { MutableObject, ServedResource } from '../registry/index.ts';
import { isNamespace } from './namespaces.ts';
import type { Backend } from './scope.ts';
import type { WriteContext } from './write.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What admission is told of a write, as kube-apiserver's admission attributes. */
export interface AdmissionAttributes {
  readonly backend: Backend;
  readonly operation: AdmissionOperation;
  /** What is written; of a subresource, the resource that it is part of. */
  readonly resource: ServedResource;
  readonly subresource: string;
  /** The kind of `object`: that of the resource, or of a subresource with a kind of its own (Scale, Eviction). */
  readonly kind: GroupVersionKind;
  /** Of a Namespace: its own name. */
  readonly namespace: string;
  /** Empty as long as the server has not generated it, and for every object of a deletecollection. */
  name: string;
  readonly user: UserInfo;
  /** A creation that was asked for as an update, so that nobody has looked yet whether the user may create. */
  readonly createsByUpdate: boolean;
  readonly dryRun: boolean;
  /** The members of the request's CreateOptions, UpdateOptions or DeleteOptions, without its kind. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Undefined for a deletion. Mutating admission may change it in place or put another one here. */
  object: MutableObject | undefined;
  /** As it is stored, in the version of the request; undefined for a creation. */
  readonly oldObject: KubeObject | undefined;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal | undefined;
  /** Monotonic clock time in milliseconds at which the request is given up, if there is a request. */
  readonly deadline: number | undefined;
  /** Becomes a Warning header of the answer. */
  warn(text: string): void;
  /** Becomes an annotation of the request's entry in the audit log. */
  annotate(key: string, value: string): void;
  /** Mutating admission is asked once more, because a webhook has changed what others had seen. */
  reinvocation?: boolean;
}

/**
 * Both phases of admission. They throw or reject with a StatusError to refuse, and answer undefined where nothing had
 * to be waited for, so that a write that nobody has a say in is done in the turn in which it came.
 */
export interface Admission {
  /** Before the object is prepared and validated. */
  mutate(attributes: AdmissionAttributes): Promise<void> | undefined;
  /** After validation, right before the commit. */
  validate(attributes: AdmissionAttributes): Promise<void> | undefined;
}

export interface Admitted {
  readonly operation: AdmissionOperation;
  readonly name: string;
  readonly object: MutableObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly kind?: GroupVersionKind | undefined;
}

export function attributesOf(context: WriteContext, admitted: Admitted): AdmissionAttributes {
  const { resource } = context;
  return {
    backend: context.backend,
    operation: admitted.operation,
    resource,
    subresource: context.subresource ?? '',
    kind: admitted.kind ?? resource,
    namespace: isNamespace(resource) ? admitted.name : context.namespace,
    name: admitted.name,
    user: context.user,
    createsByUpdate: context.createsByUpdate ?? false,
    dryRun: context.dryRun,
    options: context.options ?? noOptions,
    object: admitted.object,
    oldObject: admitted.oldObject,
    signal: context.signal,
    deadline: context.deadline,
    warn: context.warn,
    annotate: context.annotate ?? noAnnotation,
  };
}

const noOptions = {};
const noAnnotation = () => {};
