import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ObjectKey } from '../client/index.ts';
import { type AnyKind, kindKey } from '../kinds/index.ts';
import { appliedId } from './applied.ts';
import type { Child, ChildOf, Dependency, Step } from './child.ts';
import type { Owner } from './claims.ts';
import { type CycleDeclaration, describeObject } from './environment.ts';

/** A child or a step in the order in which they are done. */
export type Planned = PlannedChild | PlannedStep;

interface PlannedBase {
  /** For messages. */
  readonly what: string;
  readonly dependencies: readonly Planned[];
  /** Whether anything depends on it. */
  hasDependents: boolean;
  /** How many are one after the other before it. */
  readonly depth: number;
}

export interface PlannedChild extends PlannedBase {
  readonly child: Child;
  readonly id: string;
}

export interface PlannedStep extends PlannedBase {
  readonly step: Step;
}

/**
 * Brings children and steps into order: each after what it depends on, and otherwise as they were given.
 *
 * @throws Error, before any request, for a set that cannot be meant: a kind that is not in `owns`, two children of one
 * name, a dependency that is not among them or leads back to itself, a child that nobody would delete
 */
export function planChildren(
  declaration: CycleDeclaration,
  owner: Owner,
  children: readonly ChildOf<AnyKind>[],
): readonly Planned[] {
  if (!Array.isArray(children)) throw new TypeError('`children` is no list: give what child() and step() make');
  for (const [i, item] of children.entries()) {
    if (item?.type !== 'child' && item?.type !== 'step')
      throw new TypeError(`children[${i}] is not made by child() or step()`);
  }
  const given = new Set<Dependency>(children);
  const planned = new Map<Dependency, Planned>();
  const open = new Set<Dependency>();
  const add = (item: Dependency, wantedBy: string | undefined): Planned => {
    const known = planned.get(item);
    if (known) return known;
    const what = describeItem(item, owner);
    if (!given.has(item)) throw new Error(`${wantedBy} depends on ${what}, which is not among the children`);
    if (open.has(item)) throw new Error(`${what} depends on itself: no order fits`);
    open.add(item);
    const dependencies = dependenciesOf(item).map((dependency) => add(dependency, what));
    for (const dependency of dependencies) dependency.hasDependents = true;
    const depth = Math.max(-1, ...dependencies.map((dependency) => dependency.depth)) + 1;
    const base = { what, dependencies, depth, hasDependents: false };
    const entry: Planned =
      item.type === 'step'
        ? { ...base, step: item }
        : { ...base, child: item, id: appliedId(item.kind, keyOfChild(item, owner)) };
    planned.set(item, entry);
    return entry;
  };
  for (const item of children) {
    if (item.type === 'child') checkChild(declaration, item, owner);
    add(item, undefined);
  }
  refuseTwins([...planned.values()]);
  return [...planned.values()];
}

function dependenciesOf(item: Dependency): readonly Dependency[] {
  return (item.type === 'step' ? item.dependsOn : item.options.dependsOn) ?? [];
}

function describeItem(item: Dependency, owner: Owner): string {
  return item.type === 'step' ? `step ${item.name}` : describeObject(item.kind, keyOfChild(item, owner));
}

/** Where a child is to be: in its owner's namespace, unless it says otherwise. */
export function keyOfChild({ kind, object }: Child, owner: Owner): ObjectKey {
  const { name = '', namespace = owner.object.metadata.namespace } = (object as KubeObject).metadata;
  return kind.scope === 'Cluster' || namespace === undefined ? { name } : { namespace, name };
}

function checkChild(declaration: CycleDeclaration, { kind, object, options }: Child, owner: Owner): void {
  const { name, owns, deleteChildren } = declaration;
  if (!owns.some((owned) => kindKey(owned.kind) === kindKey(kind))) {
    throw new Error(`${kind.kind} (${kind.apiVersion}) is not declared: add it to \`owns\` of controller ${name}`);
  }
  const { apiVersion = kind.apiVersion, kind: word = kind.kind } = object as Partial<KubeObject>;
  if (apiVersion !== kind.apiVersion || word !== kind.kind) {
    throw new Error(`a child of kind ${kind.kind} (${kind.apiVersion}) says that it is ${word} (${apiVersion})`);
  }
  if (options.owner === 'none' && deleteChildren !== 'reverse') {
    const what = describeObject(kind, keyOfChild({ type: 'child', kind, object, options }, owner));
    throw new Error(
      `${what} has no owner reference, so nobody would delete it: set deleteChildren: 'reverse' in controller ${name}`,
    );
  }
}

function refuseTwins(entries: readonly Planned[]): void {
  const ids = new Set<string>();
  for (const entry of entries) {
    if ('step' in entry) continue;
    if (ids.has(entry.id)) throw new Error(`there are two children ${entry.what}: each needs a name of its own`);
    ids.add(entry.id);
  }
}
