import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import {
  type ApiError,
  ConnectionError,
  describeRequest,
  isApiError,
  isConnectionError,
  type RequestDescription,
  RequestError,
  UnknownOutcomeError,
} from '../errors/index.ts';
import type { RequestObserver } from './client.ts';
import type { Credentials, HeaderFields } from './credentials.ts';
import { type Deadline, deadline } from './deadline.ts';
import { type CallFollower, type CallInstrument, codeOfError } from './instrument.ts';
import { readAll } from './json.ts';
import { whenEnded } from './linked-signal.ts';
import { apiErrorOf, retryAfterOf } from './status.ts';
import {
  type ConnectionClass,
  discard,
  headerOf,
  type Transport,
  type TransportResponse,
  type UpgradedSocket,
} from './transport/index.ts';
import type { Warnings } from './warnings.ts';

/** One call of a verb, ready to be sent any number of times. */
export interface Call {
  readonly request: RequestDescription;
  readonly method: string;
  readonly url: string;
  readonly accept: string;
  readonly contentType?: string | undefined;
  readonly body?: Uint8Array | undefined;
  /** Whether the server may change something; a dry run may not. */
  readonly write: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
  readonly connection?: ConnectionClass | undefined;
  readonly beforeSend?: (() => void) | undefined;
}

/** An answer with its whole body. */
interface WholeAnswer {
  readonly response: TransportResponse;
  readonly body: Uint8Array;
}

interface FollowedAnswer {
  readonly response: TransportResponse;
  readonly body?: Uint8Array;
}

/** How far a call is, over all its attempts. */
interface Progress {
  attempts: number;
  follower: CallFollower | undefined;
}

export type UpgradeCall = Pick<Call, 'request' | 'url' | 'signal'> & { readonly protocols: readonly string[] };

export interface PipelineOptions {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly warnings: Warnings;
  readonly observe: RequestObserver | undefined;
  readonly instrument: CallInstrument | undefined;
}

const defaultTimeout = 60_000;
/** As client-go: a server that still says 429 after this is believed. */
const busyRepetitions = 10;
const brokenRepetitions = 4;
const firstPause = 50;

/**
 * Sends calls: credentials, repetition, errors, warnings, metrics.
 *
 * What is repeated, and why no write can happen twice:
 * - 429 with Retry-After, any verb: the server turned the request away before looking at it.
 * - 401, any verb, once, if the credentials could be renewed: likewise.
 * - a stream the server refused, or a connection that went away before the request was on it: any verb.
 * - a connection lost later, and 5xx with Retry-After: reads only. PUT, PATCH and DELETE look repeatable but are
 *   not: the second PUT of one that was stored meets its own change as a conflict, the second DELETE may meet a new
 *   object of the same name, a JSON patch may add twice. Their outcome is unknown and the caller is told so.
 * A server that cannot be connected to at all fails the call at once: whoever called decides how long to wait.
 */
export class Pipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** The answer with its whole body. */
  unary(call: Call): Promise<WholeAnswer> {
    return this.#followed(call, false, (progress) => this.#whole(call, progress));
  }

  /** The answer with its body as it comes; the time-out ends with the head. */
  stream(call: Call): Promise<TransportResponse> {
    return this.#followed(call, true, async (progress) => ({ response: await this.#head(call, progress) })).then(
      ({ response }) => response,
    );
  }

  async #whole(call: Call, progress: Progress): Promise<WholeAnswer> {
    using limit = this.#deadline(call);
    for (let attempt = 0; ; attempt++) {
      const response = await this.#send(call, limit, progress);
      try {
        return { response, body: response.whole ?? (await readAll(response.body)) };
      } catch (error) {
        // The head said that a write was done, but what it became is lost with the body.
        const failure = this.#translate(call, error, true);
        if (call.write || !isConnectionError(error) || attempt >= brokenRepetitions) throw failure;
        await this.#pause(firstPause * 2 ** attempt, limit, failure);
      }
    }
  }

  async #head(call: Call, progress: Progress): Promise<TransportResponse> {
    const limit = this.#deadline(call);
    const dispose = () => limit[Symbol.dispose]();
    try {
      const response = await this.#send(call, limit, progress);
      limit.lift();
      return { ...response, body: whenEnded(response.body, dispose) };
    } catch (error) {
      dispose();
      throw error;
    }
  }

  /** Opens a WebSocket with the credentials of every other request; a 401 renews them once. */
  async upgrade(call: UpgradeCall): Promise<UpgradedSocket> {
    const { transport, credentials, userAgent } = this.#options;
    const signal = call.signal ?? new AbortController().signal;
    if (!transport.upgrade) {
      throw new RequestError(
        `cannot ${describeRequest(call.request)}: the connection to ${transport.host} has no WebSockets`,
      );
    }
    for (let renewed = false; ; renewed = true) {
      const fields = await credentials.headers(signal);
      const headers = { 'user-agent': userAgent, ...fields };
      const answer = await transport.upgrade({ url: call.url, headers, protocols: call.protocols, signal });
      if (!('status' in answer)) return answer;
      const failure = apiErrorOf(answer, await readAll(answer.body), call.request, false);
      if (answer.status !== 401 || renewed || !(await credentials.renew(fields, signal))) throw failure;
    }
  }

  /** Does it, and tells the instrument, where there is one. */
  #followed<T extends FollowedAnswer>(
    call: Call,
    stream: boolean,
    send: (progress: Progress) => Promise<T>,
  ): Promise<T> {
    const { instrument, transport, clock } = this.#options;
    const progress: Progress = { attempts: 0, follower: undefined };
    if (!instrument) return send(progress);
    const { request, method } = call;
    const requestBytes = call.body?.length ?? 0;
    progress.follower = instrument({ request, method, host: transport.host, requestBytes, stream });
    const began = clock.monotonic();
    const end = (code: string, responseBytes: number, error: unknown) => {
      const seconds = (clock.monotonic() - began) / 1000;
      progress.follower?.end({ code, attempts: progress.attempts, seconds, responseBytes, error });
    };
    return send(progress).then(
      (answer) => {
        end(String(answer.response.status), answer.body?.length ?? 0, undefined);
        return answer;
      },
      (error) => {
        end(codeOfError(error), 0, error);
        throw error;
      },
    );
  }

  #deadline(call: Call): Deadline {
    const { clock, transport } = this.#options;
    return deadline(clock, call.timeout ?? defaultTimeout, call.signal, transport.host);
  }

  async #send(call: Call, limit: Deadline, progress: Progress): Promise<TransportResponse> {
    let busy = 0;
    let broken = 0;
    let renewed = false;
    for (;;) {
      let response: TransportResponse;
      let sent = false;
      const fields = await this.#options.credentials.headers(limit.signal);
      try {
        const headers = progress.follower?.headers ? { ...fields, ...progress.follower.headers } : fields;
        response = await this.#once(call, headers, limit, progress.attempts++, () => {
          sent = true;
        });
      } catch (error) {
        const failure = this.#translate(call, error, sent);
        if (!mayRepeat(error, call.write) || broken >= brokenRepetitions) throw failure;
        await this.#pause(firstPause * 2 ** broken++, limit, failure);
        continue;
      }
      if (response.status < 400) return response;
      if (response.status === 401 && !renewed) {
        renewed = true;
        if (await this.#options.credentials.renew(fields, limit.signal)) {
          await discard(response.body);
          continue;
        }
      }
      const failure = await this.#failure(call, response);
      const wait = retryAfterOf(response);
      const turnedAway = response.status === 429 || (response.status >= 500 && !call.write);
      if (wait === undefined || !turnedAway || busy++ >= busyRepetitions) throw failure;
      await this.#pause(Math.max(wait, 0.1) * 1000, limit, failure);
    }
  }

  async #once(
    call: Call,
    fields: HeaderFields,
    limit: Deadline,
    attempt: number,
    onSending: () => void,
  ): Promise<TransportResponse> {
    const { transport, userAgent, warnings, observe } = this.#options;
    const gate = gateOf(call, onSending);
    const observed = { method: call.method, host: transport.host, attempt };
    try {
      const response = await transport.request({
        method: call.method,
        url: call.url,
        headers: {
          accept: call.accept,
          'user-agent': userAgent,
          'content-type': call.contentType,
          ...fields,
        },
        body: call.body,
        signal: limit.signal,
        connection: call.connection,
        onSending: gate.onSending,
      });
      observe?.({ code: String(response.status), ...observed });
      warnings.note(headerOf(response, 'warning'), { verb: call.request.verb, kind: call.request.kind });
      return response;
    } catch (error) {
      if (gate.refusal) throw gate.refusal.reason;
      observe?.({ code: '<error>', ...observed });
      throw error;
    }
  }

  async #failure(call: Call, response: TransportResponse): Promise<ApiError> {
    let body: Uint8Array = new Uint8Array();
    try {
      body = response.whole ?? (await readAll(response.body));
    } catch {
      // The status alone has to do.
    }
    return apiErrorOf(response, body, call.request, call.write);
  }

  /** What the caller gets for an error that is not an answer. */
  #translate(call: Call, error: unknown, sent: boolean): unknown {
    if (isApiError(error)) return error;
    const surelyNot = isConnectionError(error) ? !error.requestSent : false;
    if (call.write && sent && !surelyNot) return new UnknownOutcomeError(call.request, error);
    if (!isConnectionError(error)) return error;
    return new ConnectionError(error.code, `cannot ${describeRequest(call.request)}: ${error.message}`, {
      requestSent: error.requestSent,
      cause: error.cause ?? error,
    });
  }

  /** Waits before a repetition; gives up with `failure` where the wait would outlast the time-out. */
  async #pause(milliseconds: number, limit: Deadline, failure: unknown): Promise<void> {
    if (milliseconds >= limit.left()) throw failure;
    await sleep(this.#options.clock, milliseconds, { signal: limit.signal });
  }
}

/** Asks `beforeSend` at the last moment; transports wrap what is thrown then, so it is kept. */
function gateOf({ beforeSend }: Call, onSending: () => void) {
  const gate: { refusal: { readonly reason: unknown } | undefined; readonly onSending: () => void } = {
    refusal: undefined,
    onSending() {
      try {
        beforeSend?.();
      } catch (reason) {
        gate.refusal = { reason };
        throw reason;
      }
      onSending();
    },
  };
  return gate;
}

function mayRepeat(error: unknown, write: boolean): boolean {
  return isConnectionError(error) && error.code === 'ConnectionLost' && (!write || !error.requestSent);
}
