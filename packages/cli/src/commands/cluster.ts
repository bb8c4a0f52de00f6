import { type Duration, toMilliseconds } from '@setpoint/apimachinery/duration';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { type CrdManifest, crdManifest, type WebhookEndpoint, webhookNames } from 'setpoint/manifests';
import { Failure, UsageError } from '../failure.ts';
import { findProject, loadOperator } from '../project.ts';

/** The flags of commands that bring a project's CRDs into a cluster, or out of it. */
export interface ClusterFlags {
  readonly project: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly timeout: string;
  /** Where the API server asks for conversions. @default the Service of the operator's deployment */
  readonly endpoint?: WebhookEndpoint;
}

/** How often what is waited for is looked at, in milliseconds. */
export const interval = 100;

export interface Target {
  readonly manifests: readonly CrdManifest[];
  readonly client: Client;
  /** Milliseconds. */
  readonly timeout: number;
}

/** The definitions of the project and a client for the cluster, which the caller closes. */
export async function prepare(flags: ClusterFlags): Promise<Target> {
  const timeout = durationOf(flags.timeout);
  const operator = await loadOperator(findProject(flags.project));
  const { name, kinds, crds } = operator;
  const endpoint = flags.endpoint ?? { service: { namespace: `${name}-system`, name: webhookNames(name).service } };
  const manifests = [...kinds, ...crds].map((definition) =>
    crdManifest(definition as Parameters<typeof crdManifest>[0], { conversion: { endpoint } }),
  );
  if (manifests.length === 0) throw new Failure(`the operator ${name} defines no kinds, so there is no CRD`);
  return { manifests, timeout, client: await connect(flags, 'setpoint') };
}

/** A client for the cluster of the flags, which the caller closes. */
export async function connect(
  { kubeconfig, context }: Pick<ClusterFlags, 'kubeconfig' | 'context'>,
  fieldManager: string,
): Promise<Client> {
  const config = await loadConfig({ kubeconfig, context });
  return createClient({ config, fieldManager, userAgent: 'setpoint' });
}

/** As kubectl names it. */
export function nameOf({ metadata }: CrdManifest): string {
  return `customresourcedefinition.apiextensions.k8s.io/${metadata.name}`;
}

/** Milliseconds of `--timeout`. */
export function durationOf(text: string): number {
  try {
    return toMilliseconds(text as Duration);
  } catch (error) {
    throw new UsageError(`--timeout is a duration such as 30s or 2m, not ${JSON.stringify(text)}`, { cause: error });
  }
}
