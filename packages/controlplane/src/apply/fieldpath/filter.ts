import { type FieldEntry, FieldSet } from './field-set.ts';
import { compareElements, type PathElement } from './path-element.ts';

/** What is left of a set. */
export type FieldFilter = (set: FieldSet) => FieldSet;

/** Any element of a path. */
export const anyElement = Symbol('any element');

/** Which fields are meant: all of them, or those below some elements. */
export type PathMatcher = 'all' | readonly MemberMatcher[];

interface MemberMatcher {
  readonly element: PathElement | typeof anyElement;
  readonly below: PathMatcher;
}

/** Leaves out these fields and what is below them. */
export function excludeFilter(excluded: FieldSet): FieldFilter {
  return (set) => set.recursiveDifference(excluded);
}

/** Leaves only what one of the matchers means; without any, everything. */
export function includeFilter(...matchers: readonly PathMatcher[]): FieldFilter {
  const matcher = matchers.length === 0 ? 'all' : matchers.reduce(mergeMatchers);
  return (set) => include(set, matcher);
}

/** Everything that begins with these elements, and they themselves. */
export function pathMatcher(...elements: readonly (PathElement | typeof anyElement)[]): PathMatcher {
  return elements.reduceRight<PathMatcher>((below, element) => [{ element, below }], 'all');
}

/**
 * Only the first of the elements is looked for among those there are, and a wildcard never is found: the others come to
 * stand twice, and the first one counts. That is how the server merges them, so of two matchers that begin with a
 * wildcard the second means nothing.
 */
function mergeMatchers(a: PathMatcher, b: PathMatcher): PathMatcher {
  if (a === 'all' || b === 'all') return 'all';
  const merged = [...a];
  const [first] = a;
  for (const member of b) {
    if (first && first.element !== anyElement && compareMatchers(first, member) === 0) {
      const known = merged[0] as MemberMatcher;
      merged[0] = { element: known.element, below: mergeMatchers(known.below, member.below) };
    } else merged.push(member);
  }
  return merged.sort(compareMatchers);
}

function compareMatchers(a: MemberMatcher, b: MemberMatcher): number {
  if (a.element === anyElement) return b.element === anyElement ? 0 : -1;
  return b.element === anyElement ? 1 : compareElements(a.element, b.element);
}

function include(set: FieldSet, matcher: PathMatcher): FieldSet {
  if (matcher === 'all') return set;
  const entries: FieldEntry[] = [];
  for (const { element, member, children } of set.entries) {
    const match = matcher.find((one) => one.element === anyElement || compareElements(one.element, element) === 0);
    if (!match) continue;
    const below = children ? include(children, match.below) : undefined;
    const kept = below?.isEmpty ? undefined : below;
    if (member || kept) entries.push({ element, member, children: kept });
  }
  return new FieldSet(entries);
}
