import { expect, test } from 'vitest';
import { builtinResources } from '../../kinds/index.ts';
import { bootstrapPolicy } from './policy.ts';

test('what a cluster begins with is valid, and in the form in which it is stored', () => {
  const resources = new Map(builtinResources().map((resource) => [`${resource.group}/${resource.resource}`, resource]));
  for (const { resource: plural, key, make } of bootstrapPolicy()) {
    const { object } = make();
    expect([object.metadata.namespace, object.metadata.name].filter(Boolean).join('/')).toBe(key);
    const resource = resources.get(`rbac.authorization.k8s.io/${plural}`);
    expect(resource?.strategy.validate(object), object.metadata.name).toEqual([]);
    const { metadata: _metadata, ...rest } = object;
    const { metadata: _stored, ...stored } = resource?.toStorage(object) ?? object;
    expect(JSON.stringify(rest), object.metadata.name).toBe(JSON.stringify(stored));
  }
  expect(bootstrapPolicy().length).toBeGreaterThan(100);
});
