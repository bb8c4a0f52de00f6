import type { FieldError } from '@setpoint/apimachinery/errors';
import type { BuiltinKind, Documentation } from '@setpoint/apimachinery/kinds';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { Action, Read } from './action.ts';
import type { AwaitedConversion } from './conversion.ts';
import type { UserInfo } from './user.ts';

/** A name under which objects are served: one group, version and plural. */
export interface ResourceNames {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** The plural, as in a path. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** While a request is served objects are plain and mutable; the store freezes what it keeps. */
// biome-ignore lint/suspicious/noExplicitAny: fields of any kind; what they hold is for the schema to say
export type MutableObject = KubeObject & { [key: string]: any };

/** What decoding a body found besides the object. */
export interface Decoded {
  readonly object: MutableObject;
  /** `unknown field "spec.b"`, in the order of the body; the verb makes warnings or a refusal of them. */
  readonly problems: readonly string[];
}

export interface ScalePaths {
  /** JSON paths such as `.spec.replicas`. */
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/**
 * What a kind does differently from others: the hooks that a verb calls, in the order of api-server.md §4.
 * The verbs own everything generic (names, uid, timestamps, generation, finalizers, resource versions);
 * a strategy owns what depends on the kind.
 */
export interface Strategy {
  /**
   * Makes a body an object of this kind: coerces, drops unknown fields, reports them.
   * Throws a StatusError (400) when the body cannot be one.
   */
  decode(body: MutableObject): Decoded;
  /** Fills in defaults, in place. Also called for objects read from the store that were written under another schema. */
  applyDefaults(object: MutableObject): void;
  /** Clears what a client may not set at creation (status), sets what only the server sets. `user`: who asked for it. */
  prepareForCreate(object: MutableObject, user?: UserInfo): void;
  /** Restores from `old` what an update may not change (status, where it is a subresource). */
  prepareForUpdate(object: MutableObject, old: KubeObject): void;
  /** Keeps only what a write of the status may change; everything else comes from `old`. */
  prepareForStatusUpdate(object: MutableObject, old: KubeObject): void;
  /** Loads what judging such an object needs and most do not (CEL). Undefined: there is nothing to wait for. */
  ready?(object: KubeObject): Promise<void> | undefined;
  validate(object: KubeObject): readonly FieldError[];
  /** `warn` is told what is wrong, but was so before. */
  validateUpdate(object: KubeObject, old: KubeObject, warn?: (text: string) => void): readonly FieldError[];
  validateStatusUpdate(object: KubeObject, old: KubeObject, warn?: (text: string) => void): readonly FieldError[];
  /** Subresources that are parts of the object, beside its status, by name: `approval`. */
  readonly parts?: Readonly<Record<string, PartStrategy>>;
  /** Warnings for an accepted create or update (deprecated fields and so on). */
  warnings?(object: KubeObject, old: KubeObject | undefined): readonly string[];
  /** Whether the difference between the two raises the generation; undefined: the kind has no generation. */
  generationChanged?(object: KubeObject, old: KubeObject): boolean;
  /** An update without resourceVersion overwrites whatever is there; custom resources refuse it. */
  readonly allowUnconditionalUpdate: boolean;
  /** A PUT of a missing object creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** Seconds that a deleted object stays; undefined: it goes at once (Pod is the exception). */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number | undefined;
  /** A DELETE that does not say what becomes of dependents leaves them, and gets this warning. */
  readonly orphansByDefault?: string;
  /** Why the object of this name cannot be deleted; undefined for all that can be. */
  undeletable?(name: string): string | undefined;
  /** DELETE answers with the object instead of a Status. */
  readonly deleteReturnsObject?: boolean;
  /** Fields beyond metadata.name and metadata.namespace that a field selector may name, with their values. */
  selectableFields?(object: KubeObject): Readonly<Record<string, string>>;
  /** The names that selectableFields answers for. */
  readonly selectableFieldNames?: readonly string[];
  /**
   * Called on a deletion before finalizers are looked at, with a copy that it may change. True: the object is
   * stored as it is now and is the answer; the deletion ends there (a definition first deletes its instances).
   * `now` is wall time in milliseconds.
   */
  prepareForDelete?(object: MutableObject, now: number): boolean;
  /** Runs in the same turn as the commit, after it (allocations, CRD life-cycle). */
  afterCommit?(change: { readonly type: 'create' | 'update' | 'delete'; readonly object: KubeObject }): void;
}

/** What a write of one part of an object does differently from one of the object. */
export interface PartStrategy {
  /** Keeps only what a write of this part may change; everything else comes from `old`. */
  prepare(object: MutableObject, old: KubeObject): void;
  validate(object: KubeObject, old: KubeObject): readonly FieldError[];
}

export interface OpenApiComponents {
  /** The component that is this kind. */
  readonly name: string;
  readonly schemas: Readonly<Record<string, object>>;
}

/** The columns of `kubectl get`. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableConvertor {
  readonly columns: readonly ColumnDefinition[];
  /** One cell a column; `now` is wall time in milliseconds, for ages. */
  cells(object: KubeObject, now: number): readonly unknown[];
}

/** All versions of one resource, as field ownership sees them: each manager's fields are named in one of them. */
export interface ResourceVersions {
  /** Custom resources: the schema of one version. Throws an Error in the server's words for a version that is not there. */
  schema?(apiVersion: string): StructuralSchema | undefined;
  /** Built-in kinds: all of them; what a write leaves as it is, it leaves so in each. */
  readonly apiVersions?: readonly string[];
  /** Where each version keeps its replicas, if it has a scale. */
  readonly replicas?: ReadonlyMap<string, readonly string[] | undefined>;
  /** The object in another version; undefined for one that is not known. */
  convert(object: KubeObject, apiVersion: string): KubeObject | undefined;
}

/** One served resource of one version. */
export interface ServedResource extends ResourceNames {
  readonly strategy: Strategy;
  readonly table: TableConvertor;
  readonly subresources: { readonly status: boolean; readonly scale?: ScalePaths };
  readonly verbs: readonly string[];
  /** Verbs as discovery lists them, where it does not list all. */
  readonly discoveredVerbs?: readonly string[];
  /** Where its objects are kept, `group/plural`; versions of one resource share it. */
  readonly storageKey: string;
  /** Makes a stored object one of this version (conversion, pruning and defaults of a custom resource). */
  fromStorage(object: KubeObject): KubeObject;
  /** The opposite, before a commit. */
  toStorage(object: KubeObject): KubeObject;
  /** An object as Go writes it, in this version; absent where it is written as it is. Ownership is tracked in this form. */
  asWritten?(object: KubeObject): KubeObject;
  /** There where conversion has to be waited for: use `whenConverted`. */
  readonly conversion?: AwaitedConversion;
  /** The other versions of the resource; absent where there are none. */
  readonly versions?: ResourceVersions;
  /** Changes whenever fromStorage would answer differently; part of the key under which encodings are kept. */
  readonly encodingVersion: string;
  /** Watches do not begin at revisions before this one: what is watched is served since then. */
  readonly servedSince?: number;
  /** The schema that OpenAPI publishes, as an OpenAPI v3 schema object; asked for lazily. */
  openApiSchema?(): object;
  /**
   * For built-in kinds, instead of openApiSchema: the component of this kind and every component that it refers to,
   * by OpenAPI name. With `documentation` (apimachinery/kinds loadDocumentation) descriptions are included.
   */
  openApiComponents?(documentation?: Documentation): OpenApiComponents;
  /** Subresources and other facts as discovery lists them, for built-in kinds. */
  readonly discovery?: BuiltinKind;
  /** Requests for this resource are answered with 501 NotImplemented and this text. */
  readonly notImplemented?: string;
  /** Creation does this instead of storing anything. */
  readonly action?: Action;
  /** Subresources whose creation does something, by name: each with the kind of its body, which has an action. */
  readonly actions?: Readonly<Record<string, ServedResource>>;
  /** Subresources whose GET answers with text, by name. */
  readonly reads?: Readonly<Record<string, Read>>;
  /** `storageVersionHash` of discovery. */
  readonly storageVersionHash?: string;
  /** Custom resources: PATCH refuses strategic merge; a terminating definition refuses creates. */
  readonly custom: boolean;
  /** Warnings that every answer of this resource carries (a deprecated version). */
  readonly requestWarnings?: readonly string[];
  /** A reason to refuse a create with 403 (the definition is terminating). */
  readonly createForbidden?: string | undefined;
  /** The definition is no longer there: what is still on its way through admission must not be stored any more. */
  readonly gone?: boolean;
}
