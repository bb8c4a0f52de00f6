import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { ApiHandler, ApiRequest, ApiResponse } from './http/index.ts';
import { encodeObject, negotiateStatus } from './http/index.ts';
import { internalError } from './status/index.ts';
import { AppendLog, type Disk, type LogRecord, openFolder, type Store } from './store/index.ts';

export interface DataFolderOptions {
  readonly path: string;
  /** False: what is confirmed survives the end of the process, but may be lost with the power. */
  readonly fsync: boolean;
  /** Sentences for whoever runs the server: what was cut off at the start, what cannot be written. */
  readonly tell: (text: string) => void;
}

/** What a control plane keeps between two lives: its objects in an append log, and its keys. */
export class DataFolder {
  readonly #disk: Disk;
  readonly #tell: (text: string) => void;
  #log: AppendLog | undefined;

  constructor(options: DataFolderOptions) {
    this.#disk = openFolder(options.path, options);
    this.#tell = options.tell;
  }

  /** True: nothing was ever written here. */
  get isNew(): boolean {
    return !this.#disk.names().some((name) => name.startsWith('log-'));
  }

  /**
   * Brings `store`, which is empty, to what the folder holds, and goes on behind it. `current` is the store to take
   * snapshots of, which a reset may replace.
   *
   * @throws Error when what was confirmed cannot be read
   */
  restore(store: Store, current: () => Store): void {
    try {
      this.#log = AppendLog.open(
        {
          disk: this.#disk,
          present: () => current().present(),
          revision: () => current().revision,
          tell: this.#tell,
        },
        (record) => store.restore(record),
      );
    } catch (error) {
      this.#disk.close();
      throw error;
    }
  }

  readonly record = (record: LogRecord): void => this.#log?.append(record);

  /** Resolves when everything recorded is on the disk; undefined: it is. */
  flushed(): Promise<void> | undefined {
    return this.#log?.flushed();
  }

  /** The key pair kept under `name`; the first time, what `create` makes. */
  keyPair(name: string, create: () => KeyPair): KeyPair {
    const [certificateFile, keyFile] = [`${name}.crt`, `${name}.key`];
    const names = this.#disk.names();
    const text = (file: string) => Buffer.from(this.#disk.read(file)).toString();
    if (names.includes(certificateFile) && names.includes(keyFile)) {
      return { certificate: text(certificateFile), key: text(keyFile) };
    }
    const pair = create();
    this.#disk.write(keyFile, Buffer.from(pair.key));
    this.#disk.write(certificateFile, Buffer.from(pair.certificate));
    return pair;
  }

  async close(): Promise<void> {
    if (this.#log) await this.#log.close();
    else this.#disk.close();
  }
}

/**
 * Holds every answer and every event back until what it shows is on the disk. Reads wait as well: nobody sees what
 * may be gone after a crash.
 */
export function whenDurable(handle: ApiHandler, folder: Pick<DataFolder, 'flushed'>): ApiHandler {
  return async (request) => {
    const response = await handle(request);
    try {
      await folder.flushed();
    } catch (error) {
      if (!(response.body instanceof Uint8Array)) await response.body[Symbol.asyncIterator]().return?.();
      return refusal(request, error as Error);
    }
    if (response.body instanceof Uint8Array) return response;
    return { ...response, body: durableEvents(response.body, folder) };
  };
}

async function* durableEvents(
  events: AsyncIterable<Uint8Array>,
  folder: Pick<DataFolder, 'flushed'>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of events) {
    try {
      await folder.flushed();
    } catch {
      // What cannot be confirmed is not told; the watch ends, and the next request says why.
      return;
    }
    yield chunk;
  }
}

async function refusal(request: ApiRequest, error: Error): Promise<ApiResponse> {
  const output = negotiateStatus(request);
  const body = await encodeObject(internalError(error.message).status, output);
  return { status: 500, headers: { 'content-type': output.contentType }, body };
}
