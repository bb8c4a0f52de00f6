import type { FieldFilter, FieldSet } from '../fieldpath/index.ts';
import type { TypedValue } from '../typed/index.ts';

/** What a manager owns, in the version in which it said so. */
export interface VersionedSet {
  readonly set: FieldSet;
  /** `apps/v1` */
  readonly apiVersion: string;
  /** By an apply, not by an update. */
  readonly applied: boolean;
}

/** Who owns what; the keys name managers and are not looked into. */
export type ManagedFields = ReadonlyMap<string, VersionedSet>;

/** Takes objects of one kind from version to version. */
export interface Converter {
  /**
   * The object in another version, itself if it has that version.
   * @throws MissingVersionError for a version that is not served any more: its managers are forgotten
   */
  convert(object: TypedValue, apiVersion: string): TypedValue;
}

/** Says of a version that nothing is known of it. */
export class MissingVersionError extends Error {
  override readonly name = 'MissingVersionError';
}

export interface UpdaterOptions {
  readonly converter: Converter;
  /** By version: what is left of the fields of a write; nobody comes to own the rest by it. */
  readonly ignore?: ReadonlyMap<string, FieldFilter>;
  /** An apply that changes nothing returns the object all the same, not undefined. */
  readonly returnInputOnNoop?: boolean;
}

export interface Updated<Result> {
  readonly object: Result;
  readonly managers: ManagedFields;
}

export interface Updater {
  /** Who owns what after `manager` has written `next` in place of `live`. Ownership of what changed goes to it. */
  update(
    live: TypedValue,
    next: TypedValue,
    apiVersion: string,
    managers: ManagedFields,
    manager: string,
  ): Updated<TypedValue>;
  /**
   * Merges what `manager` intends into the live object, and removes what it intended before, does not now and nobody
   * else owns. The object is undefined if it stays as it is.
   * @throws ConflictError if others own fields with other values, unless forced
   * @throws TypedValueError if the objects do not fit their types
   */
  apply(
    live: TypedValue,
    intent: TypedValue,
    apiVersion: string,
    managers: ManagedFields,
    manager: string,
    force: boolean,
  ): Updated<TypedValue | undefined>;
}
