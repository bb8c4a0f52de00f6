import type { Disk } from './disk.ts';

/** Names of the files in a data folder; the number is the revision that a file begins after. */
export interface LogFiles {
  /** The newest snapshot. */
  readonly snapshot: NumberedFile | undefined;
  /** Segments of the log from the snapshot on, oldest first. */
  readonly segments: readonly NumberedFile[];
  /** What an interrupted change of files left behind. */
  readonly obsolete: readonly string[];
}

export interface NumberedFile {
  readonly name: string;
  readonly revision: number;
}

/** Names sort as their revisions do. */
const digits = 16;

export function segmentName(revision: number): string {
  return `log-${String(revision).padStart(digits, '0')}`;
}

export function snapshotName(revision: number): string {
  return `snapshot-${String(revision).padStart(digits, '0')}`;
}

export function unfinished(name: string): string {
  return `${name}.unfinished`;
}

const numbered = /^(log|snapshot)-(\d{16})$/;
const leftOver = /\.(unfinished|new)$/;

export function filesOf(disk: Disk): LogFiles {
  const segments: NumberedFile[] = [];
  const snapshots: NumberedFile[] = [];
  const obsolete: string[] = [];
  for (const name of [...disk.names()].sort()) {
    const match = numbered.exec(name);
    if (match) (match[1] === 'log' ? segments : snapshots).push({ name, revision: Number(match[2]) });
    else if (leftOver.test(name)) obsolete.push(name);
  }
  const snapshot = snapshots.pop();
  const from = snapshot?.revision ?? 0;
  for (const { name, revision } of [...snapshots, ...segments]) if (revision < from) obsolete.push(name);
  return { snapshot, segments: segments.filter(({ revision }) => revision >= from), obsolete };
}
