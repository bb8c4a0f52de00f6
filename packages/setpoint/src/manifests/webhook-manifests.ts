import type { KubeObject } from '@setpoint/apimachinery/meta';
import { byCodeUnits, sorted } from './order.ts';
import type { RbacNeed } from './rbac-rules.ts';
import type {
  WebhookConfigurationManifest,
  WebhookConnection,
  WebhookEndpoint,
  WebhookRegistration,
} from './webhook-types.ts';

/** What the cluster-wide objects of an operator's webhooks are called, by kubebuilder's custom. */
export function webhookNames(operator: string) {
  return {
    mutating: `${operator}-mutating-webhook-configuration`,
    validating: `${operator}-validating-webhook-configuration`,
    service: `${operator}-webhook-service`,
    secret: `${operator}-webhook-server-cert`,
  };
}

/** Options of `webhookManifests`. */
export interface WebhookManifestOptions extends WebhookConnection {
  /** The operator's name: both configurations are named after it. */
  readonly name: string;
  readonly registrations: readonly WebhookRegistration[];
}

/**
 * The MutatingWebhookConfiguration and the ValidatingWebhookConfiguration of an operator; none of a sort that it has no
 * webhooks of. The same registrations give the same objects.
 */
export function webhookManifests(options: WebhookManifestOptions): readonly WebhookConfigurationManifest[] {
  const names = webhookNames(options.name);
  const configuration = (type: WebhookRegistration['type'], kind: string): WebhookConfigurationManifest[] => {
    const own = options.registrations.filter((registration) => registration.type === type);
    if (own.length === 0) return [];
    const webhooks = own
      .map((registration) => webhookEntry(registration, options))
      .sort((a, b) => byCodeUnits(a.name, b.name));
    const metadata = { name: names[type], ...certManagerAnnotation(options) };
    return [sorted({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata, webhooks })];
  };
  return [
    ...configuration('mutating', 'MutatingWebhookConfiguration'),
    ...configuration('validating', 'ValidatingWebhookConfiguration'),
  ];
}

/** Makes cert-manager's injector fill in the bundle. */
export function certManagerAnnotation({ certManager }: Pick<WebhookConnection, 'certManager'>) {
  return certManager === undefined ? {} : { annotations: { 'cert-manager.io/inject-ca-from': certManager } };
}

function webhookEntry(registration: WebhookRegistration, connection: WebhookConnection) {
  const { kind, operations, failurePolicy, sideEffects, timeoutSeconds, path } = registration;
  const { objectSelector, namespaceSelector, matchConditions = [] } = registration;
  return {
    name: webhookName(registration),
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(connection, path),
    rules: [
      {
        apiGroups: [kind.group],
        apiVersions: [kind.version],
        operations,
        resources: [kind.plural],
        scope: scopeOf(kind),
      },
    ],
    failurePolicy,
    matchPolicy: 'Equivalent',
    sideEffects,
    timeoutSeconds,
    ...(objectSelector ? { objectSelector } : {}),
    ...(namespaceSelector ? { namespaceSelector } : {}),
    ...(matchConditions.length > 0 ? { matchConditions } : {}),
  };
}

function scopeOf({ scope }: WebhookRegistration['kind']): string {
  return scope === 'Cluster' ? 'Cluster' : 'Namespaced';
}

/** `vfoo-v1.tutorial.my.domain`: the server wants at least three parts. */
function webhookName({ type, kind }: WebhookRegistration): string {
  const domain = kind.group.includes('.') ? kind.group : `${kind.group || 'core'}.k8s.io`;
  return `${type === 'mutating' ? 'm' : 'v'}${kind.kind.toLowerCase()}-${kind.version}.${domain}`;
}

/** `clientConfig` of a webhook, or of a conversion. */
export function clientConfig({ endpoint, caBundle }: WebhookConnection, path: string) {
  const bundle = caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') };
  if ('url' in endpoint) return { url: `${endpoint.url}${path}`, ...bundle };
  const { namespace, name, port = 443 } = endpoint.service;
  return { service: { namespace, name, port, path }, ...bundle };
}

/** The names by which an API server calls what it reaches there: a serving certificate has to be good for them. */
export function webhookHosts(endpoint: WebhookEndpoint): readonly string[] {
  if ('url' in endpoint) return [new URL(endpoint.url).hostname.replace(/^\[(.*)\]$/, '$1')];
  const { namespace, name } = endpoint.service;
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`, `${name}.${namespace}`, name];
}

/** Options of `webhookServiceManifest`. */
export interface WebhookServiceOptions {
  /** The operator's name. */
  readonly name: string;
  readonly namespace: string;
  /** Labels of the operator's pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** Where the pods serve. @default 9443 */
  readonly targetPort?: number;
}

/** The Service by which the API server reaches the webhooks. */
export function webhookServiceManifest(options: WebhookServiceOptions): KubeObject {
  const { name, namespace, selector, targetPort = 9443 } = options;
  return sorted({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: webhookNames(name).service, namespace },
    spec: { ports: [{ port: 443, protocol: 'TCP', targetPort }], selector },
  } as KubeObject);
}

const registration = 'admissionregistration.k8s.io';

/**
 * What an operator needs that makes its own certificates: one Secret to share them, and to put the bundle into its
 * configurations and CRDs. With certificates from files it needs nothing.
 */
export function certificateNeeds(options: {
  readonly name: string;
  readonly namespace: string;
  readonly types: ReadonlySet<WebhookRegistration['type']>;
  /** Names of CRDs that it converts. */
  readonly crds: readonly string[];
}): readonly RbacNeed[] {
  const { namespace, types, crds } = options;
  const names = webhookNames(options.name);
  if (types.size === 0 && crds.length === 0) return [];
  const secret = { group: '', plural: 'secrets', scope: 'Namespaced' } as const;
  const clusterWide = (group: string, plural: string, names: readonly string[]): RbacNeed => ({
    kind: { group, plural, scope: 'Cluster' },
    verbs: ['get', 'patch'],
    names,
  });
  return [
    { kind: secret, verbs: ['create'], namespace },
    { kind: secret, verbs: ['get', 'update'], namespace, names: [names.secret] },
    ...(types.has('mutating') ? [clusterWide(registration, 'mutatingwebhookconfigurations', [names.mutating])] : []),
    ...(types.has('validating')
      ? [clusterWide(registration, 'validatingwebhookconfigurations', [names.validating])]
      : []),
    ...(crds.length > 0 ? [clusterWide('apiextensions.k8s.io', 'customresourcedefinitions', crds)] : []),
  ];
}
