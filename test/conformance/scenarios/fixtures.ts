import type { ScenarioServer } from '../scenario.ts';

export function configMap(name: string, extra: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...extra };
}

export function configMaps(server: ScenarioServer): string {
  return `/api/v1/namespaces/${server.namespace}/configmaps`;
}

/** The group of a scenario's own custom resources. */
export function group(server: ScenarioServer): string {
  return `${server.unique}.conformance.setpoint.dev`;
}

export interface CrdOptions {
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly plural?: string;
  readonly kind?: string;
  readonly status?: boolean;
  readonly scale?: object;
  readonly columns?: readonly object[];
  readonly selectableFields?: readonly object[];
  /** Properties of spec, or a whole root schema when it has a `type`. */
  readonly schema?: object;
  readonly names?: object;
  readonly versions?: readonly object[];
}

export function crd(server: ScenarioServer, options: CrdOptions = {}): object {
  const { plural = 'widgets', kind = 'Widget', scope = 'Namespaced' } = options;
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: rootSchema(options.schema) },
    subresources: {
      ...(options.status === false ? {} : { status: {} }),
      ...(options.scale ? { scale: options.scale } : {}),
    },
    ...(options.columns ? { additionalPrinterColumns: options.columns } : {}),
    ...(options.selectableFields ? { selectableFields: options.selectableFields } : {}),
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group(server)}` },
    spec: {
      group: group(server),
      scope,
      names: { plural, kind, ...options.names },
      versions: options.versions ?? [version],
    },
  };
}

export function rootSchema(schema: object = widgetSpec): object {
  if ('type' in schema && typeof schema.type === 'string') return schema;
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: schema },
      status: {
        type: 'object',
        properties: { phase: { type: 'string' }, replicas: { type: 'integer' }, selector: { type: 'string' } },
      },
    },
  };
}

const widgetSpec = {
  size: { type: 'integer' },
  color: { type: 'string', default: 'red' },
  replicas: { type: 'integer' },
  parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
};

export function widget(server: ScenarioServer, name: string, spec: object = { size: 1 }, extra: object = {}): object {
  return { apiVersion: `${group(server)}/v1`, kind: 'Widget', metadata: { name }, spec, ...extra };
}

export function widgets(server: ScenarioServer): string {
  return `/apis/${group(server)}/v1/namespaces/${server.namespace}/widgets`;
}

export const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
