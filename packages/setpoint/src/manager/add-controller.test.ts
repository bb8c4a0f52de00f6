import { expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { controller } from '../controller/index.ts';
import { index } from '../kinds/index.ts';

const watches = (api: FakeApi) => api.calls.filter(({ verb }) => verb === 'watch').map(({ kind }) => kind);

test('a controller that is added while the manager runs shares stores, with an index of its own', async () => {
  const api = new FakeApi();
  api.create(Plain, plain('p'));
  const bySize = index(Plain, (object) => String(object.spec.size));
  await using run = new TestOperator([controller(Plain, { reconcile: () => {} })], { api });
  await run.settle();
  const seen: string[] = [];
  const added = controller(Plain, {
    name: 'added',
    reads: [bySize, Widget],
    reconcile: (object, { cache }) => {
      seen.push(`${object.metadata.name} ${cache.lookup(bySize, String(object.spec.size)).length}`);
    },
  });
  const adding = run.manager.addController(added);
  await run.settle();
  await adding;
  await run.settle();
  expect(seen).toEqual(['p 1']);
  expect(watches(api)).toEqual(['Plain', 'Widget']);
  await expect(run.manager.addController(added)).rejects.toThrow('there is a controller added already');
});

test('a controller that is removed has no more passes, and stores that nobody else uses end', async () => {
  const api = new FakeApi();
  const seen: string[] = [];
  const removed = controller(Plain, {
    name: 'removed',
    reads: [Widget],
    reconcile: (object) => void seen.push(object.metadata.name),
  });
  await using run = new TestOperator([controller(Plain, { reconcile: () => {} }), removed], { api });
  await run.settle();
  const removing = run.manager.removeController('removed');
  await run.clock.advance(0);
  expect(await removing).toBe(true);
  api.create(Plain, plain('p'));
  await run.settle();
  expect(seen).toEqual([]);
  expect(run.manager.settledState().controllers).toHaveProperty('plain');
  expect(run.manager.settledState().controllers).not.toHaveProperty('removed');
  expect(await run.manager.removeController('removed')).toBe(false);
  const again = run.manager.addController(removed);
  await run.settle();
  await again;
  await run.settle();
  expect(seen).toEqual(['p']);
  // The store of Widgets had ended with its last share; that of Plains never did.
  expect(watches(api)).toEqual(['Plain', 'Widget', 'Widget']);
});
