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
 * those that need that one, in one place; where else it has to be found there is a link, which Node follows before it
 * looks for what the package needs. The same packages make the same tree, whoever installed them, and how.
 *
 * @param path of the project in the image
 */
export function placePackages(root: InstalledPackage, path: string): Place {
  const top: Draft = { installed: root, path, parent: undefined, children: new Map(), through: new Set() };
  const placed = new Map<InstalledPackage, Draft>([[root, top]]);
  const paths = new Set([path]);
  const place = (installed: InstalledPackage, name: string, level: Draft): Draft => {
    const known = placed.get(installed);
    if (known) return known;
    const at = installed.linked ? `${path}/${linkedFolder}/${name}` : `${level.path}/node_modules/${name}`;
    const parent = installed.linked ? top : level;
    const made: Draft = { installed, path: unused(at, paths), parent, children: new Map(), through: new Set() };
    placed.set(installed, made);
    return made;
  };
  // Those that are added on the way come last, nearer ones before those further in.
  for (const draft of placed.values()) {
    const dependencies = [...draft.installed.dependencies].sort(([a], [b]) => compareBytes(a, b));
    for (const [name, installed] of dependencies) {
      const level = levelFor(draft, name, installed);
      if (!level.children.has(name)) level.children.set(name, place(installed, name, level));
      for (let at: Draft | undefined = draft; at && at !== level; at = at.parent) at.through.add(name);
    }
  }
  return top;
}

/** Two folders of one name may be linked, from different places. */
function unused(path: string, taken: Set<string>): string {
  let free = path;
  for (let number = 2; taken.has(free); number++) free = `${path}-${number}`;
  taken.add(free);
  return free;
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

/** All places, each once, and the links that lead to them from elsewhere. */
export function allPlaces(top: Place): { readonly places: readonly Place[]; readonly links: readonly PackageLink[] } {
  const places = new Set<Place>([top]);
  const links: PackageLink[] = [];
  for (const place of places) {
    for (const [name, child] of place.children) {
      const path = `${place.path}/node_modules/${name}`;
      if (child.path !== path) links.push({ path, to: child });
      places.add(child);
    }
  }
  return { places: [...places], links };
}

export interface PackageLink {
  readonly path: string;
  readonly to: Place;
}
