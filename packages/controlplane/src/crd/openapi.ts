import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { Definition, DefinitionVersion } from './definition.ts';

type OpenApi = { [key: string]: unknown };

const conventions = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

const typeMeta = {
  apiVersion: {
    description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. ${conventions}#resources`,
    type: 'string',
  },
  kind: {
    description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. ${conventions}#types-kinds`,
    type: 'string',
  },
};

const embeddedTypeMeta = {
  apiVersion: {
    description: `apiVersion defines the versioned schema of this representation of an object. ${conventions}#resources`,
    type: 'string',
  },
  kind: {
    description: `kind is a string value representing the type of this object. In CamelCase. ${conventions}#types-kinds`,
    type: 'string',
  },
};

const metadata = {
  description: `Standard object's metadata. ${conventions}#metadata`,
  allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
};

/** The component of one version in /openapi/v3, with what every object has put in where the schema is silent. */
export function publishedSchema(definition: Definition, version: DefinitionVersion): object {
  const { group, names } = definition.spec;
  const schema = version.schema?.openAPIV3Schema;
  const published: OpenApi = schema ? publish(schema) : { type: 'object' };
  if (schema) published.properties = sorted({ ...(published.properties as OpenApi), ...typeMeta, metadata });
  published['x-kubernetes-group-version-kind'] = [{ group, kind: names.kind, version: version.name }];
  const fields = version.selectableFields ?? [];
  if (fields.length > 0) {
    published['x-kubernetes-selectable-fields'] = fields.map(({ jsonPath }) => ({ fieldPath: jsonPath.slice(1) }));
  }
  return published;
}

function publish(schema: StructuralSchema): OpenApi {
  const published: OpenApi = { ...schema };
  if (schema.properties) {
    published.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, below]) => [key, publish(below)]),
    );
  }
  if (schema.items && !Array.isArray(schema.items)) published.items = publish(schema.items as StructuralSchema);
  if (typeof schema.additionalProperties === 'object') {
    published.additionalProperties = publish(schema.additionalProperties);
  }
  if (schema['x-kubernetes-int-or-string'] === true) unfoldIntOrString(published, schema);
  if (schema['x-kubernetes-embedded-resource'] === true) addEmbedded(published, schema);
  return published;
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];

/** Clients that do not know the extension learn from an anyOf what the type is. */
function unfoldIntOrString(published: OpenApi, schema: StructuralSchema): void {
  const isPattern = (list: readonly StructuralSchema[] | undefined) =>
    JSON.stringify(list) === JSON.stringify(intOrString);
  if (isPattern(schema.anyOf) || isPattern(schema.allOf?.[0]?.anyOf)) return;
  if (schema.anyOf === undefined) published.anyOf = intOrString;
  else published.allOf = [{ anyOf: intOrString }, ...(schema.allOf ?? [])];
}

function addEmbedded(published: OpenApi, schema: StructuralSchema): void {
  published.properties = sorted({ ...(published.properties as OpenApi), ...embeddedTypeMeta, metadata });
  const required = schema.required ?? [];
  published.required = [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))];
}

function sorted(properties: OpenApi): OpenApi {
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}
