import type { CrdManifest, RbacNeeds, WebhookConnection, WebhookRegistration } from '../manifests/index.ts';

/** What of an operator its deployment follows from. */
export interface DeployedOperator {
  /** All objects are named after it. */
  readonly name: string;
  /** Of the program; the default tag of its image, and the chart's version. */
  readonly version: string;
  /** All that its controllers, webhooks and its leader election do. */
  needs(namespace: string): RbacNeeds;
  /** Its CRDs; those that it converts are converted there. */
  crds(connection: WebhookConnection): readonly CrdManifest[];
  readonly registrations: readonly WebhookRegistration[];
  /** Whether the API server calls it at all: by webhooks of admission, or to convert. */
  readonly servesWebhooks: boolean;
}

/** Where the pods of a deployed operator listen. */
export const ports = { metrics: 8443, health: 8081, webhooks: 9443 } as const;

/** The labels by which Services find the operator's pods. */
export function podLabels(name: string): { readonly [label: string]: string } {
  return { 'app.kubernetes.io/name': name, 'control-plane': 'controller-manager' };
}
