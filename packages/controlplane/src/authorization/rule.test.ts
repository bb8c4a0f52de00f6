import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributesOf } from './attributes.ts';
import { describeRules, missingRules, type PolicyRule, ruleAllows } from './rule.ts';

const word = fc.constantFrom('a', 'b', '*');
const resource = fc.constantFrom('a', 'b', 'a/s', 'b/s', '*/s', '*');
const list = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 2 });
const rule: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({ verbs: list(word), apiGroups: list(word), resources: list(resource) }),
  fc.record({ verbs: list(word), apiGroups: list(word), resources: list(resource), resourceNames: list(word) }),
  fc.record({ verbs: list(word), nonResourceURLs: list(fc.constantFrom('/a', '/a/*', '*', '/b')) }),
);
const user = { name: 'x', groups: [] };
const question = fc
  .record({
    verb: fc.constantFrom('a', 'b', 'c'),
    group: fc.constantFrom('a', 'b', 'c'),
    resource: fc.constantFrom('a', 'b', 'c'),
    subresource: fc.constantFrom('', 's', 't'),
    name: fc.constantFrom('', 'a', 'b', 'c'),
    path: fc.constantFrom('/a', '/a/b', '/b', '/c'),
    resourceRequest: fc.boolean(),
  })
  .map((asked) => attributesOf({ user, ...asked }));

test('who lacks nothing of some rules may do whatever they allow', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.array(rule, { maxLength: 3 }), question, (held, wanted, asked) => {
      if (missingRules(held, wanted).length > 0) return;
      if (wanted.some((one) => ruleAllows(one, asked))) {
        expect(held.some((one) => ruleAllows(one, asked))).toBe(true);
      }
    }),
  );
});

test('nobody lacks anything of what they have, and what is missing is missing whatever else is wanted', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.array(rule, { maxLength: 3 }), (held, wanted) => {
      expect(missingRules([...held, ...wanted], wanted)).toEqual([]);
      const missing = missingRules(held, wanted);
      expect(missingRules(held, missing)).toEqual(missing);
    }),
  );
});

test('what is missing is said a line a resource, its verbs together, in order', () => {
  const wanted = [
    { verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['x', 'y'] },
    { verbs: ['get'], nonResourceURLs: ['/a'] },
  ];
  expect(describeRules(missingRules([{ verbs: ['list'], apiGroups: ['apps'], resources: ['*'] }], wanted))).toBe(
    [
      '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["x"], Verbs:["get"]}',
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["y"], Verbs:["get"]}',
      '{APIGroups:["apps"], Resources:["pods"], Verbs:["get"]}',
      '{NonResourceURLs:["/a"], Verbs:["get"]}',
    ].join('\n'),
  );
});
