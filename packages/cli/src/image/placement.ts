import { compareBytes } from '@setpoint/apimachinery/json';
import type { InstalledPackage } from './packages.ts';

/** Where a package lies in the image, and what its imports find first. */
export interface Place {
  readonly installed: InstalledPackage;
  /** Without a slash in front. */
  readonly path: string;
  /** Where its imports are looked for next. */
  readonly parent: Place | undefined;
  /** What lies in its own `node_modules`. */
  readonly children: ReadonlyMap<string, Place>;
}

interface Draft extends Place {
  readonly parent: Draft | undefined;
  readonly children: Map<string, Draft>;
  /** What is imported by something in here and found further out: nothing of that name may come between. */
  readonly through: Set<string>;
}

/** Where linked packages lie: not in a `node_modules`, since Node runs no TypeScript there. */
const linkedFolder = '.linked';

/**
 * The tree of a flat `node_modules`: each package as far out as it can be without hiding another version of itself from
 * those that need that one. The same packages make the same tree, whoever installed them, and how.
 *
 * @param path of the project in the image
 */
export function placePackages(root: InstalledPackage, path: string): Place {
  const top: Draft = { installed: root, path, parent: undefined, children: new Map(), through: new Set() };
  const linked = new Map<InstalledPackage, Draft>([[root, top]]);
  const waiting: Draft[] = [top];
  const linkedPath = (name: string) => {
    const taken = waiting.filter(({ installed }) => installed.linked && installed.name === name).length;
    return `${path}/${linkedFolder}/${name}${taken === 0 ? '' : `-${taken + 1}`}`;
  };
  const place = (installed: InstalledPackage, name: string, level: Draft): Draft => {
    const known = linked.get(installed);
    if (known) return known;
    const at = installed.linked ? linkedPath(name) : `${level.path}/node_modules/${name}`;
    const parent = installed.linked ? top : level;
    const made: Draft = { installed, path: at, parent, children: new Map(), through: new Set() };
    if (installed.linked) linked.set(installed, made);
    waiting.push(made);
    return made;
  };
  for (let next = 0; next < waiting.length; next++) {
    const draft = waiting[next] as Draft;
    const dependencies = [...draft.installed.dependencies].sort(([a], [b]) => compareBytes(a, b));
    for (const [name, installed] of dependencies) {
      const level = levelFor(draft, name, installed);
      if (!level.children.has(name)) level.children.set(name, place(installed, name, level));
      for (let at: Draft | undefined = draft; at && at !== level; at = at.parent) at.through.add(name);
    }
  }
  return top;
}

/** The outermost level from which `from` finds this package, or may find it once it is placed there. */
function levelFor(from: Draft, name: string, installed: InstalledPackage): Draft {
  let level = from;
  for (let at: Draft | undefined = from; at; at = at.parent) {
    const present = at.children.get(name);
    if (present) return present.installed === installed ? at : level;
    if (at.through.has(name) && at !== from) {
      // Something in here finds another one further out, unless it is this very one.
      const further = nearest(at.parent, name);
      return further?.children.get(name)?.installed === installed ? further : level;
    }
    level = at;
  }
  return level;
}

function nearest(from: Draft | undefined, name: string): Draft | undefined {
  for (let at = from; at; at = at.parent) if (at.children.has(name)) return at;
  return undefined;
}

/** All places, each once, and the links that lead to those that are linked. */
export function allPlaces(top: Place): { readonly places: readonly Place[]; readonly links: readonly PackageLink[] } {
  const places = new Set<Place>([top]);
  const links: PackageLink[] = [];
  for (const place of places) {
    for (const [name, child] of place.children) {
      const path = `${place.path}/node_modules/${name}`;
      if (child.path !== path) links.push({ path, leadsTo: child.path });
      places.add(child);
    }
  }
  return { places: [...places], links };
}

export interface PackageLink {
  readonly path: string;
  readonly leadsTo: string;
}
