import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { ConfigMap } from '../kinds/builtin/core/v1.ts';
import { createClient } from './create-client.ts';
import type { BeginningCall, CallInstrument, EndedCall } from './instrument.ts';
import { type FakeAnswer, fakeTransport, notFound, statusAnswer } from './testing/index.ts';

const key = { namespace: 'default', name: 'a' };
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key };

function clientOf(instruments: readonly CallInstrument[], ...answers: FakeAnswer[]) {
  const clock = new FakeClock();
  let count = 0;
  const transport = fakeTransport(() => answers[Math.min(count++, answers.length - 1)] ?? {});
  return { clock, transport, client: createClient({ transport, clock, instruments }) };
}

function recorder(headers?: Record<string, string>) {
  const calls: { begun: BeginningCall; ended?: EndedCall }[] = [];
  const instrument: CallInstrument = (begun) => {
    const call: (typeof calls)[number] = { begun };
    calls.push(call);
    return {
      headers,
      end(ended) {
        call.ended = ended;
      },
    };
  };
  return { calls, instrument };
}

test('an instrument follows a call through all its attempts, and sends headers along with each', async () => {
  const { calls, instrument } = recorder({ traceparent: '00-1-2-01' });
  const busy = statusAnswer(429, 'TooManyRequests', 'slow down', { 'retry-after': '2' });
  const { client, clock, transport } = clientOf([instrument], busy, { body: object });
  const getting = client.get(ConfigMap, key);
  await clock.advance(3000);
  await getting;
  expect(calls).toEqual([
    {
      begun: {
        request: { verb: 'get', kind: 'ConfigMap', namespace: 'default', name: 'a', subresource: undefined },
        method: 'GET',
        host: expect.any(String),
        requestBytes: 0,
        stream: false,
      },
      ended: {
        code: '200',
        attempts: 2,
        seconds: 2,
        responseBytes: JSON.stringify(object).length,
        error: undefined,
      },
    },
  ]);
  expect(transport.requests.map(({ headers }) => headers.traceparent)).toEqual(['00-1-2-01', '00-1-2-01']);
});

test('a refusal ends a call with its code and error', async () => {
  const { calls, instrument } = recorder();
  const { client } = clientOf([instrument], notFound('configmaps', 'a'));
  const error = await client.get(ConfigMap, key).catch((refusal) => refusal);
  expect(calls[0]?.ended).toMatchObject({ code: '404', attempts: 1, error });
});

test('of a watch, the head is followed', async () => {
  const { calls, instrument } = recorder();
  const { client } = clientOf([instrument], { body: '' });
  for await (const _ of client.watch(ConfigMap)) throw new Error('there is no event');
  expect(calls[0]).toMatchObject({ begun: { stream: true, request: { verb: 'watch' } }, ended: { code: '200' } });
});

test('several instruments are told, those that do not want to follow are left out', async () => {
  const [first, second] = [recorder({ a: '1' }), recorder({ b: '2' })];
  const { client, transport } = clientOf([first.instrument, () => undefined, second.instrument], { body: object });
  await client.create(ConfigMap, object as never);
  expect([first.calls, second.calls].map((calls) => calls[0]?.ended?.code)).toEqual(['200', '200']);
  expect(first.calls[0]?.begun.requestBytes).toBe(JSON.stringify(object).length);
  expect(transport.requests[0]?.headers).toMatchObject({ a: '1', b: '2' });
});
