import { patchTypeOf } from '@setpoint/apimachinery/kinds';
import { applyStrategicMergePatch, goValue, StrategicPatchError } from '@setpoint/apimachinery/patch';
import { badRequest, plainServerError, StatusError } from '../status/index.ts';
import type { Patched } from './patch.ts';

/**
 * A strategic merge patch of an object of the struct `key` of the tables.
 * @throws StatusError 400, 422 or, where the real server blames itself for what the patch says, 500
 */
export function applyStrategic(object: unknown, patch: unknown, key: string): Patched {
  try {
    const { object: value, patch: left } = applyStrategicMergePatch(object, patch, patchTypeOf(key));
    return { value, shown: () => goValue(left), convertedTo: key };
  } catch (error) {
    throw error instanceof StrategicPatchError ? refusal(error) : error;
  }
}

function refusal({ reason, message }: StrategicPatchError): StatusError {
  switch (reason) {
    case 'BadFormat':
      return badRequest(message);
    case 'Unprocessable':
      return unprocessable();
    case 'Other':
      return plainServerError(message);
    default:
      return reason satisfies never;
  }
}

/** Why, the server keeps to itself. */
export function unprocessable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
