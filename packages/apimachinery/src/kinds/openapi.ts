import type { JsonValue } from '../meta/index.ts';
import { builtinKinds, openApiName, structType } from './tables.ts';
import type { Field, StructType, TypeRef } from './types.ts';

/** An OpenAPI v3 schema object. */
export type OpenApiSchema = { readonly [key: string]: unknown };

/** Documentation of types and fields by table name: what loadDocumentation answers with. */
export type Documentation = Readonly<
  Record<string, Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>>>
>;

/** The documentation of all built-in types: half a megabyte, so it is loaded only where it is shown. */
export async function loadDocumentation(): Promise<Documentation> {
  const { descriptions } = await import('./generated/descriptions/index.ts');
  return descriptions;
}

/**
 * The schemas of a struct (`apps/v1.Deployment`) and of all it refers to, by their OpenAPI names, with
 * references below `#/components/schemas/`: what kube-apiserver publishes at /openapi/v3.
 */
export function openApiSchemas(
  key: string,
  documentation?: Documentation,
  into: Record<string, OpenApiSchema> = {},
): Record<string, OpenApiSchema> {
  const name = openApiName(key);
  if (Object.hasOwn(into, name)) return into;
  into[name] = {};
  into[name] = structSchema(key, structType(key), { documentation, into });
  return into;
}

interface Context {
  readonly documentation: Documentation | undefined;
  readonly into: Record<string, OpenApiSchema>;
}

function structSchema(key: string, type: StructType, context: Context): OpenApiSchema {
  const docs = new Docs(type, context.documentation);
  const fields = [...type.fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  const properties = fields.map((field) => [field.name, fieldSchema(field, docs, context)] as const);
  const required = type.fields.filter((field) => field.required).map((field) => field.name);
  const kinds = builtinKinds.filter((kind) => kind.type === key);
  return {
    ...(docs.type ? { description: docs.type } : {}),
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(type.structType ? { 'x-kubernetes-map-type': type.structType } : {}),
    ...(kinds.length > 0
      ? {
          'x-kubernetes-group-version-kind': kinds.map(({ group, kind, version }) => ({ group, kind, version })),
        }
      : {}),
  };
}

function fieldSchema(field: Field, docs: Docs, context: Context): OpenApiSchema {
  const fallback = publishedDefault(field);
  const description = docs.field(field.name);
  const schema = typeSchema(field.type, context);
  const reference = '$ref' in schema;
  const extras = {
    ...(fallback !== undefined ? { default: fallback } : {}),
    ...(field.listMapKeys ? { 'x-kubernetes-list-map-keys': field.listMapKeys } : {}),
    ...(field.listType ? { 'x-kubernetes-list-type': field.listType } : {}),
    ...(field.mapType ? { 'x-kubernetes-map-type': field.mapType } : {}),
    ...(field.structType ? { 'x-kubernetes-map-type': field.structType } : {}),
    ...(field.patchMergeKey ? { 'x-kubernetes-patch-merge-key': field.patchMergeKey } : {}),
    ...(field.patchStrategy ? { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') } : {}),
  };
  const bare = description === undefined && Object.keys(extras).length === 0;
  if (reference && !bare) return { ...(description ? { description } : {}), ...extras, allOf: [schema] };
  return { ...(description ? { description } : {}), ...schema, ...extras };
}

/** The default of a field as it is published: for what is neither a pointer nor left out when empty, its zero value. */
export function publishedDefault(field: Field): JsonValue | undefined {
  if (field.default !== undefined && field.default !== null) return field.default;
  if (field.pointer) return undefined;
  if (field.type.kind === 'struct') return {};
  if (field.omitEmpty || field.omitZero) return undefined;
  if (field.type.kind === 'string') return '';
  if (field.type.kind === 'integer' || field.type.kind === 'float64') return 0;
  return field.type.kind === 'bool' ? false : undefined;
}

const scalars: Readonly<Record<string, OpenApiSchema>> = {
  bool: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
  float64: { type: 'number', format: 'double' },
  Duration: { type: 'string' },
};

/** Types of their own: the name under which they are published, and their schema. */
const specials: Readonly<Record<string, readonly [string, OpenApiSchema]>> = {
  Quantity: ['io.k8s.apimachinery.pkg.api.resource.Quantity', { oneOf: [{ type: 'string' }, { type: 'number' }] }],
  IntOrString: [
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  ],
  Time: ['io.k8s.apimachinery.pkg.apis.meta.v1.Time', { type: 'string', format: 'date-time' }],
  MicroTime: ['io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime', { type: 'string', format: 'date-time' }],
  RawExtension: ['io.k8s.apimachinery.pkg.runtime.RawExtension', { type: 'object' }],
  FieldsV1: ['io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1', { type: 'object' }],
};

function typeSchema(type: TypeRef, context: Context): OpenApiSchema {
  switch (type.kind) {
    case 'string':
      return type.enum ? { type: 'string', enum: type.enum } : { type: 'string' };
    case 'integer':
      return { type: 'integer', format: type.bits === 32 ? 'int32' : 'int64' };
    case 'list':
      return { type: 'array', items: elementSchema(type.items, context) };
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(type.values, context) };
    case 'struct':
      openApiSchemas(type.type, context.documentation, context.into);
      return reference(openApiName(type.type));
    default:
      return scalars[type.kind] ?? specialSchema(type.kind, context);
  }
}

function specialSchema(kind: string, context: Context): OpenApiSchema {
  const [name, schema] = specials[kind] ?? [`io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.${kind}`, {}];
  const description = plain(context.documentation?.specials?.[kind]?.[0] ?? '');
  context.into[name] = { ...(description ? { description } : {}), ...schema };
  return reference(name);
}

function elementSchema(type: TypeRef, context: Context): OpenApiSchema {
  const schema = typeSchema(type, context);
  if (type.kind === 'struct') return { default: {}, allOf: [schema] };
  if (type.kind === 'string') return { ...schema, default: '' };
  if (type.kind === 'integer') return { ...schema, default: 0 };
  return schema;
}

function reference(name: string): OpenApiSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The documentation of one type; of fields that it takes from inlined structs too. */
class Docs {
  readonly type: string | undefined;
  readonly #fields: Readonly<Record<string, string>>;

  constructor(type: StructType, documentation: Documentation | undefined) {
    const own = documentation?.[type.module]?.[type.name];
    this.type = own && plain(own[0]);
    this.#fields = documentation ? fieldDocs(type, documentation) : {};
  }

  field(name: string): string | undefined {
    const text = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
    return text === undefined || text === '' ? undefined : plain(text);
  }
}

function fieldDocs(type: StructType, documentation: Documentation): Readonly<Record<string, string>> {
  const inlined = type.members.flatMap((member) =>
    'field' in member ? [] : [fieldDocs(structType(member.inline), documentation)],
  );
  return Object.assign({}, ...inlined, documentation[type.module]?.[type.name]?.[1]);
}

/**
 * A comment as kube-openapi publishes it: the lines of a paragraph are joined, indented lines stay lines, and notes
 * to programmers are left out.
 */
function plain(comment: string): string {
  let text = '';
  for (const line of comment.split('\n')) {
    if (line.trim() === '') text = `${text.slice(0, -1)}\n\n`;
    else if (line.trimStart().startsWith('TODO')) continue;
    else if (/^[ \t]/.test(line)) text = `${text.slice(0, -1)}\n${line.trimEnd()}\n`;
    else text += `${line} `;
  }
  return text.trim();
}
