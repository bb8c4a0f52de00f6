import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepFreeze } from './freeze.ts';

/** One object at one revision. Its object is frozen; its bytes are made once per encoding and shared by all who send them. */
export class Entry {
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly revision: number;
  #object: KubeObject | (() => KubeObject);
  #encoding: string | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<string, Uint8Array> | undefined;

  /** @param object or what makes it when it is first looked at */
  constructor(key: string, revision: number, object: KubeObject | (() => KubeObject)) {
    this.key = key;
    this.revision = revision;
    this.#object = object;
  }

  get object(): KubeObject {
    if (typeof this.#object === 'function') this.#object = this.#object();
    return this.#object;
  }

  /** Nobody has looked at it, and it is as the server itself has put it there: nobody's, and not being deleted. */
  get isUntouched(): boolean {
    return typeof this.#object === 'function';
  }

  /** The bytes of `encoding`, made by `encode` at the first call. */
  bytes(encoding: string, encode: (object: KubeObject) => Uint8Array): Uint8Array {
    if (this.#encoding === encoding) return this.#bytes as Uint8Array;
    const known = this.#more?.get(encoding);
    if (known) return known;
    const bytes = encode(this.object);
    if (this.#encoding === undefined) {
      this.#encoding = encoding;
      this.#bytes = bytes;
    } else {
      this.#more ??= new Map();
      this.#more.set(encoding, bytes);
    }
    return bytes;
  }
}

/** One commit, as watches see it. */
export class Change {
  readonly type: 'create' | 'update' | 'delete';
  readonly key: string;
  /** Of a deletion: the last state, under the revision of the deletion. */
  readonly entry: Entry;
  readonly previous: Entry | undefined;
  #left: Entry | undefined;

  constructor(type: Change['type'], entry: Entry, previous: Entry | undefined) {
    this.type = type;
    this.key = entry.key;
    this.entry = entry;
    this.previous = previous;
  }

  get revision(): number {
    return this.entry.revision;
  }

  /** The state before, under the revision of this change: what a watch is told whose selector no longer matches. */
  get left(): Entry {
    if (!this.#left) {
      const { object } = this.previous ?? this.entry;
      const metadata = { ...object.metadata, resourceVersion: String(this.revision) };
      this.#left = new Entry(this.key, this.revision, deepFreeze({ ...object, metadata }));
    }
    return this.#left;
  }
}
