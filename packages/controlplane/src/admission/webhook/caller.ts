import type { HostAndPort, ServiceResolver, WebhookClient } from '../../http/index.ts';
import { whenConverted } from '../../registry/index.ts';
import { requestTimeout } from '../../status/index.ts';
import { type AdmissionAttributes, newUid } from '../../verbs/index.ts';
import type { Invocation } from '../match.ts';
import type { Hook } from './configuration.ts';
import { CallError, dryRunUnsupported } from './errors.ts';
import { admissionReview, readVerdict, reviewVersion, type Verdict } from './review.ts';
import { versioned } from './versions.ts';

export type { HostAndPort, ServiceResolver };

/** What is written without a request does not wait longer than this for all webhooks of a phase. */
const requestLimit = 34_000;
const defaultTimeoutSeconds = 10;

type JsonObject = Readonly<Record<string, unknown>>;

export interface Call {
  readonly hook: Hook;
  readonly invocation: Invocation;
  readonly attributes: AdmissionAttributes;
  readonly mutating: boolean;
  /** Clock time at which the request is given up, whatever the webhook's own limit. */
  readonly deadline: number;
}

export function deadlineOf({ backend, deadline }: AdmissionAttributes): number {
  return deadline ?? backend.clock.monotonic() + requestLimit;
}

/**
 * Asks one webhook.
 * @throws CallError where it could not be asked or has not answered, StatusError where that ends the request
 */
export async function callWebhook(client: WebhookClient, call: Call): Promise<Verdict> {
  const { hook, invocation, attributes, mutating, deadline } = call;
  const { name, sideEffects, clientConfig, timeoutSeconds = defaultTimeoutSeconds } = hook.webhook;
  const { backend } = attributes;
  if (attributes.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') throw dryRunUnsupported(name);
  const version = reviewVersion(hook.webhook.admissionReviewVersions);
  if (!version) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new CallError(name, `could not create admission objects: ${why}`);
  }
  const uid = newUid(backend.random);
  const makeReview = () => {
    const object = versioned(attributes, invocation, attributes.object);
    const old = versioned(attributes, invocation, attributes.oldObject);
    return admissionReview(version, uid, attributes, invocation, object, old);
  };
  const review = await whenConverted(attributes.resource, makeReview);
  const left = deadline - backend.clock.monotonic();
  const timeout = Math.max(1, Math.min(timeoutSeconds * 1000, left));
  let answer: JsonObject;
  try {
    answer = await client.post(clientConfig, review as JsonObject, { timeout, signal: attributes.signal });
  } catch (error) {
    // Timers may be a millisecond early.
    if (backend.clock.monotonic() >= deadline - 1) throw requestTimeout(' - context deadline exceeded');
    throw new CallError(name, `failed to call webhook: ${(error as Error).message}`);
  }
  const verdict = verdictOf(name, () => readVerdict(version, uid, mutating, answer));
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) attributes.annotate(`${name}/${key}`, value);
  for (const text of verdict.warnings) attributes.warn(text);
  return verdict;
}

function verdictOf(name: string, read: () => Verdict): Verdict {
  try {
    return read();
  } catch (error) {
    throw new CallError(name, `received invalid webhook response: ${(error as Error).message}`);
  }
}
