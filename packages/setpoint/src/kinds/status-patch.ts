/**
 * What `status.patch` takes: some members of the status, at any depth. `null` removes a member; lists are replaced
 * as a whole (JSON merge patch, RFC 7386). `undefined` is refused, see `CheckedStatusPatch`.
 */
export type StatusPatch<Status> = { readonly [K in keyof Status]?: PatchValue<NonNullable<Status[K]>> | null };

type PatchValue<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: PatchValue<NonNullable<T[K]>> | null }
    : T;

type UndefinedMessage<Path extends string> =
  `${Path} is undefined, which does nothing in a patch: leave it out to keep it, or write null to remove it`;

/**
 * The patch itself, or else a sentence that says what is wrong with it: a member the status has not, or one that may
 * be `undefined` (also where the project's own compiler settings would let it pass).
 *
 * ```ts
 * patch<const P extends StatusPatch<Status>>(patch: CheckedStatusPatch<P, Status>): …
 * ```
 */
export type CheckedStatusPatch<P, Status> =
  // A wrong type, or only unknown members, make the compiler fall back to the constraint: its own message is good.
  StatusPatch<Status> extends P
    ? StatusPatch<Status>
    : [PatchProblem<P, Status, ''>] extends [never]
      ? P
      : PatchProblem<P, Status, ''>;

type PatchProblem<P, Status, Path extends string> = P extends
  | readonly unknown[]
  | string
  | number
  | bigint
  | boolean
  | null
  ? never
  : {
      [K in keyof P & string]: K extends keyof Status
        ? undefined extends P[K]
          ? UndefinedMessage<`${Path}${K}`>
          : PatchProblem<P[K], NonNullable<Status[K]>, `${Path}${K}.`>
        : `the status has no ${Path}${K}`;
    }[keyof P & string];

type NoUndefinedMessage =
  'undefined does nothing in a patch: leave the member out to keep it, or write null to remove it';

/** Refuses `undefined` at any depth; `CheckedStatusPatch` also finds members the status has not. */
export type NoUndefined<P> = P extends readonly unknown[] | string | number | bigint | boolean | null
  ? unknown
  : { readonly [K in keyof P]: undefined extends P[K] ? NoUndefinedMessage : NoUndefined<P[K]> };
