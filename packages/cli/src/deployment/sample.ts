import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { CrdManifest } from 'setpoint/manifests';

/** A first object of a kind: the required fields, and those with an example. @param of a version; the stored one */
export function sampleOf({ spec }: CrdManifest, of?: string): KubeObject {
  const version =
    spec.versions.find(({ name, storage }) => (of === undefined ? storage : name === of)) ?? spec.versions[0];
  const schema = version?.schema.openAPIV3Schema.properties?.spec;
  return {
    apiVersion: `${spec.group}/${version?.name}`,
    kind: spec.names.kind,
    metadata: {
      name: `${spec.names.singular}-sample`,
      ...(spec.scope === 'Namespaced' ? { namespace: 'default' } : {}),
    },
    ...(schema ? { spec: exampleOf(schema) } : {}),
  } as KubeObject;
}

/** Never what a default says anyway. A pattern cannot be guessed: such a string is for the reader to fill in. */
function exampleOf(schema: StructuralSchema): unknown {
  const { example, default: byDefault, enum: values, minimum, type } = schema;
  if (example !== undefined) return example;
  if (byDefault !== undefined) return byDefault;
  if (values?.length) return values[0];
  switch (type) {
    case 'object':
      return objectExample(schema);
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items as StructuralSchema));
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return minimum ?? 1;
    default:
      return schema['x-kubernetes-int-or-string'] ? 1 : stringExample(schema);
  }
}

function objectExample({ properties = {}, required = [] }: StructuralSchema): Record<string, unknown> {
  const shown = Object.entries(properties).filter(
    ([name, { example, default: byDefault }]) =>
      example !== undefined || (required.includes(name) && byDefault === undefined),
  );
  return Object.fromEntries(shown.map(([name, property]) => [name, exampleOf(property)]));
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2030-01-01T00:00:00Z',
  date: '2030-01-01',
  duration: '1m',
  email: 'somebody@example.com',
  uri: 'https://example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  byte: 'ZXhhbXBsZQ==',
};

function stringExample({ format = '', minLength = 0 }: StructuralSchema): string {
  return (formats[format] ?? 'example').padEnd(minLength, '-example');
}
