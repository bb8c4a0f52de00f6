import type { JsonValue } from '../meta/index.ts';

/** The type of a field as the Go definition gives it, reduced to what JSON, defaults and patches need. */
export type TypeRef =
  | {
      readonly kind: 'string' /** Go name of a named string type. */;
      readonly name?: string;
      readonly enum?: readonly string[];
    }
  | { readonly kind: 'bool' | 'bytes' | 'float64' }
  | { readonly kind: 'integer'; readonly bits: 32 | 64 }
  | { readonly kind: SpecialType }
  | { readonly kind: 'list'; readonly items: TypeRef }
  | { readonly kind: 'map'; readonly values: TypeRef }
  | { readonly kind: 'struct' /** Key for structType: `core/v1.PodSpec`. */; readonly type: string };

/** Types with an encoding of their own. */
export type SpecialType =
  | 'Quantity'
  | 'IntOrString'
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'RawExtension'
  | 'FieldsV1'
  | 'JSON'
  | 'JSONSchemaPropsOrBool'
  | 'JSONSchemaPropsOrArray'
  | 'JSONSchemaPropsOrStringArray';

/** One field as it appears in JSON. */
export interface Field {
  readonly name: string;
  readonly type: TypeRef;
  /** The Go field is a pointer, so that zero and absent differ. */
  readonly pointer: boolean;
  /** An absent, empty or zero value is not written. */
  readonly omitEmpty: boolean;
  /** Like omitEmpty, for structs and times. */
  readonly omitZero: boolean;
  /** The definition says that a value must be given. */
  readonly required: boolean;
  readonly default?: JsonValue;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** The field's struct is replaced as a whole by apply. */
  readonly structType?: 'atomic' | 'granular';
  readonly patchStrategy?: readonly string[];
  readonly patchMergeKey?: string;
  /** Number of the field in protobuf; undefined where the field is never sent so. */
  readonly number?: number;
}

/** A member of the protobuf message: a field, or a struct that JSON inlines and protobuf nests. */
export type Member = { readonly field: Field } | { readonly inline: string; readonly number: number | undefined };

/** One struct of the published definitions and its fields. */
export interface StructType {
  /** `PodSpec` */
  readonly name: string;
  /** `core/v1` */
  readonly module: string;
  /** In the order of the Go struct, inlined structs in place: the order in which the server writes them. */
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  readonly members: readonly Member[];
  readonly structType?: 'atomic' | 'granular';
}

/** A subresource of a built-in kind, as discovery tells it. */
export interface SubresourceFacts {
  /** `status`, `scale`, `log`, … */
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** A kind that the server serves, as its discovery describes it. */
export interface BuiltinKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceFacts[];
  readonly storageVersionHash?: string;
  /** Key for structType. */
  readonly type: string;
}
