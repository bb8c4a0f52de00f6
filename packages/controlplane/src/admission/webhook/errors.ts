import { goQuote } from '@setpoint/apimachinery/errors';
import type { Status } from '@setpoint/apimachinery/meta';
import { badRequest, internalError, requestTimeout, StatusError } from '../../status/index.ts';

export { requestTimeout };

/** A webhook could not be asked, or its answer is none. What becomes of it, its failurePolicy says. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(webhook: string, reason: string) {
    super(`failed calling webhook ${goQuote(webhook)}: ${reason}`);
  }

  /** What the client gets where the webhook is needed. */
  get refusal(): StatusError {
    return internalError(this.message);
  }
}

/** The refusal of a webhook, with the Status that it chose. */
export function denial(webhook: string, result: Partial<Status> | undefined): StatusError {
  const { code = 0, reason = '', message = '', details, metadata = {} } = result ?? {};
  const by = `admission webhook ${goQuote(webhook)} denied the request`;
  const why = message || reason;
  const text = why === '' ? `${by} without explanation` : `${by}: ${why}`;
  return new StatusError(Math.max(code, 400), reason, text, details, metadata);
}

export function dryRunUnsupported(webhook: string): StatusError {
  return badRequest(`admission webhook ${goQuote(webhook)} does not support dry run`);
}
