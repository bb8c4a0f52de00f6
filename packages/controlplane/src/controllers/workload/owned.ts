import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { labelSelectorOf, type Selector } from '@setpoint/apimachinery/selectors';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import type { Change } from '../../store/index.ts';
import type { ControllerContext, WorkQueue } from '../host/index.ts';
import { controllerOf } from './pods.ts';

export interface OwnedOptions {
  /** Whose dependents they are. */
  readonly owners: ServedResource;
  readonly dependents: ServedResource;
  /** Keys of owners. */
  readonly queue: WorkQueue;
  /** What an owner would adopt; undefined: nothing. */
  selectorOf(owner: KubeObject): Selector | undefined;
  /** Called for each change of a dependent, with the key of its owner. */
  changed?(key: string, change: Change): void;
}

/**
 * The objects that the objects of one kind control, by owner, and those that nobody controls, by namespace. Looks at the
 * owner again whenever one of its dependents changes, and at all that might adopt when one is nobody's.
 */
export class Owned {
  readonly #options: OwnedOptions;
  readonly #context: ControllerContext;
  readonly #byOwner = new Map<string, Map<string, KubeObject>>();
  readonly #orphans = new Map<string, Map<string, KubeObject>>();

  constructor(context: ControllerContext, options: OwnedOptions) {
    this.#context = context;
    this.#options = options;
    context.watch(options.dependents, (change) => this.#onChange(change));
  }

  /** What the owner controls. */
  of(owner: KubeObject): MutableObject[] {
    return [...(this.#byOwner.get(owner.metadata.uid ?? '')?.values() ?? [])] as MutableObject[];
  }

  /** What nobody controls in the owner's namespace. */
  orphans(owner: KubeObject): MutableObject[] {
    return [...(this.#orphans.get(owner.metadata.namespace ?? '')?.values() ?? [])] as MutableObject[];
  }

  #onChange(change: Change): void {
    const { type, key, entry, previous } = change;
    const before = previous && this.#placeOf(previous.object);
    const after = type === 'delete' ? undefined : this.#placeOf(entry.object);
    if (before && before !== after) {
      before.delete(key);
      this.#forgetEmpty(previous.object, before);
    }
    after?.set(key, entry.object);
    const owner = this.#ownerKey(entry.object);
    const former = previous && this.#ownerKey(previous.object);
    if (owner !== undefined) this.#look(owner, change);
    if (former !== undefined && former !== owner) this.#look(former, change);
    if (type !== 'delete' && !controllerOf(entry.object)) this.#offer(change);
  }

  #look(key: string, change: Change): void {
    this.#options.queue.add(key);
    this.#options.changed?.(key, change);
  }

  /** Where the object is kept; undefined: another kind's owner controls it. */
  #placeOf(object: KubeObject): Map<string, KubeObject> | undefined {
    const reference = controllerOf(object);
    if (!reference) return placeIn(this.#orphans, object.metadata.namespace ?? '');
    return this.#isOurs(reference) ? placeIn(this.#byOwner, reference.uid) : undefined;
  }

  #forgetEmpty(object: KubeObject, place: Map<string, KubeObject>): void {
    if (place.size > 0) return;
    const reference = controllerOf(object);
    if (reference) this.#byOwner.delete(reference.uid);
    else this.#orphans.delete(object.metadata.namespace ?? '');
  }

  #isOurs({ kind, apiVersion }: { readonly kind: string; readonly apiVersion: string }): boolean {
    const { owners } = this.#options;
    return (
      kind === owners.kind &&
      (owners.group === '' ? !apiVersion.includes('/') : apiVersion.startsWith(`${owners.group}/`))
    );
  }

  #ownerKey(object: KubeObject): string | undefined {
    const reference = controllerOf(object);
    if (!reference || !this.#isOurs(reference)) return undefined;
    const key = `${object.metadata.namespace}/${reference.name}`;
    const owner = this.#context.collection(this.#options.owners).get(key);
    return owner?.object.metadata.uid === reference.uid ? key : undefined;
  }

  /** Somebody may want to adopt what is nobody's. */
  #offer({ entry: { object }, previous }: Change): void {
    const { labels, namespace } = object.metadata;
    if (!labels || object.metadata.deletionTimestamp) return;
    if (previous && !controllerOf(previous.object) && deepEqual(previous.object.metadata.labels, labels)) return;
    const owners = this.#context.collection(this.#options.owners);
    for (const { key, object: owner } of owners.present().entries(`${namespace}/`)) {
      if (this.#options.selectorOf(owner)?.matches(labels)) this.#options.queue.add(key);
    }
  }
}

function placeIn(places: Map<string, Map<string, KubeObject>>, name: string): Map<string, KubeObject> {
  let place = places.get(name);
  if (!place) {
    place = new Map();
    places.set(name, place);
  }
  return place;
}

const parsed = new WeakMap<object, Selector>();

/** `spec.selector` of apps and batch; an empty one selects nothing. */
export function specSelector(owner: KubeObject): Selector | undefined {
  const { selector } = (owner as MutableObject).spec;
  if (!selector) return undefined;
  return usable(selector, () => labelSelectorOf(selector));
}

/** `spec.selector` of ReplicationControllers, which are labels. */
export function mapSelector(owner: KubeObject): Selector | undefined {
  const { selector } = (owner as MutableObject).spec;
  if (!selector) return undefined;
  return usable(selector, () => labelSelectorOf({ matchLabels: selector }));
}

/** Stored selectors are frozen and shared, so that each is read once. */
function usable(selector: object, parse: () => Selector): Selector | undefined {
  let known = parsed.get(selector);
  if (!known) {
    known = parse();
    parsed.set(selector, known);
  }
  return known.empty ? undefined : known;
}
