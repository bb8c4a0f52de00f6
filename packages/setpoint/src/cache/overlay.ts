import type { KubeObject } from '@setpoint/apimachinery/meta';
import { compareRevisions, isRevision } from './revision.ts';
import { Tombstones } from './tombstones.ts';

/** An own write that the watch has not brought back yet. */
export interface OverlayEntry {
  readonly revision: string;
  readonly uid: string | undefined;
  /** As the store would hold it; undefined if the write moved the object out of the store's selection. */
  readonly object: KubeObject | undefined;
}

/**
 * What readers see on top of what the watch confirmed.
 *
 * The watermark is the highest revision of a list, an event or a bookmark: up to it the store is complete. A write's
 * answer enters above it and leaves when the watermark reaches it, since by then the watch has brought the write,
 * or something later. An entry therefore is never older than what the store holds.
 *
 * Caveat: revisions that are not numbers cannot be compared; then own writes are not visible before the watch.
 */
export class Overlay {
  readonly entries = new Map<string, OverlayEntry>();
  readonly tombstones = new Tombstones();
  #watermark: string | undefined;
  #comparable = true;
  readonly #onIncomparable: (revision: string) => void;

  constructor(onIncomparable: (revision: string) => void) {
    this.#onIncomparable = onIncomparable;
  }

  get watermark(): string | undefined {
    return this.#watermark;
  }

  /** Whether reads may differ from what the watch confirmed. */
  get isEmpty(): boolean {
    return this.entries.size === 0 && this.tombstones.size === 0;
  }

  /** Whether a write of this revision is news to the store. */
  admits(key: string, revision: string | undefined): revision is string {
    if (!this.#comparable || !this.#check(revision)) return false;
    if (this.#watermark !== undefined && compareRevisions(revision, this.#watermark) <= 0) return false;
    const present = this.entries.get(key);
    return !present || compareRevisions(revision, present.revision) > 0;
  }

  /** Whether the store is complete up to this revision. */
  reached(revision: string): boolean {
    if (!this.#comparable || !isRevision(revision)) return this.#watermark !== undefined;
    return this.#watermark !== undefined && compareRevisions(this.#watermark, revision) >= 0;
  }

  /** Whether a consistent list of this revision shows that the server went back in time. */
  isBehind(revision: string): boolean {
    if (!this.#comparable || !isRevision(revision)) return false;
    return this.#watermark !== undefined && compareRevisions(revision, this.#watermark) < 0;
  }

  /** The store is complete up to this revision now. */
  advance(revision: string | undefined): void {
    if (!this.#comparable || !this.#check(revision)) return;
    if (this.#watermark !== undefined && compareRevisions(revision, this.#watermark) <= 0) return;
    this.#watermark = revision;
    for (const [key, entry] of this.entries) {
      if (compareRevisions(entry.revision, revision) <= 0) this.entries.delete(key);
    }
  }

  /** Another epoch: nothing of what was known counts. */
  restart(): void {
    this.entries.clear();
    this.tombstones.clear();
    this.#watermark = undefined;
  }

  #check(revision: string | undefined): revision is string {
    if (isRevision(revision)) return true;
    if (revision !== undefined) {
      this.#comparable = false;
      this.#watermark ??= revision;
      this.entries.clear();
      this.#onIncomparable(revision);
    }
    return false;
  }
}
