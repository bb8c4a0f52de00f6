import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from '../client/index.ts';
import { type ApiError, isAlreadyExists, isApiError, isInvalid } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { deleteObject } from './apply.ts';
import type { PlannedChild } from './child-plan.ts';
import type { Pass } from './pass.ts';
import type { Waiting } from './types.ts';

/** A change that the server refuses because of what is there. */
export interface ImmutableChange {
  /** Where, as the server says it: `spec.template`. */
  readonly fields: string;
  /** What the server says of it. */
  readonly reason: string;
}

/**
 * Whether the server refuses a child for what is there already: kinds say that of their immutable fields in many ways,
 * but an object that it would take as a new one, and not as a change, has changed what cannot be. So it is asked, by a
 * creation without effect, and what it would not take as a new one either is never deleted for it.
 *
 * @returns undefined where the refusal is about the child itself, or that cannot be told
 */
export async function immutableChange(
  client: Client,
  kind: AnyKind,
  intent: () => KubeObject,
  refusal: unknown,
): Promise<ImmutableChange | undefined> {
  if (!isInvalid(refusal) || !isApiError(refusal)) return undefined;
  try {
    await client.create(kind, intent() as never, { dryRun: true });
  } catch (error) {
    return isAlreadyExists(error) ? describe(refusal) : undefined;
  }
  // It is gone by now.
  return undefined;
}

function describe({ status }: ApiError): ImmutableChange {
  const causes = status.details?.causes ?? [];
  const fields = [...new Set(causes.flatMap(({ field }) => field || []))].join(', ') || 'what it is';
  return { fields, reason: [...new Set(causes.map(({ message }) => shortened(message ?? '')))].join('; ') };
}

/** Values come before what is said of them, and may be whole templates of Pods. */
function shortened(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length <= 120 ? line : line.slice(line.lastIndexOf(': ') + 2).slice(0, 120);
}

/** For a child that is not to be replaced. */
export function immutableError(what: string, { fields, reason }: ImmutableChange, cause: unknown): Error {
  return new Error(
    `${what} is there, and the server refuses to change ${fields} of it (${reason}): keep that as it is, name the child anew when it changes, or have it replaced (\`onImmutable: 'replace'\` of the child)`,
    { cause },
  );
}

/** Deletes a child, with all that it owns, so that it can be made anew. */
export async function replaceChild(
  pass: Pass,
  { what }: PlannedChild,
  present: KubeObject,
  { fields, reason }: ImmutableChange,
): Promise<Waiting> {
  const message = `${what} is deleted to be made anew: the server refuses to change ${fields}`;
  // What it owns goes first: the old and the new one must not be at work at the same time.
  if (await deleteObject(pass.environment, pass.client, present, { propagationPolicy: 'Foreground' })) {
    pass.event('Normal', 'ChildReplaced', message);
    pass.log.info({ child: what, reason }, message);
  }
  return { reason: 'ChildReplaced', message };
}
