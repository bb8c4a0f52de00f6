import { expect, test } from 'vitest';
import { index } from '../kinds/index.ts';
import { approximateBytes } from './size.ts';
import { Pod, setUp } from './testing/setup.ts';

test('the size of a store follows from a sample, whatever the number of objects', () => {
  const objects = (count: number, bytes: number) =>
    new Map(
      Array.from({ length: count }, (_, i) => [
        `ns/${i}`,
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: `${i}` }, spec: { text: 'x'.repeat(bytes) } },
      ]),
    );
  expect(approximateBytes(new Map())).toBe(0);
  const one = approximateBytes(objects(1, 1000));
  expect(one).toBeGreaterThan(1000);
  expect(one).toBeLessThan(1500);
  expect(approximateBytes(objects(1000, 1000)) / one / 1000).toBeCloseTo(1, 1);
});

test('an index that is attached to a running store files what is there, what is being listed, and what comes', async () => {
  const { api, caches, clock } = setUp();
  api.put('a', { node: 'n1' });
  const first = caches.acquire({ kind: Pod });
  caches.start();
  await first.synced();
  const byNode = index(Pod, (pod) => pod.spec.node);
  const second = caches.acquire({ kind: Pod, indexes: [byNode] });
  expect(second.lookup(byNode, 'n1').map(({ metadata }) => metadata.name)).toEqual(['a']);
  api.put('b', { node: 'n1' });
  api.put('a', { node: 'n2' });
  await clock.advance(0);
  expect(first.lookup(byNode, 'n1').map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(caches.stats()).toMatchObject([{ objects: 2, inTrouble: false }]);
  expect(caches.stats()[0]?.bytes).toBeGreaterThan(400);
  await caches.close();
});
