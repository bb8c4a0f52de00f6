/**
 * Admission webhooks and conversion, as declared by `webhook()`, by controllers and by `defineCrd()`.
 *
 * @module setpoint/webhook
 */

export type { WebhookHost } from './host.ts';
export type {
  AdmissionContext,
  CertificateOptions,
  Hook,
  Webhook,
  WebhookMetrics,
  WebhookOptions,
  WebhookServingOptions,
} from './types.ts';
export { allWebhooks, convertedCrds, hooksOf, webhook, webhookNeeds, webhookPath } from './webhook.ts';

/** What answers admission and conversion; loaded only by a program that serves, since declaring is all that most imports are for. */
export const loadWebhookServing = () => import('./serving.ts');
