import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import { ConnectionError, isConnectionError, WatchIdleError } from '../../errors/index.ts';
import { textOf } from '../json.ts';
import type { Unreadable, WatchMessage } from '../options.ts';
import { decodeEvent, type ManagedFieldsMode } from './decode-object.ts';
import { LineSplitter } from './lines.ts';

export interface MessagesOptions {
  readonly fields: ManagedFieldsMode;
  readonly clock: Clock;
  /** Milliseconds without a byte. */
  readonly idleTimeout: number;
  /** `watch Pod in namespace default`, for errors. */
  readonly what: string;
  /** Fills in what the server leaves out, such as the kind of a projection. */
  readonly complete: (object: KubeObject) => KubeObject;
}

/** A watch whose head has come. */
export interface OpenWatch {
  readonly body: AsyncIterable<Uint8Array>;
  readonly options: MessagesOptions;
}

/** The events in the body of a watch. Ends as the body ends; a line that is cut short by that is an error. */
export async function* watchMessages(
  open: OpenWatch | (() => Promise<OpenWatch>),
): AsyncGenerator<WatchMessage<KubeObject>, void> {
  const { body, options } = typeof open === 'function' ? await open() : open;
  const splitter = new LineSplitter();
  for await (const chunk of withIdleDeadline(body, options)) {
    for (const line of splitter.push(chunk)) {
      const message = readLine(line, options);
      if (message) yield message;
    }
  }
  const rest = splitter.rest();
  if (rest.length === 0) return;
  const last = readLine(rest, options);
  if (last?.type === 'UNREADABLE') {
    throw new ConnectionError('ConnectionLost', `${options.what} ended in the middle of an event`, {
      requestSent: true,
    });
  }
  if (last) yield last;
}

function readLine(line: Uint8Array, options: MessagesOptions): WatchMessage<KubeObject> | undefined {
  try {
    const { value, ownFields } = decodeEvent(line, options.fields);
    return toMessage(value, ownFields, options);
  } catch (error) {
    const text = textOf(line).trim();
    return text === '' ? undefined : unreadable(text, error);
  }
}

function toMessage(
  event: { readonly type?: unknown; readonly object?: unknown },
  ownFields: string | undefined,
  options: MessagesOptions,
): WatchMessage<KubeObject> {
  const { type, object } = event;
  switch (type) {
    case 'ERROR':
      return { type, object: object as Status };
    case 'BOOKMARK':
      return { type, object: asObject(object) };
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const complete = options.complete(namedObject(object));
      return ownFields === undefined ? { type, object: complete } : { type, object: complete, ownFields };
    }
    default:
      throw new Error(`there is no event of type ${JSON.stringify(type)}`);
  }
}

/** The least that an object must be to be kept anywhere: something with a name. */
export function namedObject(value: unknown): KubeObject {
  const object = asObject(value);
  if (typeof object.metadata.name !== 'string') throw new Error('it has no metadata.name');
  return object;
}

function asObject(value: unknown): KubeObject {
  const object = value as KubeObject | null;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new Error('it is no object');
  if (typeof object.metadata !== 'object' || object.metadata === null) throw new Error('it has no metadata');
  return object;
}

/** The report about an object that cannot be read, with as much of its name as the text shows. */
export function unreadable(text: string, cause: unknown): { readonly type: 'UNREADABLE' } & Unreadable {
  const name = /"name"\s*:\s*"([^"\\]{1,253})"/.exec(text)?.[1] ?? '';
  const namespace = /"namespace"\s*:\s*"([^"\\]{1,63})"/.exec(text)?.[1];
  const why = cause instanceof Error ? cause.message : String(cause);
  return {
    type: 'UNREADABLE',
    key: namespace === undefined ? name : `${namespace}/${name}`,
    reason: `the server sent an object that cannot be read: ${why}`,
    cause,
  };
}

/** The body, or a WatchIdleError once nothing has come for the deadline. */
async function* withIdleDeadline(
  body: AsyncIterable<Uint8Array>,
  { clock, idleTimeout, what }: MessagesOptions,
): AsyncGenerator<Uint8Array, void> {
  const iterator = body[Symbol.asyncIterator]();
  const patience = new Patience(clock, idleTimeout, () => new WatchIdleError(what, idleTimeout));
  try {
    for (;;) {
      const result = await patience.await(iterator.next());
      if (result.done) return;
      yield result.value;
    }
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    throw new ConnectionError(error.code, `${what}: ${error.message}`, {
      requestSent: true,
      cause: error.cause ?? error,
    });
  } finally {
    patience.end();
    await iterator.return?.();
  }
}

/** Waits for one promise after the other, for each no longer than a time; all of them share one timer. */
class Patience {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #late: () => Error;
  #timer: Timer | undefined;
  #since = 0;
  #giveUp: ((error: Error) => void) | undefined;

  constructor(clock: Clock, milliseconds: number, late: () => Error) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#late = late;
  }

  await<T>(promise: Promise<T>): Promise<T> {
    this.#since = this.#clock.monotonic();
    if (!this.#timer) this.#arm(this.#milliseconds);
    return new Promise((resolve, reject) => {
      const over = () => {
        this.#giveUp = undefined;
      };
      this.#giveUp = reject;
      promise.then(over, over);
      promise.then(resolve, reject);
    });
  }

  end(): void {
    this.#timer?.cancel();
  }

  #arm(milliseconds: number): void {
    this.#timer = this.#clock.timer(milliseconds, () => this.#look(), { background: true });
  }

  #look(): void {
    this.#timer = undefined;
    const left = this.#since + this.#milliseconds - this.#clock.monotonic();
    if (left > 0) this.#arm(left);
    else this.#giveUp?.(this.#late());
  }
}
