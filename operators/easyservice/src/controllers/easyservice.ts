import { child, controller } from 'setpoint';
import { Deployment } from 'setpoint/apps/v1';
import { type EnvVarInput, Service } from 'setpoint/core/v1';
import { counts, EasyService } from '../api/v1/easyservice.ts';

export const easyServiceController = controller(EasyService, {
  owns: [Deployment, Service],
  // What the original notes there; here nothing depends on it.
  default(easy) {
    easy.metadata.annotations = { ...easy.metadata.annotations, spec: canonical(easy.spec) };
  },
  async reconcile(easy, { cache, status }) {
    const { name, namespace } = easy.metadata;
    await status.patch(statusOf(easy, cache.get(Deployment, { name, namespace })));
    return { children: [deploymentOf(easy), ...serviceOf(easy)] };
  },
});

function deploymentOf({ metadata: { name }, spec }: EasyService) {
  const labels = { app: name };
  const ports = (spec.ports ?? []).flatMap(({ port, targetPort = port, protocol, name: portName }) =>
    // A port by name is one that the image's own containers would have declared: here it is the Service's.
    typeof targetPort === 'number'
      ? [{ containerPort: targetPort, protocol }]
      : [{ containerPort: port, protocol, name: targetPort ?? portName }],
  );
  const { image, envs: env = [], resources = {} } = spec;
  const container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent' as const,
    ports,
    env: env as readonly EnvVarInput[],
    resources,
  };
  return child(Deployment, {
    metadata: { name },
    spec: {
      replicas: spec.size,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
}

/** Without ports there is nothing to reach, and the server takes no Service. */
function serviceOf({ metadata: { name }, spec: { ports = [] } }: EasyService) {
  if (ports.length === 0) return [];
  return [child(Service, { metadata: { name }, spec: { type: 'NodePort', selector: { app: name }, ports } })];
}

/** The Deployment's own (what is zero there is missing), beside the condition that the framework keeps. */
function statusOf(easy: EasyService, deployment: Deployment | undefined) {
  const { status = {} } = deployment ?? {};
  const names = Object.keys(counts.shape) as (keyof typeof counts.shape)[];
  const counted = names.map((name) => [name, status[name] ?? null]);
  const kept = (easy.status?.conditions ?? []).filter(({ type }) => type === 'Reconciled');
  return { ...Object.fromEntries(counted), conditions: [...(status.conditions ?? []), ...kept] };
}

/** Whatever order the members came in. */
function canonical(value: unknown): string {
  const ordered = (_: string, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part;
  return JSON.stringify(value, ordered);
}
