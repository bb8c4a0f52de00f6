import type { KubeObject } from '@setpoint/apimachinery/meta';
import { objectText } from './errors.ts';
import {
  asTyped,
  type Converter,
  type FieldSet,
  type TypedValue,
  TypedValueError,
  type TypeSchema,
  type Updater,
} from './merge/index.ts';

/** What a field manager must know of the objects of one resource, in one version, and of one of its subresources. */
export interface FieldManagerOptions {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty: the object itself. */
  readonly subresource: string;
  readonly type: TypeSchema;
  readonly converter: Converter;
  /** An object of the kind with nothing in it. */
  readonly empty: KubeObject;
  /** What writes leave as it is, whatever they say of it. */
  readonly reset?: FieldSet | undefined;
  /** The versions in which it is so. @default the one that is written in */
  readonly resetIn?: readonly string[] | undefined;
  /** Why objects made by an apply cannot be converted: on the real server the scales of custom resources cannot. */
  readonly unconvertible?: string | undefined;
}

/** Who writes, and when: RFC 3339. */
export interface Writer {
  /** Empty: unknown. */
  readonly manager: string;
  readonly now: string;
}

/** One field manager's own, made once. */
export interface Tools {
  readonly options: FieldManagerOptions;
  readonly updater: Updater;
  emptyTyped?: TypedValue;
}

export function emptyTyped(tools: Tools): TypedValue {
  tools.emptyTyped ??= asTyped(tools.options.empty, tools.options.type, { allowDuplicates: true });
  return tools.emptyTyped;
}

/**
 * An object with its type, without `managedFields`: nobody owns those, and they are the larger half of many objects.
 * @throws Error that says which object has no such type, and where
 */
export function typed(
  type: TypeSchema,
  object: KubeObject,
  allowDuplicates: boolean,
  before: string,
  after: string,
): TypedValue {
  try {
    return asTyped(withoutManagedFields(object), type, { allowDuplicates });
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    const what = [before, `(${objectText(object)})`, after].filter(Boolean).join(' ');
    throw new Error(`${what}: ${error.message}`, { cause: error });
  }
}

export function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
