import { compareRevisions } from '../../cache/index.ts';
import type { LeaseObject } from './lease.ts';

/** On a Lease that was given up: what its last holder wrote, as revisions by kind; whoever comes next has to have seen it. */
export const writtenAnnotation = 'setpoint.dev/written';

/** Revisions by kind. */
export type Written = Readonly<Record<string, string>>;

/** Of each kind the last one. */
export function mergeWritten(all: readonly Written[]): Written {
  const merged: Record<string, string> = {};
  for (const [kind, revision] of all.flatMap((written) => Object.entries(written))) {
    const other = merged[kind];
    if (other === undefined || compareRevisions(revision, other) > 0) merged[kind] = revision;
  }
  return merged;
}

/**
 * What has to be seen before the work of these Leases' last holders is gone on with; undefined where that is not known.
 */
export function writtenBefore(leases: readonly LeaseObject[]): Written | undefined {
  const all = leases.map((lease) => (lease.spec?.holderIdentity ? undefined : writtenIn(lease)));
  return all.every((written) => written !== undefined) ? mergeWritten(all) : undefined;
}

function writtenIn({ metadata }: LeaseObject): Written | undefined {
  try {
    const text = metadata.annotations?.[writtenAnnotation];
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Written) : undefined;
  } catch {
    return undefined;
  }
}
