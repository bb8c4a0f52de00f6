import { releaseNamespace } from './manager.ts';
import { type DeployedOperator, podLabels, ports } from './operator-parts.ts';
import type { ResolvedSettings } from './settings.ts';
import type { Template } from './template.ts';

/** Metrics are for pods in namespaces with the label `metrics: enabled`. */
export function allowMetrics(operator: DeployedOperator, settings: ResolvedSettings): Template {
  const from = [{ namespaceSelector: { matchLabels: { metrics: 'enabled' } } }];
  return policy(operator, settings, 'allow-metrics-traffic', {
    from,
    ports: [{ port: ports.metrics, protocol: 'TCP' }],
  });
}

/** The API server is outside of the pods' network: it cannot be told from others, but only the one port is open to it. */
export function allowWebhooks(operator: DeployedOperator, settings: ResolvedSettings): Template {
  return policy(operator, settings, 'allow-webhook-traffic', { ports: [{ port: ports.webhooks, protocol: 'TCP' }] });
}

function policy({ name }: DeployedOperator, settings: ResolvedSettings, what: string, ingress: Template): Template {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `${name}-${what}`, namespace: releaseNamespace(settings), labels: podLabels(name) },
    spec: { ingress: [ingress], podSelector: { matchLabels: podLabels(name) }, policyTypes: ['Ingress'] },
  };
}
