import { type Documentation, openApiSchemas } from '@setpoint/apimachinery/kinds';
import { formatApiVersion } from '@setpoint/apimachinery/meta';
import type { ServedResource } from '../registry/index.ts';
import { customComponent } from './names.ts';
import { listParameters, operation, type Subject, suffixOf } from './operations.ts';
import { parameter, pathParameter } from './parameters.ts';

type Schemas = Record<string, Readonly<Record<string, unknown>>>;
type Paths = Record<string, object>;

export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: object;
  readonly paths: Paths;
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

/** The OpenAPI v3 document of one group and version. */
export function openApiDocument(resources: readonly ServedResource[], documentation: Documentation): OpenApiDocument {
  const schemas: Schemas = {};
  const paths: Paths = {};
  for (const key of [
    'meta/v1.Patch',
    'meta/v1.Status',
    'meta/v1.DeleteOptions',
    'meta/v1.ObjectMeta',
    'meta/v1.ListMeta',
  ]) {
    Object.assign(schemas, openApiSchemas(key, documentation));
  }
  for (const resource of resources)
    addPaths(paths, resource, addComponents(schemas, resource, documentation), schemas, documentation);
  const [first] = resources;
  const group = first ? { group: first.group, version: first.version } : { group: '', version: 'v1' };
  addKinds(schemas, `${meta}.Status`, { group: '', kind: 'Status', version: 'v1' });
  const own = group.group === '' ? [] : [{ group: group.group, kind: 'DeleteOptions', version: group.version }];
  addKinds(schemas, `${meta}.DeleteOptions`, { group: '', kind: 'DeleteOptions', version: 'v1' }, ...own);
  const custom = resources.every((resource) => resource.custom);
  return {
    openapi: '3.0.0',
    info: custom ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' } : { title: 'Kubernetes', version: '1.36' },
    paths: sortedByKey(paths),
    components: { schemas: sortedByKey(schemas) },
  };
}

interface Components {
  readonly object: string;
  readonly list: string;
}

function addComponents(schemas: Schemas, resource: ServedResource, documentation: Documentation): Components {
  if (resource.openApiComponents) {
    const { name, schemas: all } = resource.openApiComponents(documentation);
    Object.assign(schemas, all);
    if (!resource.verbs.includes('list')) return { object: name, list: name };
    const key = resource.discovery?.type.replace(/\.[^.]*$/, `.${resource.listKind}`);
    const list = name.replace(/\.[^.]*$/, `.${resource.listKind}`);
    if (key) Object.assign(schemas, openApiSchemas(key, documentation));
    addKinds(schemas, list, { group: resource.group, kind: resource.listKind, version: resource.version });
    return { object: name, list };
  }
  const object = customComponent(resource.group, resource.version, resource.kind);
  const list = customComponent(resource.group, resource.version, resource.listKind);
  schemas[object] = { ...(resource.openApiSchema?.() ?? { type: 'object' }) };
  schemas[list] = listSchema(resource, object, schemas);
  return { object, list };
}

interface GroupVersionKind {
  readonly group: string;
  readonly kind: string;
  readonly version: string;
}

/** Says which kinds a component stands for: kubectl looks them up so. */
function addKinds(schemas: Schemas, component: string, ...kinds: readonly GroupVersionKind[]): void {
  if (schemas[component]) schemas[component] = { ...schemas[component], 'x-kubernetes-group-version-kind': kinds };
}

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

function listSchema(resource: ServedResource, object: string, schemas: Schemas): Record<string, unknown> {
  const { group, version, kind, listKind } = resource;
  // Every kind says the same of these two.
  const { apiVersion, kind: kindField } = (schemas[`${meta}.Status`]?.properties ?? {}) as Schemas;
  const selectable = schemas[object]?.['x-kubernetes-selectable-fields'];
  return {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion,
      items: {
        description: `List of ${resource.resource}. More info: ${conventions}`,
        type: 'array',
        items: { $ref: `#/components/schemas/${object}` },
      },
      kind: kindField,
      metadata: {
        description: `Standard list metadata. More info: ${conventions}#types-kinds`,
        allOf: [{ $ref: `#/components/schemas/${meta}.ListMeta` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
    ...(selectable ? { 'x-kubernetes-selectable-fields': selectable } : {}),
  };
}

const pretty = parameter('pretty', 'string');
const namespace = pathParameter('namespace');
const name = pathParameter('name');

function addPaths(
  paths: Paths,
  resource: ServedResource,
  components: Components,
  schemas: Schemas,
  documentation: Documentation,
): void {
  const { group, version, verbs } = resource;
  const root = `${group === '' ? '/api' : '/apis'}/${formatApiVersion(group, version)}`;
  const collection = `${root}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.resource}`;
  const scope = resource.namespaced ? [namespace, pretty] : [pretty];
  const subject: Subject = {
    resource,
    suffix: '',
    gvk: { group, version, kind: resource.kind },
    component: components.object,
    listComponent: components.list,
  };
  const item = (of: Subject, wanted: readonly (readonly [verb: string, method: string])[], served: readonly string[]) =>
    Object.fromEntries(
      wanted.filter(([verb]) => served.includes(verb)).map(([verb, method]) => [method, operation(verb, of)]),
    );
  const add = (path: string, operations: object, parameters: readonly object[]) => {
    if (Object.keys(operations).length > 0) paths[path] = { ...operations, parameters };
  };
  add(
    collection,
    item(
      subject,
      [
        ['list', 'get'],
        ['create', 'post'],
        ['deletecollection', 'delete'],
      ],
      verbs,
    ),
    scope,
  );
  const single = [
    ['get', 'get'],
    ['update', 'put'],
    ['delete', 'delete'],
    ['patch', 'patch'],
  ] as const;
  add(`${collection}/{name}`, item(subject, single, verbs), [name, ...scope]);
  for (const below of subresources(resource)) {
    const of = subresourceSubject(subject, below, schemas, documentation);
    if (!of) continue;
    add(`${collection}/{name}/${below.name}`, item(of, [...single, ['create', 'post']], below.verbs), [name, ...scope]);
  }
  if (resource.namespaced && verbs.includes('list')) {
    paths[`${root}/${resource.resource}`] = {
      get: operation('list', subject, true),
      parameters: [...listParameters, pretty],
    };
  }
}

interface Below {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** Subresources that are objects; the others (log, exec, proxy) are no matter of schemas. */
function subresources(resource: ServedResource): Below[] {
  if (resource.discovery) {
    const objects = new Set([resource.kind, 'Scale']);
    return resource.discovery.subresources.filter(({ kind, name: called }) => objects.has(kind) && called !== 'log');
  }
  const verbs = ['get', 'patch', 'update'];
  const { status, scale } = resource.subresources;
  return [
    ...(status ? [{ name: 'status', kind: resource.kind, verbs }] : []),
    ...(scale ? [{ name: 'scale', kind: 'Scale', verbs }] : []),
  ];
}

function subresourceSubject(
  subject: Subject,
  below: Below,
  schemas: Schemas,
  documentation: Documentation,
): Subject | undefined {
  const suffix = suffixOf(below.name);
  if (below.kind !== 'Scale') return { ...subject, suffix };
  Object.assign(schemas, openApiSchemas('autoscaling/v1.Scale', documentation));
  const component = 'io.k8s.api.autoscaling.v1.Scale';
  const gvk = { group: 'autoscaling', kind: 'Scale', version: 'v1' };
  addKinds(schemas, component, gvk);
  return { ...subject, suffix, component, gvk: { group: gvk.group, version: gvk.version, kind: gvk.kind } };
}

function sortedByKey<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
