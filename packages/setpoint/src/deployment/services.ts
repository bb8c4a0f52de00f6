import { webhookServiceManifest } from '../manifests/index.ts';
import { releaseNamespace } from './manager.ts';
import { type DeployedOperator, podLabels, ports } from './operator-parts.ts';
import type { ResolvedSettings } from './settings.ts';
import type { Template } from './template.ts';

/** What scrapes metrics finds here. */
export function metricsService({ name }: DeployedOperator, settings: ResolvedSettings): Template {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: metricsServiceName(name),
      namespace: releaseNamespace(settings),
      labels: podLabels(name),
    },
    spec: {
      ports: [{ name: 'https', port: ports.metrics, protocol: 'TCP', targetPort: 'metrics' }],
      selector: podLabels(name),
    },
  };
}

/** The Service by which the API server reaches the webhooks. */
export function webhookService({ name }: DeployedOperator, settings: ResolvedSettings): Template {
  const { namespace } = settings;
  const manifest = webhookServiceManifest({ name, namespace, selector: podLabels(name), targetPort: ports.webhooks });
  const { metadata, ...rest } = manifest as unknown as { readonly [member: string]: Template } & {
    readonly metadata: object;
  };
  return { ...rest, metadata: { ...metadata, namespace: releaseNamespace(settings), labels: podLabels(name) } };
}

/** Tells Prometheus' operator (monitoring.coreos.com/v1) to scrape the metrics. */
export function serviceMonitor({ name }: DeployedOperator, settings: ResolvedSettings): Template {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: `${name}-metrics-monitor`, namespace: releaseNamespace(settings), labels: podLabels(name) },
    spec: {
      endpoints: [
        {
          path: '/metrics',
          port: 'https',
          scheme: 'https',
          bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
          // The operator makes the certificate itself; who scrapes is known by the token.
          tlsConfig: { insecureSkipVerify: true },
        },
      ],
      selector: { matchLabels: podLabels(name) },
    },
  };
}

export function metricsServiceName(operator: string): string {
  return `${operator}-metrics-service`;
}
