import type { KubeObject } from '@setpoint/apimachinery/meta';

/** One line that a container has written. */
export interface LogLine {
  /** Wall time in milliseconds. */
  readonly time: number;
  readonly text: string;
}

interface ContainerLog {
  lines: LogLine[];
  previous: readonly LogLine[] | undefined;
}

/** What the containers of simulated pods have written. */
export class Logs {
  readonly #logs = new Map<string, ContainerLog>();
  readonly #listeners = new Set<(key: string) => void>();

  /** A container begins, again or for the first time. */
  begin(pod: KubeObject, container: string, text: string | readonly string[] | undefined, time: number): void {
    const key = keyOf(pod, container);
    const before = this.#logs.get(key);
    this.#logs.set(key, { lines: linesOf(text, time), previous: before?.lines });
    this.#tell(key);
  }

  write(pod: KubeObject, container: string, text: string, time: number): void {
    const key = keyOf(pod, container);
    const log = this.#logs.get(key) ?? { lines: [], previous: undefined };
    log.lines.push(...linesOf(text, time));
    this.#logs.set(key, log);
    this.#tell(key);
  }

  read(pod: KubeObject, container: string, previous = false): readonly LogLine[] | undefined {
    const log = this.#logs.get(keyOf(pod, container));
    return previous ? log?.previous : log?.lines;
  }

  /** The pod is gone. */
  forget(uid: string): void {
    for (const key of this.#logs.keys()) {
      if (!key.startsWith(`${uid}/`)) continue;
      this.#logs.delete(key);
      this.#tell(key);
    }
  }

  /** Calls back when the container has written, begun again, or gone. Returns the way to stop. */
  onChange(pod: KubeObject, container: string, listener: () => void): () => void {
    const wanted = keyOf(pod, container);
    const heard = (key: string) => {
      if (key === wanted) listener();
    };
    this.#listeners.add(heard);
    return () => void this.#listeners.delete(heard);
  }

  /** Something about the container has changed that a reader wants to know. */
  touch(pod: KubeObject, container: string): void {
    this.#tell(keyOf(pod, container));
  }

  #tell(key: string): void {
    for (const listener of this.#listeners) listener(key);
  }
}

function keyOf({ metadata }: KubeObject, container: string): string {
  return `${metadata.uid}/${container}`;
}

function linesOf(text: string | readonly string[] | undefined, time: number): LogLine[] {
  if (text === undefined) return [];
  const lines = typeof text === 'string' ? text.replace(/\n$/, '').split('\n') : text;
  return lines.map((line) => ({ time, text: line }));
}
