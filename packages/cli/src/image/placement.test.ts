import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InstalledPackage } from './packages.ts';
import { allPlaces, type Place, placePackages } from './placement.ts';

type Draft = InstalledPackage & { readonly dependencies: Map<string, InstalledPackage> };

function installed(name: string, version: string, linked = false): Draft {
  return { name, version, folder: `/${name}@${version}`, linked, manifest: {}, dependencies: new Map() };
}

/** As Node looks for a package from a place. */
function found(from: Place, name: string): Place | undefined {
  for (let at: Place | undefined = from; at; at = at.parent) {
    const child = at.children.get(name);
    if (child) return child;
  }
  return undefined;
}

function paths(top: Place): Record<string, string> {
  const { places } = allPlaces(top);
  return Object.fromEntries(places.map(({ path, installed: { name, version } }) => [path, `${name}@${version}`]));
}

function linksOf(top: Place): Record<string, string> {
  return Object.fromEntries(allPlaces(top).links.map(({ path, to }) => [path, to.path]));
}

test('a package lies as far out as it can without hiding another version', () => {
  const [root, left, right1, right2] = [
    installed('root', '0', true),
    installed('left', '1'),
    installed('right', '1'),
    installed('right', '2'),
  ];
  root.dependencies.set('left', left).set('right', right1);
  left.dependencies.set('right', right2);
  expect(paths(placePackages(root, 'app'))).toEqual({
    app: 'root@0',
    'app/node_modules/left': 'left@1',
    'app/node_modules/right': 'right@1',
    'app/node_modules/left/node_modules/right': 'right@2',
  });
});

test('packages that need each other end', () => {
  const [root, a, b] = [installed('root', '0', true), installed('a', '1'), installed('b', '1')];
  root.dependencies.set('a', a);
  a.dependencies.set('b', b);
  b.dependencies.set('a', a);
  expect(Object.keys(paths(placePackages(root, 'app')))).toEqual(['app', 'app/node_modules/a', 'app/node_modules/b']);
});

test('what is linked lies outside of node_modules, once, and is linked from there', () => {
  const [root, ours, theirs] = [
    installed('root', '0', true),
    installed('@x/ours', '1', true),
    installed('theirs', '1'),
  ];
  root.dependencies.set('@x/ours', ours).set('theirs', theirs);
  ours.dependencies.set('theirs', theirs);
  const top = placePackages(root, 'app');
  expect(Object.keys(paths(top))).toEqual(['app', 'app/.linked/@x/ours', 'app/node_modules/theirs']);
  expect(linksOf(top)).toEqual({ 'app/node_modules/@x/ours': 'app/.linked/@x/ours' });
});

test('two versions of two packages that need each other end, too', () => {
  const root = installed('root', '0', true);
  const [a1, a2, b1, b2] = [installed('a', '1'), installed('a', '2'), installed('b', '1'), installed('b', '2')];
  root.dependencies.set('a', a1);
  a1.dependencies.set('b', b1);
  b1.dependencies.set('a', a2);
  a2.dependencies.set('b', b2);
  b2.dependencies.set('a', a1);
  const top = placePackages(root, 'app');
  expect(allPlaces(top).places).toHaveLength(5);
  expect(Object.values(linksOf(top))).toEqual(['app/node_modules/a']);
});

test('what is needed in two places that hide it from each other is there once', () => {
  const [root, x, y] = [installed('root', '0', true), installed('x', '1'), installed('y', '1')];
  const [shared, other] = [installed('shared', '2'), installed('shared', '1')];
  root.dependencies.set('shared', other).set('x', x).set('y', y);
  x.dependencies.set('shared', shared);
  y.dependencies.set('shared', shared);
  expect(linksOf(placePackages(root, 'app'))).toEqual({
    'app/node_modules/y/node_modules/shared': 'app/node_modules/x/node_modules/shared',
  });
});

test('every package finds exactly what it found where it was installed', () => {
  const graph = fc.record({
    linked: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    edges: fc.array(fc.tuple(fc.nat(12), fc.nat(11)), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(graph, ({ linked, edges }) => {
      const root = installed('root', '0', true);
      // Four names in three versions each.
      const all = linked.map((is, i) => installed(`p${i % 4}`, String(Math.floor(i / 4)), is));
      for (const [from, to] of edges) {
        const target = all[to] as Draft;
        (from === 12 ? root : (all[from] as Draft)).dependencies.set(target.name, target);
      }
      const { places } = allPlaces(placePackages(root, 'app'));
      expect(new Set(places.map(({ path }) => path)).size).toBe(places.length);
      for (const place of places) {
        for (const [name, wanted] of place.installed.dependencies) {
          expect(found(place, name)?.installed).toBe(wanted);
        }
      }
    }),
    { numRuns: 500 },
  );
});
