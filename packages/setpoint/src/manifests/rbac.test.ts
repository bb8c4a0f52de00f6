import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Namespace, Pod } from '../kinds/builtin/core/v1.ts';
import { metadata } from '../kinds/index.ts';
import { type RbacNeed, type RbacVerb, rulesFor } from './index.ts';

const Foo = { group: 'tutorial.my.domain', plural: 'foos', scope: 'Namespaced' } as const;
const Event = { group: 'events.k8s.io', plural: 'events', scope: 'Namespaced' } as const;

const foo: readonly RbacNeed[] = [
  { kind: Foo, verbs: ['watch', 'list'] },
  { kind: Foo, verbs: ['patch'], subresource: 'status' },
  { kind: metadata(Pod), verbs: ['list', 'watch'] },
  { kind: Event, verbs: ['create', 'patch'] },
];

describe('rulesFor', () => {
  it('gives Foo what it needs and nothing else', () => {
    expect(rulesFor(foo)).toEqual({
      cluster: [
        { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
        { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
        { apiGroups: ['tutorial.my.domain'], resources: ['foos'], verbs: ['list', 'watch'] },
        { apiGroups: ['tutorial.my.domain'], resources: ['foos/status'], verbs: ['patch'] },
      ],
      namespaces: {},
    });
  });

  it('unites the verbs on one resource, whatever the projection', () => {
    const needs: RbacNeed[] = [
      { kind: Pod, verbs: ['list', 'watch'] },
      { kind: metadata(Pod), verbs: ['watch', 'get'] },
    ];
    expect(rulesFor(needs).cluster).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  it('keeps what is needed in one namespace to that namespace', () => {
    const { cluster, namespaces } = rulesFor([
      { kind: Pod, verbs: ['list'], namespace: 'a' },
      { kind: Pod, verbs: ['watch'], namespace: 'b' },
      { kind: Namespace, verbs: ['get'], namespace: 'a' },
    ]);
    expect(cluster).toEqual([{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }]);
    expect(namespaces).toEqual({
      a: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
      b: [{ apiGroups: [''], resources: ['pods'], verbs: ['watch'] }],
    });
  });

  it('leaves out what a rule for all namespaces covers already', () => {
    const { namespaces } = rulesFor([
      { kind: Pod, verbs: ['list', 'watch'] },
      { kind: Pod, verbs: ['list', 'delete'], namespace: 'a' },
      { kind: Pod, verbs: ['watch'], namespace: 'b' },
    ]);
    expect(namespaces).toEqual({ a: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }] });
  });

  it('restricts to names, and does not mix them with the rest', () => {
    expect(
      rulesFor([
        { kind: Pod, verbs: ['update'], names: ['b', 'a'] },
        { kind: Pod, verbs: ['get'] },
      ]).cluster,
    ).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: [''], resourceNames: ['a', 'b'], resources: ['pods'], verbs: ['update'] },
    ]);
  });

  it('does not depend on the order or the repetition of needs, and grants each need and nothing more', () => {
    const verbs: readonly RbacVerb[] = ['get', 'list', 'create'];
    const need = fc.record({
      kind: fc.constantFrom(Foo, Event, Namespace),
      verbs: fc.uniqueArray(fc.constantFrom(...verbs), { minLength: 1 }),
      subresource: fc.option(fc.constant('status'), { nil: undefined }),
      namespace: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    });
    const granted = (needs: readonly RbacNeed[], of: RbacNeed, verb: string) => {
      const { cluster, namespaces } = rulesFor(needs);
      const rules = [...cluster, ...(of.namespace ? (namespaces[of.namespace] ?? []) : [])];
      const resource = of.subresource ? `${of.kind.plural}/${of.subresource}` : of.kind.plural;
      return rules.some(
        (rule) => rule.apiGroups[0] === of.kind.group && rule.resources[0] === resource && rule.verbs.includes(verb),
      );
    };
    fc.assert(
      fc.property(fc.array(need), need, (needs, probe) => {
        expect(rulesFor([...needs, ...needs].reverse())).toEqual(rulesFor(needs));
        for (const one of needs) for (const verb of one.verbs) expect(granted(needs, one, verb)).toBe(true);
        const reach = (one: RbacNeed) => (one.kind.scope === 'Cluster' ? undefined : one.namespace);
        for (const verb of verbs) {
          const asked = needs.some(
            (one) =>
              one.kind === probe.kind &&
              one.subresource === probe.subresource &&
              one.verbs.includes(verb) &&
              (reach(one) === undefined || reach(one) === probe.namespace),
          );
          expect(granted(needs, probe, verb)).toBe(asked);
        }
      }),
    );
  });
});
