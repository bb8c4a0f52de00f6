import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { crdExamples } from '../../test/crd-examples.ts';
import { defineCrd, defineKind } from '../kinds/index.ts';
import { shorten } from './descriptions.ts';
import { crdManifest, manifestYaml } from './index.ts';

const Foo = defineKind({
  group: 'tutorial.my.domain',
  version: 'v1',
  kind: 'Foo',
  description: 'Foo is the Schema for the foos API',
  spec: z.object({ name: z.string().describe('Name of the friend Foo is looking for') }),
  status: z.object({ happy: z.boolean().optional().describe('Happy will be set to true if Foo found a friend') }),
  columns: [{ name: 'Happy', type: 'boolean', path: '.status.happy' }],
});

/** The schema that controller-gen 0.8.0 makes of the same Foo. */
const generated = {
  description: 'Foo is the Schema for the foos API',
  type: 'object',
  properties: {
    apiVersion: { type: 'string', description: expect.stringContaining('the versioned schema') },
    kind: { type: 'string', description: expect.stringContaining('the REST resource') },
    metadata: { type: 'object' },
    spec: {
      description: 'FooSpec defines the desired state of Foo',
      type: 'object',
      properties: { name: { description: 'Name of the friend Foo is looking for', type: 'string' } },
      required: ['name'],
    },
    status: {
      description: 'FooStatus defines the observed state of Foo',
      type: 'object',
      properties: { happy: { description: 'Happy will be set to true if Foo found a friend', type: 'boolean' } },
    },
  },
};

describe('crdManifest', () => {
  it('of Foo is what kubebuilder generates, but for the column, the required spec and what only servers write', () => {
    expect(crdManifest(Foo)).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'foos.tutorial.my.domain' },
      spec: {
        group: 'tutorial.my.domain',
        names: { kind: 'Foo', listKind: 'FooList', plural: 'foos', singular: 'foo' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { ...generated, required: ['spec'] } },
            additionalPrinterColumns: [{ jsonPath: '.status.happy', name: 'Happy', type: 'boolean' }],
          },
        ],
      },
    });
  });

  it('has its members in alphabetical order at every depth', () => {
    const check = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(check);
      else if (typeof value === 'object' && value !== null) {
        expect(Object.keys(value)).toEqual(Object.keys(value).sort());
        Object.values(value).forEach(check);
      }
    };
    for (const { definition } of crdExamples) check(crdManifest(definition));
  });

  it('carries everything a definition says', () => {
    const manifest = crdManifest(crdExamples[0]?.definition ?? Foo);
    expect(manifest.metadata).toMatchObject({
      annotations: { 'examples.setpoint.dev/made-by': 'a test' },
      labels: { app: 'examples' },
    });
    expect(manifest.spec.names).toMatchObject({ shortNames: ['zex'], categories: ['all', 'examples'] });
    expect(manifest.spec.versions[0]).toMatchObject({
      selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.on' }, { jsonPath: '.spec.integer' }],
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
    });
    expect(manifest.spec.versions[0]?.additionalPrinterColumns?.at(-1)).toEqual({
      name: 'Color',
      type: 'string',
      jsonPath: '.spec.color',
      priority: 1,
      description: 'Its color',
    });
  });

  it('has several versions, of which one is stored, and says which are deprecated', () => {
    const old = defineKind({ group: 'a.b', version: 'v1beta1', kind: 'Foo', deprecated: 'use v1' });
    const now = defineKind({ group: 'a.b', version: 'v1', kind: 'Foo' });
    const { versions } = crdManifest(defineCrd({ storage: now, versions: [{ kind: old, served: false }, now] })).spec;
    expect(
      versions.map(({ name, served, storage, deprecated, deprecationWarning }) => ({
        name,
        served,
        storage,
        deprecated,
        deprecationWarning,
      })),
    ).toEqual([
      { name: 'v1', served: true, storage: true },
      { name: 'v1beta1', served: false, storage: false, deprecated: true, deprecationWarning: 'use v1' },
    ]);
  });

  it('bounds the descriptions', () => {
    const kind = defineKind({
      group: 'a.b',
      version: 'v1',
      kind: 'Long',
      spec: z.object({ a: z.array(z.object({ b: z.string().describe('One. Two. Three.') })) }),
    });
    const text = (maxDescriptionLength: number) => JSON.stringify(crdManifest(kind, { maxDescriptionLength }));
    expect(text(10)).toContain('"One. Two."');
    expect(text(0)).not.toContain('description');
  });

  it("refuses what a server would refuse, in the server's words and with the field", () => {
    const kind = defineKind({
      group: 'a.b',
      version: 'v1',
      kind: 'Bad',
      spec: z.object({ a: z.string().min(3).default('x') }),
    });
    expect(() => crdManifest(kind)).toThrow(
      /cannot define Bad v1: spec\.a\.default: an API server refuses the schema: Invalid value: "x"/,
    );
  });
});

describe('shorten', () => {
  it('cuts after a sentence, else after a word, else anywhere', () => {
    expect(shorten('One. Two. Three.', 12)).toBe('One. Two.');
    expect(shorten('alpha beta gamma', 12)).toBe('alpha...');
    expect(shorten('abcdefghijkl', 6)).toBe('abc...');
    expect(shorten('short', 5)).toBe('short');
    expect(shorten('short', 0)).toBe('');
  });
});

describe('manifestYaml', () => {
  it('writes documents that read back the same, also by a reader of YAML 1.1', async () => {
    const objects = crdExamples.map(({ definition }) => crdManifest(definition));
    const documents = (await manifestYaml(objects)).split(/^---\n/m).slice(1);
    expect(documents.map((text) => parse(text))).toEqual(objects);
    expect(documents.map((text) => parse(text, { version: '1.1' }))).toEqual(objects);
  });

  it('quotes what YAML 1.1 takes for something else', async () => {
    const data = { mode: '0644', flag: 'on', time: '1:30', yes: 'y', plain: 'text' };
    const text = await manifestYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, ...{ data } });
    expect(parse(text, { version: '1.1' }).data).toEqual(data);
    expect(text).toContain('plain: text');
  });

  it('is the same text each time', async () => {
    expect(await manifestYaml(crdManifest(Foo))).toBe(await manifestYaml(crdManifest(Foo)));
  });
});
