export function namespaceManifest(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

const spec = {
  description: 'What is wanted of the gizmo.',
  type: 'object',
  required: ['size'],
  properties: {
    size: { description: 'How large it is, in inches.', type: 'integer', minimum: 0, maximum: 10 },
    colour: { description: 'Its colour.', type: 'string', enum: ['red', 'green', 'blue'], default: 'red' },
    note: { type: 'string', maxLength: 12, pattern: '^[a-z ]*$' },
    replicas: { type: 'integer', format: 'int32' },
    limit: { 'x-kubernetes-int-or-string': true, description: 'A number or a percentage.' },
    options: { type: 'object', additionalProperties: { type: 'string' } },
    parts: {
      description: 'What it is made of. More than one part may have one name.',
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, count: { type: 'integer', format: 'int64', default: 1 } },
      },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

const status = {
  type: 'object',
  properties: {
    phase: { type: 'string' },
    replicas: { type: 'integer' },
    conditions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'status'],
        properties: {
          type: { type: 'string' },
          status: { type: 'string' },
          reason: { type: 'string' },
          message: { type: 'string' },
          lastTransitionTime: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
};

const columns = [
  { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'How large it is.' },
  { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Note', type: 'string', jsonPath: '.spec.note', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const version = {
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: { description: 'A gizmo is a thing for trying.', type: 'object', properties: { spec, status } },
  },
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  additionalPrinterColumns: columns,
  selectableFields: [{ jsonPath: '.spec.colour' }],
};

/** The definition that all scripts share: a field of each kind, status, scale, columns, a selectable field. */
export const gizmos = definition('gizmos', 'Gizmo', { shortNames: ['gz'], categories: ['toys'] }, version);

export function definition(plural: string, kind: string, names: object, ...versions: readonly object[]): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.things.example.com` },
    spec: {
      group: 'things.example.com',
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, ...names },
      versions,
    },
  };
}

export const plainVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: {} } } } },
};

export function gizmo(name: string, spec: object = { size: 1 }, metadata: object = {}): object {
  return { apiVersion: 'things.example.com/v1', kind: 'Gizmo', metadata: { name, ...metadata }, spec };
}

export function configMap(name: string, data: object = { a: 'b' }, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'nginx:1.27',
        ports: [{ containerPort: 80, name: 'http' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        env: [{ name: 'COLOUR', value: 'red' }],
      },
    ],
  },
});

export function deployment(name: string, replicas = 2): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: name } },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name) },
  };
}

export function pod(name: string, metadata: object = {}): object {
  const { spec, metadata: of } = template(name);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...of, ...metadata }, spec };
}

export function service(name: string): object {
  const ports = [{ port: 80, targetPort: 'http', name: 'http' }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports } };
}

export function event(name: string, namespace: string, involvedObject: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject: { namespace, ...involvedObject },
    type: 'Normal',
    reason: 'Tried',
    message: 'it was tried',
    source: { component: 'script' },
    firstTimestamp: '2020-01-01T00:00:00Z',
    lastTimestamp: '2020-01-01T00:00:00Z',
    count: 1,
  };
}
