/** One request as it goes over the wire. */
export interface WireRequest {
  /** Default: HTTP/1.1. */
  readonly http2?: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The CustomResourceDefinition whose instances the corpus writes; installed before anything is mutated. */
export const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.mutations.setpoint.dev' },
  spec: {
    group: 'mutations.setpoint.dev',
    scope: 'Namespaced',
    names: { plural: 'gauges', kind: 'Gauge', shortNames: ['gg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [{ name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['replicas'],
                properties: {
                  replicas: { type: 'integer', minimum: 0, maximum: 10 },
                  text: { type: 'string', maxLength: 20, pattern: '^[a-z ]*$', default: 'some text' },
                  when: { type: 'string', format: 'date-time' },
                  port: { 'x-kubernetes-int-or-string': true },
                  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  list: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, value: { type: 'number' } },
                    },
                  },
                },
              },
              status: { type: 'object', properties: { replicas: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
};

const gauge = {
  apiVersion: 'mutations.setpoint.dev/v1',
  kind: 'Gauge',
  metadata: { name: 'seed', labels: { a: 'b' }, annotations: { 'example.com/x': 'y' }, finalizers: ['example.com/f'] },
  spec: { replicas: 3, text: 'a b', port: '80%', anything: { x: [1, 2.5, null] }, list: [{ name: 'n', value: 1.5 }] },
};

const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'seed', labels: { app: 'x' } },
  data: { key: 'value', other: 'ü' },
  binaryData: { bytes: 'AAEC' },
};

const podTemplate = {
  metadata: { labels: { app: 'x' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'example.com/image:1',
        ports: [{ containerPort: 80, name: 'http' }],
        env: [
          { name: 'A', value: 'b' },
          { name: 'F', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1' } },
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    ],
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
  },
};

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'seed' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'x' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    template: podTemplate,
  },
};

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'seed' },
  spec: { selector: { app: 'x' }, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
};

const job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { generateName: 'seed-' },
  spec: { backoffLimit: 3, template: { spec: { ...podTemplate.spec, restartPolicy: 'Never' } } },
};

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'seed' },
  rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }],
};

const webhook = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'mutations' },
  webhooks: [
    {
      name: 'a.setpoint.dev',
      clientConfig: { url: 'https://127.0.0.1:1/validate', caBundle: '' },
      rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments/*'] }],
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      timeoutSeconds: 5,
      admissionReviewVersions: ['v1'],
      matchConditions: [{ name: 'mine', expression: "object.metadata.name != 'a' && request.dryRun" }],
      namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
    },
  ],
};

const policy = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'mutations' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['secrets'] }],
    },
    variables: [{ name: 'size', expression: 'size(object.data)' }],
    validations: [{ expression: 'variables.size < 3', messageExpression: "'has ' + string(variables.size)" }],
  },
};

/** A ConfigMap named `p`, as protobuf writes it. */
const protobufConfigMap = Buffer.concat([
  Buffer.from('k8s\0'),
  Buffer.from([0x0a, 0x0f, 0x0a, 0x02]),
  Buffer.from('v1'),
  Buffer.from([0x12, 0x09]),
  Buffer.from('ConfigMap'),
  Buffer.from([0x12, 0x0f, 0x0a, 0x03, 0x0a, 0x01]),
  Buffer.from('p'),
  Buffer.from([0x12, 0x08, 0x0a, 0x03]),
  Buffer.from('key'),
  Buffer.from([0x12, 0x01]),
  Buffer.from('v'),
]);

const namespace = '/api/v1/namespaces/mutations';
const custom = '/apis/mutations.setpoint.dev/v1/namespaces/mutations/gauges';
const deployments = '/apis/apps/v1/namespaces/mutations/deployments';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'seed', labels: { app: 'x' } },
  spec: { ...podTemplate.spec, serviceAccountName: 'seed' },
};

/** What must be there for updates and patches to find: its collection, and the object. */
export const seeds: readonly (readonly [path: string, object: object])[] = [
  [`${namespace}/configmaps`, configMap],
  [custom, { ...gauge, metadata: { name: 'seed', labels: { a: 'b' } } }],
  [deployments, deployment],
  [`${namespace}/services`, service],
  [`${namespace}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'seed' } }],
  [`${namespace}/pods`, pod],
];

const json = { 'content-type': 'application/json', accept: 'application/json' };

function write(method: string, path: string, body: unknown, contentType?: string): WireRequest {
  // Nothing is stored, so that both servers stay alike whatever is accepted.
  const dry = `${path}${path.includes('?') ? '&' : '?'}dryRun=All`;
  const headers = contentType === undefined ? json : { ...json, 'content-type': contentType };
  return { method, path: dry, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

function read(path: string, headers: Readonly<Record<string, string>> = {}): WireRequest {
  return { method: 'GET', path, headers: { accept: 'application/json', ...headers }, body: Buffer.alloc(0) };
}

const renamed = (object: { readonly metadata: object }) => ({
  ...object,
  metadata: { ...object.metadata, name: 'other' },
});
const merge = 'application/merge-patch+json';
const protobuf = { ...json, 'content-type': 'application/vnd.kubernetes.protobuf' };
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const reviews = '/apis/authorization.k8s.io/v1';

/** What stores nothing by itself, and parts of objects. */
const acts: readonly WireRequest[] = [
  write('POST', `${namespace}/serviceaccounts/seed/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: ['a'],
      expirationSeconds: 600,
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'seed' },
    },
  }),
  write('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'x', audiences: ['a'] },
  }),
  write('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  }),
  write('POST', `${reviews}/subjectaccessreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'jane',
      groups: ['a'],
      extra: { scopes: ['b'] },
      resourceAttributes: {
        verb: 'list',
        group: 'apps',
        resource: 'deployments',
        labelSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
      },
    },
  }),
  write('POST', `${reviews}/namespaces/mutations/localsubjectaccessreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'LocalSubjectAccessReview',
    metadata: { namespace: 'mutations' },
    spec: { user: 'jane', resourceAttributes: { namespace: 'mutations', verb: 'get', resource: 'pods' } },
  }),
  write('POST', `${reviews}/selfsubjectrulesreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: 'mutations' },
  }),
  write('POST', `${namespace}/pods/seed/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'seed', namespace: 'mutations' },
    deleteOptions: { gracePeriodSeconds: 0, dryRun: ['All'] },
  }),
  write('POST', `${namespace}/pods/seed/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'seed' },
    target: { apiVersion: 'v1', kind: 'Node', name: 'n' },
  }),
  write('PUT', `${namespace}/pods/seed/status`, {
    ...pod,
    status: {
      phase: 'Running',
      podIPs: [{ ip: '10.0.0.1' }],
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  }),
  write('PATCH', `${deployments}/seed/status`, { status: { replicas: 2, readyReplicas: 1 } }, merge),
  write(
    'PATCH',
    `${deployments}/seed/scale`,
    [{ op: 'replace', path: '/spec/replicas', value: 3 }],
    'application/json-patch+json',
  ),
  write(
    'PATCH',
    `${deployments}/seed?fieldManager=me&force=true`,
    { ...deployment, spec: { ...deployment.spec, replicas: 4 } },
    'application/apply-patch+yaml',
  ),
  write(
    'PATCH',
    `${custom}/seed/status?fieldManager=me`,
    { apiVersion: gauge.apiVersion, kind: 'Gauge', metadata: { name: 'seed' }, status: { replicas: 1 } },
    'application/apply-patch+yaml',
  ),
  write(
    'PATCH',
    `${deployments}/seed/scale?fieldManager=me&force=1`,
    { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'seed' }, spec: { replicas: 1 } },
    'application/apply-patch+yaml',
  ),
  write('PUT', `${custom}/seed/scale`, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'seed', namespace: 'mutations' },
    spec: { replicas: 5 },
  }),
  write('PUT', '/api/v1/namespaces/mutations/finalize', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'mutations' },
    spec: { finalizers: ['kubernetes', 'example.com/f'] },
  }),
  write('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', webhook),
  write('POST', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    ...webhook,
    kind: 'MutatingWebhookConfiguration',
    webhooks: webhook.webhooks.map((one) => ({ ...one, reinvocationPolicy: 'IfNeeded' })),
  }),
  write('POST', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', policy),
  write('DELETE', `${custom}?fieldSelector=metadata.name%3Dseed`, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'x' },
    dryRun: ['All'],
  }),
  { ...write('POST', `${namespace}/configmaps`, ''), headers: protobuf, body: protobufConfigMap },
  { ...write('PUT', `${namespace}/configmaps/p`, ''), headers: protobuf, body: protobufConfigMap },
];

/** Requests that both servers answer well. */
export const corpus: readonly WireRequest[] = [
  write('POST', `${namespace}/configmaps`, renamed(configMap)),
  write('POST', `${namespace}/configmaps?fieldValidation=Strict&fieldManager=me`, renamed(configMap)),
  write(
    'POST',
    `${namespace}/configmaps`,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata:\n  a: |\n    b\n',
    'application/yaml',
  ),
  write('PUT', `${namespace}/configmaps/seed`, configMap),
  write('PATCH', `${namespace}/configmaps/seed`, { data: { key: null, new: 'x' } }, merge),
  write(
    'PATCH',
    `${namespace}/configmaps/seed`,
    [
      { op: 'test', path: '/data/key', value: 'value' },
      { op: 'move', from: '/data/key', path: '/data/moved' },
    ],
    'application/json-patch+json',
  ),
  write(
    'PATCH',
    `${namespace}/configmaps/seed`,
    { data: { x: 'y' }, metadata: { labels: { $patch: 'replace', b: 'c' } } },
    'application/strategic-merge-patch+json',
  ),
  write(
    'PATCH',
    `${namespace}/configmaps/applied?fieldManager=me&force=true`,
    { ...configMap, metadata: { name: 'applied' } },
    'application/apply-patch+yaml',
  ),
  write('DELETE', `${namespace}/configmaps/seed`, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
    gracePeriodSeconds: 0,
    dryRun: ['All'],
  }),
  write('DELETE', `${namespace}/configmaps?labelSelector=app%3Dx`, ''),
  write('POST', custom, renamed(gauge)),
  write('PATCH', `${custom}/seed`, { spec: { replicas: 4, list: [{ name: 'm', value: 2 }] } }, merge),
  write('PATCH', `${custom}/seed/status`, { status: { replicas: 4 } }, merge),
  write('PATCH', `${custom}/seed/scale`, { spec: { replicas: 4 } }, merge),
  write(
    'PATCH',
    `${custom}/seed?fieldManager=me`,
    { ...gauge, metadata: { name: 'seed' } },
    'application/apply-patch+yaml',
  ),
  write('POST', deployments, renamed(deployment)),
  write(
    'PATCH',
    `${deployments}/seed`,
    { spec: { template: { spec: { containers: [{ name: 'main', image: 'y' }] } } } },
    'application/strategic-merge-patch+json',
  ),
  write('PUT', `${deployments}/seed/scale`, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'seed', namespace: 'mutations' },
    spec: { replicas: 5 },
  }),
  write('POST', `${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: podTemplate.spec,
  }),
  write('POST', `${namespace}/services`, renamed(service)),
  write('POST', '/apis/batch/v1/namespaces/mutations/jobs', job),
  write('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/mutations/roles', role),
  write('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other-mutations' } }),
  write('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    ...definition,
    metadata: { name: 'dials.mutations.setpoint.dev' },
    spec: { ...definition.spec, names: { plural: 'dials', kind: 'Dial' } },
  }),
  write('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace: 'mutations', verb: 'get', resource: 'pods' } },
  }),
  ...acts,
  read(`${namespace}/configmaps/seed`),
  read(`${namespace}/configmaps/seed`, { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' }),
  read(`${namespace}/configmaps`, {
    'impersonate-user': 'system:serviceaccount:mutations:seed',
    'impersonate-uid': '1',
    'impersonate-extra-scopes': 'view',
  }),
  read(`${namespace}/pods`, { authorization: 'Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJ4In0.c2ln' }),
  read(`${namespace}/configmaps?limit=5&labelSelector=app%3Dx&fieldSelector=metadata.name%3Dseed`),
  read(`${namespace}/configmaps?resourceVersion=0&resourceVersionMatch=NotOlderThan`, { accept: table }),
  read(`${namespace}/configmaps?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`),
  read(
    `${custom}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  ),
  read(`${custom}/seed`, { accept: 'application/yaml' }),
  read(custom, { accept: table }),
  read(`${deployments}/seed/scale`),
  read('/apis', { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' }),
  read('/apis/apps/v1'),
  read('/openapi/v3'),
  read('/version'),
  read('/readyz?verbose'),
];
