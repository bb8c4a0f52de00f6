/** What to run in a container, and which of its streams to open. */
export interface ExecOptions {
  readonly command: readonly string[];
  /** Needed where the Pod has several. */
  readonly container?: string | undefined;
  /** Whether standard input is open. @default false */
  readonly stdin?: boolean | undefined;
  /** @default true */
  readonly stdout?: boolean | undefined;
  /** @default true, but not with a tty, which has none */
  readonly stderr?: boolean | undefined;
  /** Whether the command gets a terminal. @default false */
  readonly tty?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A command that runs in a container. */
export interface ExecSession {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Sends bytes to standard input. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Ends standard input; needs a server that speaks v5.channel.k8s.io (1.29 and later). */
  end(): Promise<void>;
  /** Tells the terminal its size, in characters. */
  resize(size: { readonly width: number; readonly height: number }): Promise<void>;
  /** The exit code; rejects if the command could not be run or the connection broke. */
  readonly exit: Promise<number>;
  close(): void;
}

/** Options of `portForward`. */
export interface PortForwardOptions {
  /** Port of the Pod. */
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/** One connection to a port of a Pod. */
export interface PortForward {
  /** What the Pod sends; ends when it closes. */
  readonly data: AsyncIterable<Uint8Array>;
  /** Sends bytes to the Pod. */
  write(bytes: Uint8Array | string): Promise<void>;
  close(): void;
}
