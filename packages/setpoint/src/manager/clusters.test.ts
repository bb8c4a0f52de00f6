import { describe, expect, expectTypeOf, test } from 'vitest';
import { FakeApi, problem } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { controller, needs, needsIn, watch } from '../controller/index.ts';
import { index, kindKey, metadata, onCluster } from '../kinds/index.ts';
import { parseFlags } from './flags.ts';
import { operator } from './index.ts';

const EdgePlain = onCluster('edge', Plain);
const edgeBySize = index(EdgePlain, (object) => String(object.spec.size));

describe('a kind of a further cluster', () => {
  test('is a kind of its own, the same each time', () => {
    expect(onCluster('edge', Plain)).toBe(EdgePlain);
    expect(kindKey(EdgePlain)).toBe('Plain.test.example.com/v1 on edge');
    expect(kindKey(metadata(EdgePlain))).toBe('Plain.test.example.com/v1 (metadata) on edge');
    expect(EdgePlain.definition).toBeUndefined();
    expectTypeOf(EdgePlain.cluster).toEqualTypeOf<'edge'>();
    expect(() => onCluster('Edge', Plain)).toThrow('cluster name "Edge"');
  });

  test('cannot be reconciled, owned or applied', () => {
    expect(() => controller(EdgePlain, { reconcile: () => {} })).toThrow('Plain is of cluster edge');
    expect(() => controller(Plain, { owns: [EdgePlain], reconcile: () => {} })).toThrow('write it by `client`');
    expect(() => controller(Plain, { writes: [EdgePlain], reconcile: () => {} })).toThrow('write it by `client`');
  });

  test('makes rights there, and none here', () => {
    const declared = controller(Widget, { reads: [edgeBySize], reconcile: () => {} });
    expect(needs(declared).map(({ kind }) => kind.plural)).not.toContain('plains');
    expect(needsIn(declared, 'edge')).toEqual([{ kind: EdgePlain, verbs: ['list', 'watch'], namespace: undefined }]);
  });
});

/** Copies what another cluster holds into this one, and says so there. */
const mirror = controller(Widget, {
  name: 'mirror',
  reads: [edgeBySize, Plain],
  watches: [watch(EdgePlain, { enqueue: () => ({ namespace: 'default', name: 'w' }) })],
  async reconcile(_, { cache, client }) {
    for (const {
      metadata: { name, namespace },
      spec,
    } of cache.list(EdgePlain)) {
      if (cache.get(Plain, { namespace, name })) continue;
      await client.create(Plain, { metadata: { name, namespace }, spec });
      await client.patch(EdgePlain, { namespace, name }, { type: 'merge', body: { spec: { size: 7 } } });
      expect(cache.lookup(edgeBySize, '7').map((object) => object.metadata.name)).toContain(name);
    }
  },
});

describe('an operator of two clusters', () => {
  test('reads and writes each by its kinds, and sees its own writes in both', async () => {
    const [api, edge] = [new FakeApi(), new FakeApi()];
    api.create(Widget, plain('w'));
    edge.create(Plain, plain('there'));
    await using run = new TestOperator([mirror], { api, clusters: { edge: { client: edge.client } } });
    await run.settle();
    expect(api.object(Plain, plain('there').metadata).spec).toEqual(plain('there').spec);
    expect(edge.object(Plain, plain('there').metadata).spec.size).toBe(7);
    edge.create(Plain, plain('later'));
    await run.settle();
    expect(api.list(Plain).map(({ metadata }) => metadata.name)).toEqual(['there', 'later']);
    expect(run.messages('error')).toEqual([]);
  });

  test('waits for one that cannot be reached, and stops nothing else', async () => {
    const [api, edge] = [new FakeApi(), new FakeApi()];
    let down = true;
    edge.fault = () => (down ? problem(503, 'ServiceUnavailable', 'away') : undefined);
    edge.create(Plain, plain('there'));
    api.create(Widget, plain('w'));
    const passes: string[] = [];
    const other = controller(Widget, { reconcile: (object) => void passes.push(object.metadata.name) });
    await using run = new TestOperator([mirror, other], { api, clusters: { edge: { client: edge.client } } });
    await run.clock.advance(10 * 60_000);
    expect(passes).toEqual(['w']);
    expect(run.messages('warn').join()).toContain('cannot watch plains.test.example.com of cluster edge: away');
    down = false;
    await run.clock.advance(60_000);
    await run.settle();
    expect(api.object(Plain, plain('there').metadata)).toBeDefined();
  });

  test('says which connection is missing', async () => {
    const running = operator({ controllers: [mirror] }).run({ client: new FakeApi().client });
    await expect(running).rejects.toThrow('controller mirror reads from cluster edge: give the manager a connection');
  });
});

test('further clusters have kubeconfigs on the command line', () => {
  expect(parseFlags(['--clusters', 'edge=/etc/edge,west=/etc/all#west'])).toMatchObject({
    clusters: {
      edge: { kubeconfig: '/etc/edge', context: undefined },
      west: { kubeconfig: '/etc/all', context: 'west' },
    },
  });
  expect(() => parseFlags(['--clusters', 'edge'])).toThrow('"edge" is not NAME=KUBECONFIG');
});
