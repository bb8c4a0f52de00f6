import { describe, expect, test, vi } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { recordingLog, TestOperator } from '../../test/fake/operator.ts';
import { index } from '../cache/index.ts';
import { metadata } from '../kinds/index.ts';
import { changed, controller, generationChanged, owned, source, watch } from './index.ts';
import { ObjectLog } from './object-log.ts';

/** Notes the names that passes are about. */
function noting() {
  const names: string[] = [];
  return {
    names,
    take: () => names.splice(0),
    reconcile: (object: { metadata: { name: string } }) => void names.push(object.metadata.name),
  };
}

describe('watches', () => {
  test('enqueue what the object was mapped to before and after the change', async () => {
    const { take, reconcile } = noting();
    const api = new FakeApi();
    for (const [name, size] of [
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ] as const)
      api.create(Widget, plain(name, size));
    api.create(Plain, plain('p', 1));
    const bySize = index(Widget, (widget) => String(widget.spec.size));
    const declared = controller(Widget, {
      reconcile,
      watches: [
        watch(Plain, {
          reads: [bySize],
          enqueue: (object, { cache }) => cache.lookup(bySize, String(object.spec.size)),
        }),
      ],
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    take();
    api.edit(Plain, { namespace: 'default', name: 'p' }, (object) => {
      object.spec.size = 2;
    });
    await operator.settle();
    expect(take().sort()).toEqual(['one', 'two']);
    api.delete(Plain, { namespace: 'default', name: 'p' });
    await operator.settle();
    expect(take()).toEqual(['two']);
  });

  test('ask their predicates about changes, never about the initial list', async () => {
    const { take, reconcile } = noting();
    const api = new FakeApi();
    api.create(Widget, plain('w'));
    api.create(Plain, plain('p'));
    const seen: unknown[] = [];
    const declared = controller(Widget, {
      reconcile,
      watches: [
        watch(metadata(Plain), {
          predicates: [changed((object) => object.metadata.labels)],
          enqueue: (object) => {
            seen.push(object.metadata.labels?.a);
            return { namespace: 'default', name: 'w' };
          },
        }),
      ],
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    expect(seen).toEqual([undefined]);
    take();
    const edit = async (change: Parameters<FakeApi['edit']>[2]) => {
      api.edit(Plain, { namespace: 'default', name: 'p' }, change);
      await operator.settle();
    };
    await edit((object: { spec: { size: number } }) => {
      object.spec.size = 9;
    });
    expect(take()).toEqual([]);
    await edit((object: { metadata: { labels: object } }) => {
      object.metadata.labels = { a: 'b' };
    });
    expect(take()).toEqual(['w']);
  });

  test('log with the group, kind, namespace and name of the object that was mapped', async () => {
    const api = new FakeApi();
    for (const name of ['loud', 'silent']) api.create(Plain, plain(name));
    const declared = controller(Widget, {
      reconcile: () => {},
      watches: [
        watch(Plain, {
          enqueue(object, { log }) {
            if (object.metadata.name === 'loud') log.info({ size: object.spec.size }, 'mapped');
          },
        }),
      ],
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    expect(operator.lines.filter(({ message }) => message === 'mapped')).toEqual([
      {
        level: 'info',
        message: 'mapped',
        controller: 'widget',
        group: Plain.group,
        kind: 'Plain',
        namespace: 'default',
        name: 'loud',
        size: 1,
      },
    ]);
  });

  test('make no logger for objects of which nothing is said', () => {
    const base = recordingLog([]);
    const child = vi.spyOn(base, 'child');
    const declared = controller(Widget, { reconcile: () => {} });
    const log = new ObjectLog(base, declared, Plain, { apiVersion: 'x.y/v1', kind: 'Plain', metadata: { name: 'p' } });
    expect(child).not.toHaveBeenCalled();
    log.info('one');
    log.warn({ a: 1 }, 'two');
    expect(child).toHaveBeenCalledTimes(1);
  });

  test('a mapper that throws is logged, and asked again until it works; other objects are not held up', async () => {
    const { take, reconcile } = noting();
    const api = new FakeApi();
    for (const name of ['w', 'good']) api.create(Widget, plain(name));
    for (const name of ['bad', 'fine']) api.create(Plain, plain(name));
    let broken = true;
    const declared = controller(Widget, {
      reconcile,
      watches: [
        watch(Plain, {
          predicates: [],
          enqueue(object) {
            if (object.metadata.name === 'bad' && broken) throw new Error('cannot map');
            return object.metadata.name === 'bad'
              ? [{ namespace: 'default', name: 'w' }]
              : { namespace: 'default', name: 'good' };
          },
        }),
      ],
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    expect(operator.lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'enqueue threw: it is asked again later',
      error: 'cannot map',
    });
    expect(operator.manager.settledState().controllers.widget?.mapperRetries).toBe(1);
    take();
    await operator.clock.advance(1000);
    broken = false;
    await operator.clock.advance(2000);
    await operator.settle();
    expect(take()).toEqual(['w']);
    expect(operator.manager.settledState().controllers.widget?.mapperRetries).toBe(0);
  });

  test('a predicate that throws lets the event pass', async () => {
    const { take, reconcile } = noting();
    const api = new FakeApi();
    api.create(Plain, plain('p'));
    const declared = controller(Plain, {
      reconcile,
      predicates: [
        () => {
          throw new Error('oops');
        },
      ],
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    take();
    api.edit(Plain, { namespace: 'default', name: 'p' }, (object) => {
      object.metadata.labels = { a: 'b' };
    });
    await operator.settle();
    expect(take()).toEqual(['p']);
    expect(operator.messages('error')).toEqual(['a predicate threw: the event is let through']);
  });

  test('an index that throws for one object leaves out that object alone', async () => {
    const api = new FakeApi();
    for (const name of ['bad', 'fine']) api.create(Plain, plain(name));
    api.create(Widget, plain('w'));
    const byName = index(Plain, ({ metadata }) => {
      if (metadata.name === 'bad') throw new Error('no key');
      return 'all';
    });
    const found: string[][] = [];
    const declared = controller(Widget, {
      reads: [byName],
      reconcile: (_, { cache }) => void found.push(cache.lookup(byName, 'all').map(({ metadata }) => metadata.name)),
    });
    await using operator = new TestOperator([declared], { api });
    await operator.settle();
    expect(found).toEqual([['fine']]);
  });
});

describe('owns', () => {
  test('enqueues the controlling owner; every owner where that is asked for; by group, whatever the version', async () => {
    const { take, reconcile } = noting();
    const all = noting();
    const api = new FakeApi();
    for (const name of ['a', 'b']) api.create(Widget, plain(name));
    const reference = (name: string, controlling: boolean, apiVersion = 'test.example.com/v1beta9') => ({
      apiVersion,
      kind: 'Widget',
      name,
      uid: name,
      ...(controlling ? { controller: true } : {}),
    });
    const operator = new TestOperator(
      [
        controller(Widget, { reconcile, owns: [Plain] }),
        controller(Widget, { name: 'every', reconcile: all.reconcile, owns: [owned(Plain, { everyOwner: true })] }),
      ],
      { api },
    );
    await using _ = operator;
    await operator.settle();
    take();
    all.take();
    api.create(Plain, {
      ...plain('child'),
      metadata: {
        ...plain('child').metadata,
        ownerReferences: [reference('a', true), reference('b', false), reference('a', true, 'else.example.com/v1')],
      },
    });
    await operator.settle();
    expect(take()).toEqual(['a']);
    expect(all.take().sort()).toEqual(['a', 'b']);
  });
});

describe('the default predicate', () => {
  test('for a kind of another operator is: any new revision', async () => {
    const { take, reconcile } = noting();
    const { definition: _, ...foreign } = Plain;
    const api = new FakeApi();
    api.create(Plain, plain('p'));
    await using operator = new TestOperator([controller(foreign as unknown as typeof Plain, { reconcile })], { api });
    await operator.settle();
    take();
    api.edit(Plain, { namespace: 'default', name: 'p' }, (object) => {
      object.status = { size: 3 };
    });
    await operator.settle();
    expect(take()).toEqual(['p']);
  });

  test('is replaced by what the declaration says', async () => {
    const { take, reconcile } = noting();
    const api = new FakeApi();
    api.create(Plain, plain('p'));
    await using operator = new TestOperator([controller(Plain, { reconcile, predicates: [generationChanged] })], {
      api,
    });
    await operator.settle();
    take();
    api.edit(Plain, { namespace: 'default', name: 'p' }, (object) => {
      object.metadata.labels = { a: 'b' };
    });
    await operator.settle();
    expect(take()).toEqual([]);
  });
});

describe('sources', () => {
  test('of a keyed controller: what they yield is mapped to keys; one that ends or throws is started again', async () => {
    const passes: string[] = [];
    let starts = 0;
    const declared = controller.keyed<string>({
      name: 'outside',
      sources: [
        source(
          async function* () {
            starts++;
            yield { id: `item-${starts}` };
            if (starts === 2) throw new Error('connection reset');
          },
          { enqueue: (item: { id: string }) => item.id },
        ),
      ],
      reconcile: (key) => void passes.push(key),
    });
    await using operator = new TestOperator([declared]);
    await operator.settle();
    expect(passes).toEqual(['item-1']);
    await operator.clock.advance(1000);
    await operator.clock.advance(1000);
    await operator.settle();
    expect(passes).toEqual(['item-1', 'item-2', 'item-3']);
    expect(operator.messages('error')).toEqual(['the source threw: it is started again']);
  });

  test('that may not end stop the operator when they do', async () => {
    const declared = controller.keyed<string>({
      name: 'outside',
      sources: [source(async function* () {}, { name: 'queue', enqueue: () => 'x', onEnd: 'fail' })],
      reconcile: () => {},
    });
    await using operator = new TestOperator([declared]);
    await operator.settle();
    await expect(operator.finished).rejects.toThrow('controller outside: source queue has ended');
  });
});
