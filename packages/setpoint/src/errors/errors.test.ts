import { describe, expect, it, vi } from 'vitest';
import {
  ApiError,
  ConnectionError,
  describeRequest,
  ignoreNotFound,
  isConflict,
  isExpired,
  isForbidden,
  isGone,
  isNotFound,
  isTerminal,
  isUnknownOutcome,
  PassRevoked,
  SetpointError,
  TerminalError,
  UnknownOutcomeError,
} from './index.ts';

const request = { verb: 'update', kind: 'Foo.example.com', namespace: 'default', name: 'a', subresource: 'status' };
const error = (httpStatus: number, reason?: string) =>
  new ApiError({
    request,
    httpStatus,
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      message: 'no',
      ...(reason === undefined ? {} : { reason }),
    },
  });

describe('an ApiError', () => {
  it("is a sentence with verb, kind, object, subresource, the server's message, status and reason", () => {
    expect(error(409, 'Conflict').message).toBe('cannot update Foo.example.com default/a (status): no (409 Conflict)');
    expect(describeRequest({ verb: 'list', kind: 'Pod', namespace: 'x' })).toBe('list Pod in namespace x');
  });

  it('takes its code from the reason, or from the HTTP status where the reason is unknown', () => {
    expect(error(500, 'NotFound').code).toBe('NotFound');
    expect(isNotFound(error(404))).toBe(true);
    expect(isForbidden(error(403, 'SomethingNew'))).toBe(true);
    expect(error(418).code).toBe('Unknown');
    expect(isConflict(error(409, 'AlreadyExists'))).toBe(false);
    expect([isGone(error(410, 'Expired')), isExpired(error(410, 'Expired')), isExpired(error(410))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('ignoreNotFound', () => {
  it('answers what the request answers, undefined for a 404, and rejects with everything else', async () => {
    expect(await ignoreNotFound(Promise.resolve('there'))).toBe('there');
    expect(await ignoreNotFound(Promise.reject(error(404, 'NotFound')))).toBeUndefined();
    const forbidden = error(403, 'Forbidden');
    await expect(ignoreNotFound(Promise.reject(forbidden))).rejects.toBe(forbidden);
  });
});

describe('errors of another copy of the package', () => {
  it('are recognised by guards and by instanceof', async () => {
    vi.resetModules();
    const other = await import('./index.ts');
    expect(other.TerminalError).not.toBe(TerminalError);
    const foreign = new other.TerminalError('stop');
    expect(isTerminal(foreign)).toBe(true);
    expect(foreign).toBeInstanceOf(TerminalError);
    expect(foreign).toBeInstanceOf(SetpointError);
    expect(foreign).not.toBeInstanceOf(PassRevoked);
  });
});

describe('a class derived from one of ours', () => {
  it('keeps the ordinary meaning of instanceof', () => {
    class Quota extends TerminalError {}
    expect(new Quota('x')).toBeInstanceOf(Quota);
    expect(new Quota('x')).toBeInstanceOf(TerminalError);
    expect(new TerminalError('x')).not.toBeInstanceOf(Quota);
  });
});

describe('an unknown outcome', () => {
  it('keeps its cause, and no other error is one', () => {
    const cause = new ConnectionError('ConnectionLost', 'gone', { requestSent: true });
    const unknown = new UnknownOutcomeError(request, cause);
    expect(unknown.cause).toBe(cause);
    expect(isUnknownOutcome(unknown)).toBe(true);
    for (const other of [cause, error(404), new Error('x'), null, 'x', undefined])
      expect(isUnknownOutcome(other)).toBe(false);
  });
});
