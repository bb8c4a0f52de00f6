/**
 * What `status.patch` takes: some members of the status, at any depth. `null` removes a member; lists are replaced
 * as a whole (JSON merge patch, RFC 7386). `undefined` is refused, see `NoUndefined`.
 */
export type StatusPatch<Status> = { readonly [K in keyof Status]?: PatchValue<NonNullable<Status[K]>> | null };

type PatchValue<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: PatchValue<NonNullable<T[K]>> | null }
    : T;

type UndefinedMessage =
  'undefined does nothing in a patch: leave the member out to keep it, or write null to remove it';

/**
 * Refuses `undefined` at any depth, also where the project's own compiler settings would let it pass:
 * `patch<const P extends StatusPatch<Status>>(patch: P & NoUndefined<P>)`.
 */
export type NoUndefined<P> = P extends readonly unknown[] | string | number | bigint | boolean | null
  ? unknown
  : { readonly [K in keyof P]: undefined extends P[K] ? UndefinedMessage : NoUndefined<P[K]> };
