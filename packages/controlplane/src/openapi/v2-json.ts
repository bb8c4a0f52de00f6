import { isJsonObject } from '@setpoint/apimachinery/json';

type Json = { readonly [key: string]: unknown };

/** The parts of OpenAPI v3 documents that make one document of v2. */
export interface V3Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** One OpenAPI v2 document, as JSON, of everything that is served. */
export function openApiV2Json(documents: readonly V3Document[]): object {
  const paths: Record<string, object> = {};
  const definitions: Record<string, object> = {};
  for (const { paths: given, components } of documents) {
    for (const [path, item] of Object.entries(given)) paths[path] = pathItem(item as Json);
    for (const [name, schema] of Object.entries(components.schemas)) definitions[name] ??= schemaV2(schema);
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: sorted(paths),
    definitions: sorted(definitions),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

function sorted<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A schema of v3 in the words of v2: no choice of types, none that is nullable, no
 * defaults, references beside descriptions.
 */
export function schemaV2(component: Json): Json {
  const { allOf, oneOf, anyOf: _any, not: _not, nullable, default: _standard, ...rest } = component;
  const [only] = Array.isArray(allOf) ? (allOf as Json[]) : [];
  const schema: Record<string, unknown> = only && '$ref' in only ? { ...rest, $ref: only.$ref } : { ...rest };
  const text = (Array.isArray(oneOf) ? (oneOf as Json[]) : []).find(({ type }) => type === 'string');
  if (text) schema.type = 'string';
  // What may be null has no type, and nothing below it that would say so.
  if (nullable === true) for (const member of ['type', 'properties', 'items']) delete schema[member];
  if (typeof schema.$ref === 'string') {
    schema.$ref = schema.$ref.replace('#/components/schemas/', '#/definitions/');
  }
  for (const member of ['items', 'additionalProperties']) {
    if (isJsonObject(schema[member])) schema[member] = schemaV2(schema[member]);
  }
  if (isJsonObject(schema.properties)) {
    const below = Object.entries(schema.properties).map(([name, one]) => [name, schemaV2(one as Json)]);
    schema.properties = Object.fromEntries(below);
  }
  return schema;
}

function pathItem(item: Json): object {
  const converted = Object.entries(item).map(([method, given]) => [
    method,
    method === 'parameters' ? (given as Json[]).map(parameterV2) : operationV2(given as Json),
  ]);
  return Object.fromEntries(converted);
}

function parameterV2({ schema, content: _, ...parameter }: Json): Json {
  return { ...(schema as Json), ...parameter };
}

function operationV2({ parameters, requestBody, responses, ...operation }: Json): Json {
  const body = isJsonObject(requestBody) ? requestBody : undefined;
  const kinds = body && isJsonObject(body.content) ? Object.entries(body.content) : [];
  const [first] = kinds;
  const inBody = first
    ? [{ name: 'body', in: 'body', ...(body?.required ? { required: true } : {}), schema: bodySchema(first[1]) }]
    : [];
  const all = [...inBody, ...((parameters as Json[] | undefined) ?? []).map(parameterV2)];
  const answers = Object.entries((responses as Record<string, Json>) ?? {});
  const produces = new Set(answers.flatMap(([, one]) => Object.keys((one.content as object) ?? {})));
  return {
    ...operation,
    consumes: kinds.length > 0 ? kinds.map(([type]) => type) : ['*/*'],
    produces: [...produces].sort((a, b) => mediaTypes.indexOf(a) - mediaTypes.indexOf(b)),
    schemes: ['https'],
    ...(all.length > 0 ? { parameters: all } : {}),
    responses: Object.fromEntries(answers.map(([code, one]) => [code, responseV2(one)])),
  };
}

const mediaTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];

function bodySchema(given: unknown): Json {
  const { schema } = given as { schema?: Json };
  return schemaV2(schema ?? {});
}

function responseV2({ content, ...response }: Json): Json {
  const [first] = Object.values((content as Record<string, Json>) ?? {});
  return first ? { ...response, schema: bodySchema(first) } : response;
}
