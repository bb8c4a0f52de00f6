import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, it } from 'vitest';
import {
  ConnectionError,
  isConflict,
  isNotFound,
  isTooManyRequests,
  isUnknownOutcome,
  UnknownOutcomeError,
} from '../errors/index.ts';
import type { RequestObserver } from './client.ts';
import { createClient } from './create-client.ts';
import { type FakeAnswer, fakeTransport, notFound, type RecordedRequest, statusAnswer } from './testing/index.ts';

const ConfigMap = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  projection: 'full',
  subresources: { status: false, scale: false },
} as const;
const key = { namespace: 'default', name: 'a' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key };
const lost = (requestSent: boolean) =>
  new ConnectionError('ConnectionLost', 'the connection was lost', { requestSent });

/** A client of a server that gives these answers one after the other, and the last one for ever. */
function clientOf(...answers: (FakeAnswer | Error | ((request: RecordedRequest) => FakeAnswer))[]) {
  const clock = new FakeClock();
  const observed: Parameters<RequestObserver>[0][] = [];
  const warnings: string[] = [];
  let count = 0;
  const transport = fakeTransport((request) => {
    const answer = answers[Math.min(count++, answers.length - 1)] ?? {};
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(request) : answer;
  });
  const client = createClient({
    transport,
    clock,
    observe: (request) => observed.push(request),
    log: { warn: (_, message) => warnings.push(message) },
  });
  return { client, clock, transport, observed, warnings };
}

/** Lets time pass until the promise is settled. */
async function passing<T>(
  clock: FakeClock,
  promise: Promise<T>,
): Promise<{ value?: T; error?: unknown; seconds: number }> {
  const start = clock.monotonic();
  let result: { value?: T; error?: unknown } | undefined;
  promise.then(
    (value) => {
      result = { value };
    },
    (error) => {
      result = { error };
    },
  );
  for (let turn = 0; turn < 2000 && !result; turn++) await clock.advance(turn < 5 ? 0 : 50);
  if (!result) throw new Error('it did not end');
  return { ...result, seconds: (clock.monotonic() - start) / 1000 };
}

describe('a read', () => {
  it('is repeated when the connection is lost', async () => {
    const { client, clock, transport, observed } = clientOf(lost(true), lost(true), { body: object });
    const { value } = await passing(clock, client.get(ConfigMap, key));
    expect(value).toEqual(object);
    expect(transport.requests).toHaveLength(3);
    expect(observed.map(({ code }) => code)).toEqual(['<error>', '<error>', '200']);
  });

  it('is repeated when its body breaks off', async () => {
    const half = async function* () {
      yield new TextEncoder().encode('{"half');
      throw lost(true);
    };
    const { client, clock, transport } = clientOf({ body: half() }, { body: object });
    expect((await passing(clock, client.get(ConfigMap, key))).value).toEqual(object);
    expect(transport.requests).toHaveLength(2);
  });

  it('waits as long as Retry-After says on 429 and 503', async () => {
    const busy = statusAnswer(503, 'ServiceUnavailable', 'not yet', { 'retry-after': '3' });
    const { client, clock } = clientOf(
      busy,
      statusAnswer(429, 'TooManyRequests', 'slow down', { 'retry-after': '2' }),
      { body: object },
    );
    const { value, seconds } = await passing(clock, client.get(ConfigMap, key));
    expect(value).toEqual(object);
    expect(seconds).toBeGreaterThanOrEqual(5);
  });

  it('gives up at once where the wait would outlast its time-out', async () => {
    const { client, clock } = clientOf(statusAnswer(429, 'TooManyRequests', 'slow down', { 'retry-after': '100' }));
    const { error, seconds } = await passing(clock, client.get(ConfigMap, key));
    expect(isTooManyRequests(error)).toBe(true);
    expect(seconds).toBeLessThan(1);
  });

  it('fails at once where nothing listens', async () => {
    const refused = new ConnectionError('ConnectFailed', 'cannot connect to x: nothing listens there', {
      requestSent: false,
    });
    const { client, clock, transport } = clientOf(refused);
    const { error } = await passing(clock, client.get(ConfigMap, key));
    expect((error as Error).message).toBe('cannot get ConfigMap default/a: cannot connect to x: nothing listens there');
    expect(transport.requests).toHaveLength(1);
  });

  it('ends at its time-out', async () => {
    const transport = fakeTransport(() => new Promise(() => undefined));
    const clock = new FakeClock();
    const client = createClient({ transport, clock });
    const { error, seconds } = await passing(clock, client.get(ConfigMap, key, { timeout: 5_000 }));
    expect(error).toMatchObject({ code: 'RequestTimeout' });
    expect((error as Error).message).toBe('cannot get ConfigMap default/a: fake did not answer within 5 s');
    expect(seconds).toBeCloseTo(5, 0);
  });

  it('ends with the reason of its signal', async () => {
    const transport = fakeTransport(() => new Promise(() => undefined));
    const stop = new AbortController();
    const get = createClient({ transport }).get(ConfigMap, key, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(get).rejects.toThrow('enough');
  });
});

describe('a write', () => {
  it('is never sent again once it was sent, and its outcome is unknown', async () => {
    for (const write of ['create', 'update', 'patch', 'delete'] as const) {
      const { client, clock, transport } = clientOf(lost(true), { body: object });
      const calls = {
        create: () => client.create(ConfigMap, object),
        update: () => client.update(ConfigMap, object),
        patch: () => client.patch(ConfigMap, key, { type: 'merge', body: {} }),
        delete: () => client.delete(ConfigMap, key),
      };
      const { error } = await passing(clock, calls[write]() as Promise<unknown>);
      expect(error).toBeInstanceOf(UnknownOutcomeError);
      expect((error as Error).message).toBe(
        `cannot tell whether ${write} ConfigMap default/a happened: the connection was lost`,
      );
      expect(transport.requests).toHaveLength(1);
    }
  });

  it('is sent again when the server surely did not look at it', async () => {
    const { client, clock, transport } = clientOf(lost(false), { status: 201, body: object });
    expect((await passing(clock, client.create(ConfigMap, object))).value).toEqual(object);
    expect(transport.requests).toHaveLength(2);
  });

  it('is sent again on 429, as often as the server asks', async () => {
    const busy = statusAnswer(429, 'TooManyRequests', 'slow down', { 'retry-after': '1' });
    const { client, clock, transport } = clientOf(busy, busy, { status: 201, body: object });
    expect((await passing(clock, client.create(ConfigMap, object))).value).toEqual(object);
    expect(transport.requests).toHaveLength(3);
  });

  it('that a 429 without Retry-After refuses is refused', async () => {
    const { client, clock, transport } = clientOf(statusAnswer(429, 'TooManyRequests', 'disruption budget'));
    const { error } = await passing(clock, client.create(ConfigMap, object, { subresource: 'eviction' }));
    expect(isTooManyRequests(error)).toBe(true);
    expect(transport.requests).toHaveLength(1);
  });

  it('answered by 5xx is an error of unknown outcome, and is not repeated', async () => {
    const { client, clock, transport } = clientOf(
      statusAnswer(503, 'ServiceUnavailable', 'etcd', { 'retry-after': '1' }),
    );
    const { error } = await passing(clock, client.update(ConfigMap, object));
    expect(isUnknownOutcome(error)).toBe(true);
    expect(transport.requests).toHaveLength(1);
  });

  it('answered by 501 or any 4xx did surely not happen', async () => {
    for (const [status, reason] of [
      [501, 'NotImplemented'],
      [409, 'Conflict'],
      [422, 'Invalid'],
    ] as const) {
      const { client, clock } = clientOf(statusAnswer(status, reason, 'no'));
      expect(isUnknownOutcome((await passing(clock, client.update(ConfigMap, object))).error)).toBe(false);
    }
  });

  it('whose signal aborts while it is on its way has an unknown outcome', async () => {
    const stop = new AbortController();
    const transport = fakeTransport(() => new Promise(() => undefined));
    const client = createClient({ transport });
    const update = client.update(ConfigMap, object, { signal: stop.signal }).catch((error) => error);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    expect(isUnknownOutcome(await update)).toBe(true);
    expect(transport.requests).toHaveLength(1);
    const before = await client.update(ConfigMap, object, { signal: stop.signal }).catch((error) => error);
    expect(before.message).toBe('enough');
    expect(transport.requests).toHaveLength(1);
  });

  it('as a dry run has no outcome to be unknown', async () => {
    const { client, clock, transport } = clientOf(lost(true), { body: object });
    await passing(clock, client.update(ConfigMap, object, { dryRun: true }));
    expect(transport.requests).toHaveLength(2);
    expect(transport.requests[1]?.query.get('dryRun')).toBe('All');
  });
});

describe('an error of the server', () => {
  it('names verb, kind and object, and keeps the Status', async () => {
    const { client, clock } = clientOf(notFound('configmaps', 'a'));
    const { error } = await passing(clock, client.get(ConfigMap, key));
    if (!isNotFound(error)) throw new Error('no NotFound');
    expect(error.message).toBe('cannot get ConfigMap default/a: configmaps "a" not found (404 NotFound)');
    expect(error).toMatchObject({
      code: 'NotFound',
      reason: 'NotFound',
      httpStatus: 404,
      request: { verb: 'get', kind: 'ConfigMap' },
    });
    expect(error.status.message).toBe('configmaps "a" not found');
  });

  it('is made from the HTTP status where the body is no Status', async () => {
    const { client, clock } = clientOf({ status: 409, body: '<html>' });
    const { error } = await passing(clock, client.update(ConfigMap, object));
    expect(isConflict(error)).toBe(true);
    expect((error as Error).message).toContain('the server answered with HTTP status 409');
  });

  it('is an answer that is not JSON', async () => {
    const { client, clock } = clientOf({ body: 'hello secret' });
    const { error } = await passing(clock, client.get(ConfigMap, key));
    expect(error).toMatchObject({ code: 'InvalidAnswer' });
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('warnings of the server', () => {
  it('are said once each', async () => {
    const warning = '299 - "policy/v1beta1 is \\"old\\"", 299 - "unknown field"';
    const { client, clock, warnings } = clientOf({ body: object, headers: { warning } });
    await passing(clock, client.get(ConfigMap, key));
    await passing(clock, client.get(ConfigMap, key));
    expect(warnings).toEqual(['policy/v1beta1 is "old"', 'unknown field']);
  });
});

describe('beforeSend', () => {
  it('is asked each time that the request is sent, after the pause before a repetition', async () => {
    const asked: number[] = [];
    const { client, clock, transport } = clientOf(
      statusAnswer(429, 'TooManyRequests', 'busy', { 'retry-after': '3' }),
      { body: object },
    );
    const beforeSend = () => void asked.push(clock.monotonic());
    await passing(clock, client.create(ConfigMap, object as never, { beforeSend }));
    expect(asked).toEqual([0, 3000]);
    expect(transport.requests).toHaveLength(2);
  });

  it('throws to keep the request back: it is not sent, not repeated, and nothing about it is unknown', async () => {
    const { client, observed } = clientOf({ body: object });
    const refusal = new Error('not now');
    let asked = 0;
    const beforeSend = () => {
      asked++;
      throw refusal;
    };
    await expect(client.update(ConfigMap, object as never, { beforeSend })).rejects.toBe(refusal);
    await expect(client.raw('POST', '/x', { beforeSend })).rejects.toBe(refusal);
    expect([asked, observed]).toEqual([2, []]);
  });
});
