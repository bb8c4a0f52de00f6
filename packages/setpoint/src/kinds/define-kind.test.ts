import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SchemaError } from '../schema/index.ts';
import { Pod } from './builtin/core/v1.ts';
import {
  compareVersions,
  defineCrd,
  defineKind,
  dynamicKind,
  index,
  kindKey,
  kindName,
  metadata,
  pluralOf,
  type Resource,
  spoke,
} from './index.ts';

const group = 'tutorial.my.domain';
const spec = z.object({ size: z.int(), color: z.string().optional() });
const status = z.object({ happy: z.boolean().optional() });
const foo = { group, version: 'v1', kind: 'Foo', spec, status };

function problemOf(define: () => unknown): { path: string; message: string } {
  try {
    define();
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError);
    return error as SchemaError;
  }
  throw new Error('it was defined');
}

describe('defineKind', () => {
  it('forms the names that are not given as Kubernetes does', () => {
    const kind = defineKind({ group, version: 'v1', kind: 'EasyPolicy', spec });
    expect(kind).toMatchObject({
      apiVersion: 'tutorial.my.domain/v1',
      listKind: 'EasyPolicyList',
      plural: 'easypolicies',
      singular: 'easypolicy',
      scope: 'Namespaced',
      projection: 'full',
      subresources: { status: false, scale: false },
    });
    expect(Object.isFrozen(kind)).toBe(true);
  });

  it('requires a spec that has required members, and no other', () => {
    expect(defineKind(foo).definition.schema.required).toEqual(['spec']);
    const union = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    expect(defineKind({ ...foo, spec: union }).definition.schema.required).toEqual(['spec']);
    const optional = defineKind({ ...foo, spec: z.object({ size: z.int().default(1) }) });
    expect(optional.definition.schema.required).toBeUndefined();
  });

  it('has a status subresource exactly where it has a status', () => {
    expect(defineKind(foo).subresources.status).toBe(true);
    expect(defineKind({ group, version: 'v1', kind: 'Bare' }).subresources.status).toBe(false);
  });

  it('takes rules over the whole object', () => {
    const validations = [{ rule: 'self.metadata.name != "root"' }];
    expect(defineKind({ ...foo, validations }).definition.schema['x-kubernetes-validations']).toEqual(validations);
  });

  it.each([
    ['group', { group: 'nodot' }, 'at least one dot'],
    ['group', { group: 'Upper.case' }, 'lower case'],
    ['version', { version: '1' }, 'v1beta1'],
    ['kind', { kind: 'foo' }, 'CamelCase'],
    ['plural', { plural: 'Foos' }, 'lower-case'],
    ['shortNames', { shortNames: ['f o'] }, 'lower-case'],
    ['spec', { spec: z.string() }, 'make it an object'],
    ['columns[0].path', { columns: [{ name: 'A', type: 'string', path: 'status.a' }] }, "write '.status.a'"],
    ['selectableFields[0]', { selectableFields: ['.spec.gone'] }, 'no field'],
    ['selectableFields[0]', { selectableFields: ['.spec'] }, 'only strings, booleans and integers'],
    [
      'scale.specReplicasPath',
      { scale: { specReplicasPath: '.status.size', statusReplicasPath: '.status.size' } },
      'not a path under .spec',
    ],
    [
      'scale.statusReplicasPath',
      { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
      'no field .status.size',
    ],
  ] as const)('refuses a wrong %s: %o', (path, wrong, said) => {
    const problem = problemOf(() => defineKind({ ...foo, ...(wrong as object) }));
    expect(problem.path).toBe(path);
    expect(problem.message).toContain(said);
  });

  it('says of a status with a default that nobody would fill it in', () => {
    const wrong = () => defineKind({ ...foo, status: z.object({ happy: z.boolean().default(false) }) });
    expect(problemOf(wrong).path).toBe('status.happy');
  });
});

describe('metadata', () => {
  it('is a kind of its own, the same one each time', () => {
    const partial = metadata(Pod);
    expect(partial).toMatchObject({ kind: 'Pod', plural: 'pods', projection: 'metadata' });
    expect(metadata(Pod)).toBe(partial);
    expect(kindKey(partial)).not.toBe(kindKey(Pod));
    expect(kindName(partial)).toBe('Pod');
  });

  it('of a projection is that projection', () => {
    expect(metadata(metadata(Pod))).toBe(metadata(Pod));
  });
});

describe('dynamicKind', () => {
  it('guesses the names, and says that it did', () => {
    const route = dynamicKind({ group: 'route.openshift.io', version: 'v1', kind: 'Route' });
    expect(route).toMatchObject({ apiVersion: 'route.openshift.io/v1', plural: 'routes', dynamic: true });
    expect(dynamicKind({ group: '', version: 'v1', kind: 'Box', scope: 'Cluster' })).toMatchObject({
      apiVersion: 'v1',
      plural: 'boxes',
      scope: 'Cluster',
    });
  });
});

describe('index', () => {
  it('is named after what it does, for messages', () => {
    expect(index(Pod, (pod) => pod.metadata.name).name).toBe('Pod by (pod) => pod.metadata.name');
    expect(index(Pod, (pod) => pod.spec.nodeName, { name: 'podsByNode' }).name).toBe('podsByNode');
  });
});

describe('pluralOf', () => {
  it.each([
    ['foo', 'foos'],
    ['policy', 'policies'],
    ['gateway', 'gateways'],
    ['ingress', 'ingresses'],
    ['switch', 'switches'],
    ['box', 'boxes'],
    ['endpoints', 'endpoints'],
    ['index', 'indices'],
    ['database', 'databases'],
  ])('%s → %s', (singular, plural) => {
    expect(pluralOf(singular)).toBe(plural);
  });
});

describe('defineCrd', () => {
  const v1 = defineKind(foo);
  const v1beta1 = defineKind({ ...foo, version: 'v1beta1' });
  const v2alpha1 = defineKind({ ...foo, version: 'v2alpha1' });

  it('orders versions as Kubernetes does, and serves them all unless told otherwise', () => {
    const crd = defineCrd({ storage: v1, versions: [v2alpha1, { kind: v1beta1, served: false }] });
    expect(crd.name).toBe('foos.tutorial.my.domain');
    expect(crd.versions.map(({ kind, served }) => [kind.version, served])).toEqual([
      ['v1', true],
      ['v1beta1', false],
      ['v2alpha1', true],
    ]);
  });

  const functions = {
    toHub: ({ spec }: Resource<typeof v1beta1>) => ({ spec }),
    fromHub: ({ spec }: Resource<typeof v1>) => ({ spec }),
  };

  it('has hub and spokes as its versions, whichever of them is stored', () => {
    const beta = spoke(v1, v1beta1, { ...functions, served: false });
    const crd = defineCrd({ scope: 'Namespaced', storage: v1, hub: v1, spokes: [beta] });
    expect(crd.conversion).toBe('Webhook');
    expect(crd.versions.map(({ kind, served }) => [kind.version, served])).toEqual([
      ['v1', true],
      ['v1beta1', false],
    ]);
    expect(defineCrd({ storage: v1beta1, hub: v1, spokes: [spoke(v1, v1beta1, functions)] }).storage).toBe(v1beta1);
  });

  it('refuses spokes of another hub, storage that is no version, and another scope', () => {
    const alien = spoke(v2alpha1, v1beta1, functions as never);
    expect(problemOf(() => defineCrd({ storage: v1, hub: v1, spokes: [alien as never] })).message).toContain(
      'its hub is v2alpha1',
    );
    expect(problemOf(() => defineCrd({ storage: v2alpha1, hub: v1, spokes: [] })).path).toBe('storage');
    expect(problemOf(() => defineCrd({ scope: 'Cluster', storage: v1, versions: [] })).message).toContain(
      'its scope is',
    );
  });

  it('refuses versions of different kinds, versions that are there twice, and a storage version that is not served', () => {
    const other = defineKind({ ...foo, kind: 'Bar', version: 'v2' });
    expect(problemOf(() => defineCrd({ storage: v1, versions: [other] })).message).toContain('its kind is Bar');
    const twice = defineKind(foo);
    expect(problemOf(() => defineCrd({ storage: v1, versions: [v1, twice] })).message).toContain('twice');
    const hidden = [{ kind: v1, served: false }];
    expect(problemOf(() => defineCrd({ storage: v1, versions: hidden })).message).toContain('not served');
    const cluster = defineKind({ ...foo, version: 'v2', scope: 'Cluster' });
    expect(problemOf(() => defineCrd({ storage: v1, versions: [cluster] })).message).toContain('its scope is Cluster');
  });

  it('puts names that are no versions last', () => {
    const names = ['foo10', 'v1alpha2', 'v10', 'v2', 'v1beta10', 'v1beta2', 'foo1', 'v11'];
    expect(names.sort(compareVersions)).toEqual([
      'v11',
      'v10',
      'v2',
      'v1beta10',
      'v1beta2',
      'v1alpha2',
      'foo1',
      'foo10',
    ]);
  });
});

it.each(['group', 'version', 'kind'] as const)(
  'says that the %s is missing, where types are not looked at',
  (option) => {
    const options = { group: 'a.example.com', version: 'v1', kind: 'Lamp' };
    expect(() => defineKind({ ...options, [option]: undefined } as never)).toThrow(`${option}: it is missing; give`);
  },
);
