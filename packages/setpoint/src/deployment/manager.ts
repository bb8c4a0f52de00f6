import { type DeployedOperator, podLabels, ports } from './operator-parts.ts';
import type { ResolvedSettings } from './settings.ts';
import { type Condition, merged, open, scalar, type Template, text, when } from './template.ts';

export const metricsEnabled: Condition = { path: 'metrics.enable', is: true, holds: true };
const leaderElectionEnabled: Condition = { path: 'leaderElection.enable', is: true, holds: true };

/** The namespace in a plain manifest; in a chart whatever the release goes to. */
export function releaseNamespace({ namespace }: ResolvedSettings): Template {
  return scalar('$.Release.Namespace', namespace);
}

/** The namespace of the operator, in which only pods of the restricted sort may be. */
export function namespaceManifest({ name }: DeployedOperator, { namespace }: ResolvedSettings): Template {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { ...podLabels(name), 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  };
}

/** What runs the operator: its pods have no rights that it does not need, on the node and in the cluster. */
export function deployment(operator: DeployedOperator, settings: ResolvedSettings): Template {
  const { name } = operator;
  const labels = podLabels(name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName(name), namespace: releaseNamespace(settings), labels },
    spec: {
      replicas: scalar('$.Values.replicas', settings.replicas),
      selector: { matchLabels: labels },
      template: {
        metadata: {
          annotations: merged({ 'kubectl.kubernetes.io/default-container': 'manager' }, open('podAnnotations', {})),
          labels: merged(labels, open('podLabels', {})),
        },
        spec: podSpec(operator, settings),
      },
    },
  };
}

function podSpec(operator: DeployedOperator, settings: ResolvedSettings): Template {
  return {
    serviceAccountName: operator.name,
    // Longer than the operator lets its passes finish.
    terminationGracePeriodSeconds: 45,
    // A first process ignores SIGTERM until it has a handler: one that is stopped while it loads would be waited for.
    shareProcessNamespace: true,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    imagePullSecrets: open('imagePullSecrets', []),
    nodeSelector: open('nodeSelector', {}),
    tolerations: open('tolerations', []),
    affinity: open('affinity', {}),
    topologySpreadConstraints: open('topologySpreadConstraints', []),
    priorityClassName: open('priorityClassName', ''),
    containers: [container(operator, settings)],
  };
}

function container(operator: DeployedOperator, settings: ResolvedSettings): Template {
  const { repository, tag } = settings;
  const webhooks = operator.servesWebhooks
    ? [{ containerPort: ports.webhooks, name: 'webhooks', protocol: 'TCP' }]
    : [];
  return {
    name: 'manager',
    image: text(scalar('$.Values.image.repository', repository), ':', scalar('$.Values.image.tag', tag)),
    imagePullPolicy: scalar('$.Values.image.pullPolicy', settings.imagePullPolicy),
    args: programArguments(operator, settings),
    env: [
      // Of the memory limit Node takes a half otherwise; and a large young generation, which a first list fills for
      // nothing: a third less memory at its peak for the same work.
      { name: 'NODE_OPTIONS', value: '--max-old-space-size-percentage=75 --max-semi-space-size=4' },
      open('environment', settings.environment),
    ],
    ports: [
      { containerPort: ports.health, name: 'health', protocol: 'TCP' },
      when(metricsEnabled, { containerPort: ports.metrics, name: 'metrics', protocol: 'TCP' }),
      ...webhooks,
    ],
    livenessProbe: probe('/healthz', { initialDelaySeconds: 15, periodSeconds: 20 }),
    readinessProbe: probe('/readyz', { initialDelaySeconds: 2, periodSeconds: 10 }),
    resources: open('resources', settings.resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** A kubelet calls from outside the pod: no address of these is the loopback one. */
function programArguments({ servesWebhooks }: DeployedOperator, settings: ResolvedSettings): Template[] {
  const namespaces = settings.watchNamespaces.join(',');
  return [
    '--log-format=json',
    `--health-probe-bind-address=:${ports.health}`,
    when(metricsEnabled, `--metrics-bind-address=:${ports.metrics}`),
    when(metricsEnabled, '--metrics-secure'),
    when({ ...metricsEnabled, is: false, holds: false }, '--metrics-bind-address=0'),
    when(leaderElectionEnabled, '--leader-elect'),
    ...(servesWebhooks ? [`--webhook-bind-address=:${ports.webhooks}`] : []),
    when(
      { path: 'watchNamespaces', is: true, holds: namespaces !== '' },
      text('--namespace=', scalar('join "," $.Values.watchNamespaces', namespaces)),
    ),
    open('arguments', settings.arguments),
  ];
}

function probe(path: string, times: { readonly [name: string]: number }): Template {
  return { httpGet: { path, port: 'health' }, ...times };
}

/** One replica at a time may be evicted. */
export function disruptionBudget({ name }: DeployedOperator, settings: ResolvedSettings): Template {
  const labels = podLabels(name);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: deploymentName(name), namespace: releaseNamespace(settings), labels },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  };
}

export function deploymentName(operator: string): string {
  return `${operator}-controller-manager`;
}
