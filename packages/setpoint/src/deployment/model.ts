import { webhookManifests, webhookNames } from '../manifests/index.ts';
import { deployment, disruptionBudget, metricsEnabled, namespaceManifest, releaseNamespace } from './manager.ts';
import { allowMetrics, allowWebhooks } from './network-policies.ts';
import type { DeployedOperator } from './operator-parts.ts';
import type { Part } from './part.ts';
import { accountAndRoles, helperRoles, metricsReader } from './roles.ts';
import { metricsService, serviceMonitor, webhookService } from './services.ts';
import type { ResolvedSettings } from './settings.ts';
import type { Template } from './template.ts';

/** All that an operator is deployed by, each object once, in the order in which it can be created. */
export function deploymentModel(operator: DeployedOperator, settings: ResolvedSettings): readonly Part[] {
  const { name, registrations, servesWebhooks } = operator;
  const { namespace } = settings;
  const connection = { endpoint: { service: { namespace, name: webhookNames(name).service } } };
  const crds = operator.crds(connection);
  const inRelease = (object: object) =>
    withNamespace(object as Template, namespace, releaseNamespace(settings)) as Template;
  const on = (path: string, holds: boolean) => ({ path, is: true, holds });
  const parts: Part[] = [
    { folder: 'manager', file: 'namespace', object: namespaceManifest(operator, settings), outsideChart: true },
    ...crds.map(
      (crd): Part => ({
        folder: 'crd/bases',
        file: `${crd.spec.group}_${crd.spec.names.plural}`,
        object: inRelease(crd),
        condition: on('crds.install', true),
      }),
    ),
    ...accountAndRoles(operator, settings),
    metricsReader(operator),
    ...helperRoles(operator, crds),
    {
      folder: 'default',
      file: 'metrics_service',
      object: metricsService(operator, settings),
      condition: metricsEnabled,
    },
    ...(servesWebhooks
      ? [{ folder: 'webhook', file: 'service', object: webhookService(operator, settings) } as const]
      : []),
    { folder: 'manager', file: 'manager', object: deployment(operator, settings) },
    {
      folder: 'manager',
      file: 'pod_disruption_budget',
      object: disruptionBudget(operator, settings),
      condition: on('podDisruptionBudget.enable', settings.podDisruptionBudget),
    },
    ...webhookManifests({ name, registrations, ...connection }).map(
      (object): Part => ({ folder: 'webhook', file: 'manifests', object: inRelease(object) }),
    ),
    {
      folder: 'prometheus',
      file: 'monitor',
      object: serviceMonitor(operator, settings),
      condition: on('metrics.serviceMonitor', settings.serviceMonitor),
    },
    {
      folder: 'network-policy',
      file: 'allow-metrics-traffic',
      object: allowMetrics(operator, settings),
      condition: on('networkPolicy.enable', settings.networkPolicy),
    },
  ];
  if (servesWebhooks) {
    parts.push({
      folder: 'network-policy',
      file: 'allow-webhook-traffic',
      object: allowWebhooks(operator, settings),
      condition: on('networkPolicy.enable', settings.networkPolicy),
    });
  }
  return parts;
}

/** Members `namespace` that name the operator's own name the place instead. */
function withNamespace(value: Template | undefined, own: string, place: Template): Template | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withNamespace(item, own, place) as Template);
  const entries = Object.entries(value as Record<string, Template | undefined>);
  return Object.fromEntries(
    entries.map(([name, member]) => [
      name,
      name === 'namespace' && member === own ? place : withNamespace(member, own, place),
    ]),
  );
}
