import type { Status } from '@setpoint/apimachinery/meta';
import { ApiError, type RequestDescription } from '../errors/index.ts';
import { decodeJson, textOf } from './json.ts';
import { headerOf, type TransportResponse } from './transport/index.ts';

/** The error in an answer whose status is 400 or more. */
export function apiErrorOf(
  response: Pick<TransportResponse, 'status' | 'headers'>,
  body: Uint8Array,
  request: RequestDescription,
  write: boolean,
): ApiError {
  return new ApiError({
    request,
    httpStatus: response.status,
    status: statusOf(response.status, textOf(body)),
    retryAfterSeconds: retryAfterOf(response),
    outcome: write && mayHaveHappened(response.status) ? 'unknown' : 'refused',
  });
}

/** Seconds of the Retry-After header; the date form, which API servers do not use, is not read. */
export function retryAfterOf(response: Pick<TransportResponse, 'headers'>): number | undefined {
  const header = headerOf(response, 'retry-after');
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

/** A 5xx may come after the write was stored, save those that say that the request was not understood. */
function mayHaveHappened(httpStatus: number): boolean {
  return httpStatus >= 500 && httpStatus !== 501 && httpStatus !== 505;
}

function statusOf(httpStatus: number, text: string): Status {
  try {
    const value = decodeJson(text) as Partial<Status> | null;
    if (typeof value === 'object' && value?.kind === 'Status') return value as Status;
  } catch {
    // A proxy's page, or Go's "404 page not found".
  }
  const line = text.trim().split('\n')[0] ?? '';
  const isText = line !== '' && !line.startsWith('<');
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: isText ? line.slice(0, 300) : `the server answered with HTTP status ${httpStatus}`,
    code: httpStatus,
  };
}
