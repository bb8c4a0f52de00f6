import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type AnyKind, type Index, markCached, type Transform } from '../kinds/index.ts';
import { copyOf } from './copy.ts';
import { Freezer } from './freeze.ts';
import { byNamespace, type Indexer, indexerOf, RareLog } from './indexer.ts';
import { Overlay } from './overlay.ts';
import { compareRevisions, isRevision } from './revision.ts';
import { project, type Selection, toSelector } from './selection.ts';
import { approximateBytes } from './size.ts';
import { objectKey, Table } from './table.ts';
import { transforming } from './transform.ts';
import type { CacheEvent, CacheListOptions, CacheLog } from './types.ts';

/** Objects that are gone through in one turn: a few milliseconds' worth. */
const part = 2000;

export interface ContentsOptions {
  readonly kind: AnyKind;
  readonly description: string;
  readonly selection: Selection;
  readonly transform?: Transform | undefined;
  readonly log: CacheLog;
}

/**
 * The objects of one store: what the watch confirmed, own writes on top of it, and how to find them.
 * Knows nothing of time and of the network. Whatever changes what the watch confirmed answers with the events
 * that follow from it; own writes make none.
 */
export class Contents {
  readonly #options: ContentsOptions;
  readonly #indexers: Indexer[] = [byNamespace];
  /** Where an index stands among the indexers. */
  readonly #positions = new Map<Index, number>();
  readonly #ownFields = new WeakMap<object, string>();
  readonly #freezer = new Freezer();
  readonly overlay: Overlay;
  readonly indexErrors: RareLog;
  readonly unreadable: RareLog;
  readonly transformErrors: RareLog;
  readonly #transform: ((object: KubeObject) => void) | undefined;
  #saidOutside = false;
  epochs = 0;
  #table: Table;
  #staged: Table | undefined;
  #prepared: { readonly after: Table; readonly again: boolean; readonly events: readonly CacheEvent[] } | undefined;
  #lists = 0;
  #hasSynced = false;

  constructor(options: ContentsOptions) {
    this.#options = options;
    const { log, description } = options;
    this.indexErrors = new RareLog(log, `an index of ${description} failed: the object is missing from that index`);
    this.unreadable = new RareLog(log, `an object of ${description} could not be read: it is left out`);
    this.transformErrors = new RareLog(log, `the transform of ${description} threw: the object is kept as it then was`);
    this.#transform = options.transform && transforming(options.transform, this.transformErrors);
    this.#table = new Table(this.#indexers);
    this.overlay = new Overlay((revision) =>
      log.warn(
        { store: description, revision },
        `revisions of ${description} are not numbers: own writes are visible only once the watch brings them`,
      ),
    );
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#table.objects.size;
  }

  /** About how many bytes the objects take; measured when asked. */
  get bytes(): number {
    return approximateBytes(this.#table.objects);
  }

  /** Adds an index, once. What is there already is filed in one go: a millisecond for some thousand objects. */
  attach(index: Index): void {
    if (this.#positions.has(index)) return;
    this.#positions.set(index, this.#indexers.length);
    this.#indexers.push(this.#indexer(index));
    this.#table.file();
    this.#staged?.file();
  }

  /** A list begins. It is collected beside what readers see. */
  begin(): void {
    this.#lists++;
    this.#staged = new Table(this.#indexers);
  }

  stage(object: object, ownFields?: string): void {
    this.#prepared = undefined;
    const admitted = this.#admit(object, ownFields);
    if (admitted) this.#staged?.put(objectKey(admitted.metadata), admitted);
  }

  unstage(object: object): void {
    this.#prepared = undefined;
    if (isObject(object)) this.#staged?.remove(objectKey(object.metadata));
  }

  /**
   * Works out beforehand, in parts, what the swap of the collected list will tell: between them others have their turn.
   * Nothing of the list, and nothing that the watch brings, may come before that swap.
   */
  *prepare(revision: string, otherCluster = false): Generator<void> {
    this.#prepared = undefined;
    const after = this.#staged;
    if (!after || !this.#hasSynced) return;
    const again = otherCluster || this.overlay.isBehind(revision);
    const events: CacheEvent[] = [];
    yield* differences(this.#table, after, again, events);
    this.#prepared = { after, again, events };
  }

  /** The list is complete. Readers see it from now on; the events are the differences to what was there before. */
  swap(revision: string, otherCluster = false): readonly CacheEvent[] {
    const before = this.#table;
    const after = this.#staged ?? new Table(this.#indexers);
    const initial = !this.#hasSynced;
    const again = otherCluster || this.overlay.isBehind(revision);
    if (again) this.#newEpoch(revision, otherCluster);
    this.#table = after;
    this.#staged = undefined;
    this.#hasSynced = true;
    this.overlay.advance(revision);
    this.#settleTombstones(after);
    if (initial) return initialEvents(after);
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared?.after === after && prepared.again === again) return prepared.events;
    const events: CacheEvent[] = [];
    for (const _ of differences(before, after, again, events));
    return events;
  }

  #settleTombstones(table: Table): void {
    const { tombstones } = this.overlay;
    if (tombstones.size === 0) return;
    const present = new Set<string>();
    for (const { metadata } of table.objects.values())
      if (tombstones.has(metadata.uid)) present.add(metadata.uid ?? '');
    tombstones.listed(this.#lists, (uid) => present.has(uid));
  }

  /** The watch brought an object, new or changed. */
  apply(object: object, ownFields?: string): readonly CacheEvent[] {
    const admitted = this.#admit(object, ownFields);
    if (!admitted) return [];
    const key = objectKey(admitted.metadata);
    const old = this.#table.objects.get(key);
    if (old && isRepetition(old, admitted)) return [];
    this.#table.put(key, admitted);
    this.overlay.advance(admitted.metadata.resourceVersion);
    return changes(old, admitted, false);
  }

  /** The watch said that an object is gone, or has left the selection. */
  remove(object: object): readonly CacheEvent[] {
    const gone = this.#admit(object);
    if (!gone) return [];
    const { uid, resourceVersion } = gone.metadata;
    const key = objectKey(gone.metadata);
    const old = this.#table.objects.get(key);
    const isOther = old !== undefined && old.metadata.uid !== uid;
    if (!isOther) this.#table.remove(key);
    this.overlay.advance(resourceVersion);
    if (uid) this.overlay.tombstones.confirm(uid, !this.#options.selection.partial);
    return old && !isOther ? [{ type: 'deleted', object: gone, initial: false }] : [];
  }

  bookmark(revision: string): void {
    this.overlay.advance(revision);
  }

  /** An own write was answered with this object. Readers see it until the watch brings it, or something later. */
  recordWrite(object: KubeObject, ownFields?: string): void {
    const { selection, kind } = this.#options;
    const { resourceVersion, uid, namespace } = object.metadata;
    if (selection.namespace !== undefined && namespace !== selection.namespace) return;
    const key = objectKey(object.metadata);
    if (!this.overlay.admits(key, resourceVersion)) return;
    // A copy: the caller's object is not to freeze under its hands.
    const own = selection.matches(object) ? this.#admit(copyOf(project(kind, object)), ownFields) : undefined;
    this.overlay.entries.set(key, { revision: resourceVersion, uid, object: own });
    if (!own) this.#sayOutside(key);
  }

  /** The object as it is held here. */
  view(object: KubeObject): KubeObject {
    if (!this.#transform) return object;
    const copy = copyOf(project(this.#options.kind, object));
    this.#transform(copy);
    return copy;
  }

  /** An own write ended the object of this UID. Readers do not see it again, whatever the watch still says. */
  recordGone(key: string, uid: string): void {
    const held = this.overlay.entries.get(key)?.uid === uid || this.#table.objects.get(key)?.metadata.uid === uid;
    this.overlay.tombstones.add(uid, this.#lists, held);
  }

  ownFieldsOf(object: object): string | undefined {
    return this.#ownFields.get(object);
  }

  get(key: string): KubeObject | undefined {
    const { entries, tombstones, isEmpty } = this.overlay;
    if (isEmpty) return this.#table.objects.get(key);
    const entry = entries.get(key);
    const object = entry ? entry.object : this.#table.objects.get(key);
    return object && !tombstones.has(object.metadata.uid) ? object : undefined;
  }

  list(options: CacheListOptions = {}): readonly KubeObject[] {
    const selector = toSelector(options.labelSelector);
    const objects = options.namespace ? this.#at(0, options.namespace) : this.#all();
    return selector.empty ? objects : objects.filter(({ metadata }) => selector.matches(metadata.labels));
  }

  /** What the index files under the value; the index must be attached. */
  lookup(index: Index, value: string): readonly KubeObject[] {
    const position = this.#positions.get(index);
    if (position === undefined)
      throw new Error(`the index ${index.name} is not attached to ${this.#options.description}`);
    return this.#at(position, value);
  }

  /** What the watch confirmed, for a handler that comes later. */
  snapshot(): readonly CacheEvent[] {
    return this.#hasSynced ? initialEvents(this.#table) : [];
  }

  /** Every object once more, as if it had changed; in parts, each of what is there when it is asked for. */
  *resync(): Generator<readonly CacheEvent[]> {
    const keys = [...this.#table.objects.keys()];
    for (let start = 0; start < keys.length; start += part) {
      const events: CacheEvent[] = [];
      for (const key of keys.slice(start, start + part)) {
        const object = this.#table.objects.get(key);
        if (object) events.push({ type: 'updated', object, old: object, initial: false, resync: true });
      }
      yield events;
    }
  }

  #all(): KubeObject[] {
    const { entries, tombstones, isEmpty } = this.overlay;
    if (isEmpty) return [...this.#table.objects.values()];
    const found: KubeObject[] = [];
    for (const [key, object] of this.#table.objects) if (!entries.has(key)) found.push(object);
    for (const { object } of entries.values()) if (object) found.push(object);
    return found.filter(({ metadata }) => !tombstones.has(metadata.uid));
  }

  #at(position: number, value: string): KubeObject[] {
    const { entries, tombstones, isEmpty } = this.overlay;
    const found: KubeObject[] = [];
    for (const key of this.#table.keysAt(position, value)) {
      const object = this.#table.objects.get(key);
      if (object && (isEmpty || !entries.has(key))) found.push(object);
    }
    if (isEmpty) return found;
    const indexer = this.#indexers[position];
    for (const { object } of entries.values()) {
      if (object && indexer?.valuesAgain(object).includes(value)) found.push(object);
    }
    return found.filter(({ metadata }) => !tombstones.has(metadata.uid));
  }

  #newEpoch(revision: string, otherCluster: boolean): void {
    const { log, description } = this.#options;
    const { watermark } = this.overlay;
    this.epochs++;
    log.warn(
      { store: description, revision, watermark },
      otherCluster
        ? `the server is another cluster than before: all ${description} are taken up anew`
        : `the server went back in time, from revision ${watermark} to ${revision}: all ${description} are taken up anew`,
    );
    this.overlay.restart();
  }

  /** Nothing is wrong with it, but whoever then reads wonders. */
  #sayOutside(key: string): void {
    if (this.#saidOutside) return;
    this.#saidOutside = true;
    const { log, description } = this.#options;
    log.info(
      { store: description, object: key },
      `an own write is outside of what the cache holds, ${description}: reads do not show such objects`,
    );
  }

  #indexer(index: Index): Indexer {
    return indexerOf(index, (object, error) =>
      this.indexErrors.say({ err: error, index: index.name, object: objectKey(object.metadata) }),
    );
  }

  /** Marks and freezes an object, whatever the server sent; undefined if it is none. */
  #admit(object: object, ownFields?: string): KubeObject | undefined {
    if (!isObject(object)) {
      this.unreadable.say({ store: this.#options.description, reason: 'it has no metadata.name' });
      return undefined;
    }
    if (Object.isExtensible(object.metadata)) {
      this.#transform?.(object);
      markCached(object);
    }
    this.#freezer.freeze(object);
    if (ownFields !== undefined) this.#ownFields.set(object, ownFields);
    return object;
  }
}

function initialEvents(table: Table): CacheEvent[] {
  return Array.from(table.objects.values(), (object) => ({ type: 'added', object, initial: true }));
}

/**
 * Collects the differences, and yields after so many objects.
 *
 * @param all offer objects again that are the same
 */
function* differences(before: Table, after: Table, all: boolean, events: CacheEvent[]): Generator<void> {
  let looked = 0;
  for (const [key, object] of before.objects) {
    if (!after.objects.has(key)) events.push({ type: 'deleted', object, initial: false, relist: true });
    if (++looked % part === 0) yield;
  }
  for (const [key, object] of after.objects) {
    const old = before.objects.get(key);
    const same = old !== undefined && isSame(old, object);
    if (!same) events.push(...changes(old, object, true));
    else if (all) events.push({ type: 'updated', object, old, initial: false, resync: true, relist: true });
    if (++looked % part === 0) yield;
  }
}

/** An object in the place of another with the same name is a deletion and an addition. */
function changes(old: KubeObject | undefined, object: KubeObject, relisted: boolean): CacheEvent[] {
  const relist = relisted ? ({ relist: true } as const) : {};
  const added: CacheEvent = { type: 'added', object, initial: false, ...relist };
  if (!old) return [added];
  if (old.metadata.uid !== object.metadata.uid) {
    return [{ type: 'deleted', object: old, initial: false, relist: true }, added];
  }
  return [{ type: 'updated', object, old, initial: false, ...relist }];
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion;
}

/** A watch that is taken up again may repeat itself; what is not newer is no news. */
function isRepetition(old: KubeObject, object: KubeObject): boolean {
  const [a, b] = [old.metadata.resourceVersion, object.metadata.resourceVersion];
  if (old.metadata.uid !== object.metadata.uid) return false;
  return a === b || (isRevision(a) && isRevision(b) && compareRevisions(b, a) < 0);
}

function isObject(object: unknown): object is KubeObject {
  if (typeof object !== 'object' || object === null) return false;
  const { metadata } = object as { readonly metadata?: { readonly name?: unknown } | null };
  return typeof metadata === 'object' && metadata !== null && typeof metadata.name === 'string' && metadata.name !== '';
}
