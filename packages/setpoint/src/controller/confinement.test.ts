import { expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { Plain, plain, Widget, Zone } from '../../test/fake/kinds.ts';
import { TestOperator } from '../../test/fake/operator.ts';
import { cacheOf } from '../kinds/index.ts';
import { operatorNeeds } from '../manager/account.ts';
import { operator } from '../manager/index.ts';
import { rulesFor } from '../manifests/index.ts';
import { controller, watch } from './index.ts';

const inNamespace = (name: string, namespace: string) => {
  const { metadata, ...rest } = plain(name);
  return { ...rest, metadata: { ...metadata, namespace } };
};

test('an operator that is confined sees the objects of its namespaces as one, over one stream for each', async () => {
  const api = new FakeApi();
  for (const namespace of ['a', 'b', 'c']) api.create(Plain, inNamespace('p', namespace));
  const seen = new Set<string>();
  let listed = 0;
  const reading = controller(Plain, {
    reconcile: (object, { cache }) => {
      seen.add(`${object.metadata.namespace}/${object.metadata.name}`);
      listed = cache.list(Plain).length;
      expect(() => cache.get(Plain, { namespace: 'c', name: 'p' })).toThrow('Plain of namespace c is not in the cache');
    },
  });
  await using run = new TestOperator([reading], { api, namespaces: ['a', 'b'] });
  await run.settle();
  expect([...seen].sort()).toEqual(['a/p', 'b/p']);
  expect(listed).toBe(2);
  expect(api.calls.filter(({ verb, kind }) => verb === 'watch' && kind === 'Plain')).toHaveLength(2);
});

test.each([
  [controller(Zone, { reconcile: () => {} }), 'uses Zone.test.example.com, which is cluster-scoped'],
  [controller(Plain, { reads: [Zone], reconcile: () => {} }), 'say `clusterScoped: true`'],
  [controller(Plain, { namespace: 'z', reconcile: () => {} }), 'watches Plain.test.example.com in namespace z, but'],
  [
    controller(Plain, { watches: [watch(Widget, { namespace: 'z', enqueue: () => [] })], reconcile: () => {} }),
    'watches Widget.test.example.com in namespace z, but the operator is confined to namespaces a, b',
  ],
])('what does not fit its namespaces is refused at the start, with what to do', async (declared, sentence) => {
  const running = operator({ controllers: [declared] }).run({ client: new FakeApi().client, namespaces: ['a', 'b'] });
  await expect(running).rejects.toThrow(sentence);
});

test('a controller that says so may use cluster-scoped kinds', async () => {
  const declared = controller(Plain, { reads: [Zone], clusterScoped: true, reconcile: () => {} });
  await using run = new TestOperator([declared], { namespaces: ['a'] });
  await run.settle();
  expect(run.manager.state.status).toBe('running');
});

test('its rights are Roles in its namespaces, a ClusterRole for what is cluster-scoped, and a rule says otherwise', () => {
  const declared = controller(Plain, { reads: [Zone, Widget], clusterScoped: true, reconcile: () => {} });
  const needs = operatorNeeds(
    { name: 'op', controllers: [declared], cache: [cacheOf(Widget, { namespaces: ['tools'] })] },
    { namespaces: ['a', 'b'] },
  );
  const { cluster, namespaces } = rulesFor(needs);
  expect(cluster.map(({ resources }) => resources)).toEqual([['zones']]);
  expect(Object.keys(namespaces)).toEqual(['a', 'b', 'tools']);
  expect(namespaces.a).toEqual(namespaces.b);
  expect(namespaces.a?.flatMap(({ resources }) => resources)).toEqual(['events', 'plains', 'plains/status']);
  expect(namespaces.tools).toEqual([
    { apiGroups: ['test.example.com'], resources: ['widgets'], verbs: ['list', 'watch'] },
  ]);
});
