import type { Random } from '@setpoint/apimachinery/clock';
import { discard, type Transport, type TransportRequest, type TransportResponse } from 'setpoint/client';
import { ConnectionError } from 'setpoint/errors';

export interface FaultyTransport extends Transport {
  /** Breaks every open watch. */
  cut(): void;
  /** How often which fault happened. */
  readonly faults: ReadonlyMap<string, number>;
  /** Chances from now on. */
  chances: Chances;
}

export interface Chances {
  /** Of a request to be answered with 429, 500, 503 or 409, none of which was done. */
  readonly refused: number;
  /** Of a request to be done, and to end in a time-out for whoever asked. */
  readonly timedOut: number;
}

const refusals = [
  { code: 429, reason: 'TooManyRequests', headers: { 'retry-after': '1' } },
  { code: 500, reason: 'InternalError', headers: {} },
  { code: 503, reason: 'ServiceUnavailable', headers: {} },
  { code: 409, reason: 'Conflict', headers: {} },
];

/** The same transport with trouble on the way, by the dice. */
export function faultyTransport(inner: Transport, random: Random, chances: Chances): FaultyTransport {
  const streams = new Set<() => void>();
  const faults = new Map<string, number>();
  const happened = (what: string) => faults.set(what, (faults.get(what) ?? 0) + 1);
  const faulty: FaultyTransport = {
    host: inner.host,
    faults,
    chances,
    cut() {
      for (const cut of [...streams]) cut();
    },
    async request(request) {
      const dice = random.next();
      if (dice < faulty.chances.refused) {
        const refusal = refusals[random.integer(refusals.length)] as (typeof refusals)[number];
        happened(String(refusal.code));
        return refused(refusal);
      }
      if (dice >= faulty.chances.refused + faulty.chances.timedOut) {
        const answer = await inner.request(request);
        return isWatch(request) ? breakable(answer, streams, () => happened('cut')) : answer;
      }
      happened('timed out');
      await discard((await inner.request(request)).body);
      throw new ConnectionError('RequestTimeout', 'no answer came in time', { requestSent: true });
    },
    close: () => inner.close(),
  };
  return faulty;
}

function isWatch({ url }: TransportRequest): boolean {
  return url.includes('watch=');
}

function refused({ code, reason, headers }: (typeof refusals)[number]): TransportResponse {
  const message = `${reason} by the dice`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  async function* body() {
    yield Buffer.from(JSON.stringify(status));
  }
  return { status: code, headers: { 'content-type': 'application/json', ...headers }, body: body() };
}

function breakable(answer: TransportResponse, streams: Set<() => void>, broken: () => void): TransportResponse {
  const source = answer.body[Symbol.asyncIterator]();
  let waiting: ((error: Error) => void) | undefined;
  let error: Error | undefined;
  const cut = () => {
    streams.delete(cut);
    broken();
    error = new ConnectionError('ConnectionLost', 'the stream was cut', { requestSent: true });
    waiting?.(error);
    source.return?.().catch(() => undefined);
  };
  streams.add(cut);
  const iterator: AsyncIterator<Uint8Array> = {
    next() {
      if (error) return Promise.reject(error);
      return new Promise((resolve, reject) => {
        waiting = reject;
        source.next().then(resolve, reject);
      });
    },
    async return() {
      streams.delete(cut);
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return { ...answer, body: { [Symbol.asyncIterator]: () => iterator } };
}
