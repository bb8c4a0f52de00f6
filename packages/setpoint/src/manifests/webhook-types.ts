import type { KubeObject, LabelSelector } from '@setpoint/apimachinery/meta';
import type { AnyKind } from '../kinds/index.ts';

/** One webhook of an operator, as the configuration tells the API server of it. */
export interface WebhookRegistration {
  readonly type: 'mutating' | 'validating';
  readonly kind: Pick<AnyKind, 'group' | 'version' | 'kind' | 'plural' | 'scope'>;
  /** Where the operator serves it: `/mutate-apps-v1-deployment`. */
  readonly path: string;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly sideEffects: 'None' | 'NoneOnDryRun';
  /** 1 to 30. */
  readonly timeoutSeconds: number;
  /** Only objects with these labels. */
  readonly objectSelector?: LabelSelector | undefined;
  /** Only in namespaces with these labels. */
  readonly namespaceSelector?: LabelSelector | undefined;
  /** All must be true for the request; else the webhook is not asked. */
  readonly matchConditions?: readonly MatchCondition[] | undefined;
}

/** A CEL expression over the request that must be true; else the webhook is not asked. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** Where an API server reaches the webhooks of an operator. */
export type WebhookEndpoint =
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port?: number } }
  /** `https://127.0.0.1:9443`, without a path. */
  | { readonly url: string };

/** Options of `webhookManifests` and of a CRD that is converted. */
export interface WebhookConnection {
  readonly endpoint: WebhookEndpoint;
  /** PEM of what signs the serving certificates. Left out where somebody else fills it in. */
  readonly caBundle?: string | undefined;
  /** `namespace/name` of cert-manager's Certificate: its injector then keeps the bundle. */
  readonly certManager?: string | undefined;
}

/** A MutatingWebhookConfiguration or a ValidatingWebhookConfiguration. */
export interface WebhookConfigurationManifest extends KubeObject {
  readonly webhooks: readonly object[];
}
