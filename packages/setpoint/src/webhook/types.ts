// biome-ignore-all lint/suspicious/noExplicitAny: a declaration keeps functions whose types only its maker knows.
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock } from '@setpoint/apimachinery/clock';
import type { Duration } from '@setpoint/apimachinery/duration';
import type { KubeObject, LabelSelector } from '@setpoint/apimachinery/meta';
import type { AdmissionRequest, ValidationResult } from '../controller/index.ts';
import type { AnyKind, Draft, Resource } from '../kinds/index.ts';
import type { MatchCondition, WebhookRegistration } from '../manifests/index.ts';
import type { MetricHandles } from '../metrics/index.ts';
import type { Log } from '../reconcile/index.ts';

/** What the functions of a webhook may use besides the object. */
export interface AdmissionContext<R extends KubeObject = any> {
  /** The object before an update. At a deletion, the object itself is what is to be deleted. */
  readonly old?: R;
  readonly request: AdmissionRequest;
  /** Tells the person something, whether or not the object is refused; kubectl prints it. */
  readonly warn: (text: string) => void;
  /** Aborts when the API server has gone or the time is up: what is answered then is heard by nobody. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Its lines name the object and the user. */
  readonly log: Log;
  /** Counts, sets and observes what `metrics` of the operator declares; every replica answers, and counts for itself. */
  readonly metrics: MetricHandles;
}

/** Options of `webhook()`. At a creation, what the server fills in later (uid, resourceVersion) is missing in objects. */
export interface WebhookOptions<K extends AnyKind> {
  /**
   * Fills in what is missing, in place. Must be idempotent: the API server may ask again after other webhooks.
   * Not called for deletions. What it throws is a failure of the webhook, unless it is an ApiError: that is the answer.
   */
  readonly default?: (draft: Draft<Resource<K>>, context: AdmissionContext<Resource<K>>) => void | Promise<void>;
  /**
   * What is wrong with the object: FieldErrors become a 422 as the API server's own, sentences a 403. What it throws is
   * treated as in `default`.
   */
  readonly validate?: (
    object: Resource<K>,
    context: AdmissionContext<Resource<K>>,
  ) => ValidationResult | Promise<ValidationResult>;
  /** @default CREATE and UPDATE */
  readonly operations?: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  /** Only objects with these labels, before or after the change. @default all */
  readonly objectSelector?: LabelSelector;
  /** Only in namespaces with these labels. @default all */
  readonly namespaceSelector?: LabelSelector;
  /** CEL expressions, all of which must be true; at most 64. */
  readonly matchConditions?: readonly MatchCondition[];
  /** What becomes of a request when the webhook cannot be asked. @default 'Fail' */
  readonly failurePolicy?: 'Fail' | 'Ignore';
  /** `NoneOnDryRun`: has effects beyond its answer, but not when `request.dryRun` is true. @default 'None' */
  readonly sideEffects?: 'None' | 'NoneOnDryRun';
  /** How long the API server waits: whole seconds, 1 to 30. @default '10s' */
  readonly timeout?: Duration;
}

/**
 * A declared webhook; made by `webhook()` from {@link WebhookOptions}, or of a controller that has `default` or
 * `validate`.
 */
export interface Webhook {
  readonly type: 'webhook';
  readonly kind: AnyKind;
  readonly default: ((draft: any, context: any) => unknown) | undefined;
  readonly validate: ((object: any, context: any) => unknown) | undefined;
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly objectSelector: LabelSelector | undefined;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly matchConditions: readonly MatchCondition[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly sideEffects: 'None' | 'NoneOnDryRun';
  /** How long the API server waits: 1 to 30. */
  readonly timeoutSeconds: number;
  /** Lets pass what is being deleted: else an object that has become invalid would keep its finalizers for ever. */
  readonly sparesDeleted: boolean;
}

/** One half of a webhook: what is served under one path. */
export interface Hook extends WebhookRegistration {
  readonly webhook: Webhook;
}

/** What the parts of a webhook server count; names and labels are controller-runtime's. */
export interface WebhookMetrics {
  /** From the first scrape on, so that rates and alerts work. */
  prepare(path: string): void;
  /** A request came, or was answered. */
  inFlight(path: string, change: 1 | -1): void;
  /** With the HTTP status and how long it took. */
  answered(path: string, code: number, seconds: number): void;
  /** A hook threw what is no refusal. */
  panic(): void;
  /** A conversion threw what is no refusal. */
  conversionPanic(): void;
  /** A certificate was read from its files. */
  certificateRead(): void;
  /** It could not be read. */
  certificateReadError(): void;
}

/** Where the serving certificate comes from. */
export type CertificateOptions =
  /** Files, read again when they change; named as in Secrets unless told. cert-manager's are mounted so. */
  | { readonly folder: string; readonly certificate?: string; readonly key?: string }
  /** PEM, for good. */
  | KeyPair
  /**
   * Made and rotated by the operator itself, shared by its replicas through a Secret in its namespace.
   * `hosts`: what the server is called by; left out, the names of the operator's webhook Service, and this machine.
   */
  | { readonly namespace?: string | undefined; readonly hosts?: readonly string[] | undefined };

/** How a manager serves webhooks. */
export interface WebhookServingOptions {
  /** `127.0.0.1:9443`; `:9443` is every interface; `0` is off. @default '127.0.0.1:9443' */
  readonly bindAddress?: string | undefined;
  /** @default made and rotated by the operator itself */
  readonly certificates?: CertificateOptions | undefined;
  /**
   * PEM file of authorities, read at the start: only callers with a client certificate that one of them signed are
   * answered. API servers have one if their AdmissionConfiguration says so, for the name and port of this server.
   *
   * @default whoever reaches the address is answered
   */
  readonly clientCaFile?: string | undefined;
}
