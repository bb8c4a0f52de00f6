import { isApiError, type RequestDescription } from '../errors/index.ts';

/** A call of a verb that begins, before its first attempt. */
export interface BeginningCall {
  readonly request: RequestDescription;
  readonly method: string;
  readonly host: string;
  /** Of the body. */
  readonly requestBytes: number;
  /** The answer is a stream, of which only the head is waited for. */
  readonly stream: boolean;
}

/** What a call came to, repetitions included. */
export interface EndedCall {
  /** HTTP status, or `<error>` where no answer came. */
  readonly code: string;
  /** How often the request was sent or tried: 1 without repetitions. */
  readonly attempts: number;
  /** From the call to its end; of a stream, to the head of its answer. */
  readonly seconds: number;
  /** Of the body; 0 for a stream. */
  readonly responseBytes: number;
  readonly error: unknown;
}

/** Follows one call; its functions must not throw. */
export interface CallFollower {
  /** Sent along with every attempt: how a trace goes on in the server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Called once, when the call has ended. */
  end(call: EndedCall): void;
}

/** Told of whole calls, whatever attempts they take: for latencies and traces. */
export type CallInstrument = (call: BeginningCall) => CallFollower | undefined;

/** All of them as one; undefined for none, so that nothing is done for nobody. */
export function allInstruments(instruments: readonly CallInstrument[]): CallInstrument | undefined {
  if (instruments.length <= 1) return instruments[0];
  return (call) => {
    const followers = instruments.map((instrument) => instrument(call)).filter((follower) => follower !== undefined);
    return {
      headers: Object.assign({}, ...followers.map(({ headers }) => headers)),
      end(ended) {
        for (const follower of followers) follower.end(ended);
      },
    };
  };
}

/** How an error is named among codes. */
export function codeOfError(error: unknown): string {
  return isApiError(error) ? String(error.httpStatus) : '<error>';
}
