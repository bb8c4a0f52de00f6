import type { KubeObject } from '@setpoint/apimachinery/meta';

/** One object at one revision. Its object is frozen; its bytes are made once per encoding and shared by all who send them. */
export class Entry {
  /** `namespace/name`, or `name`. */
  readonly key: string;
  readonly revision: number;
  readonly object: KubeObject;
  #encoding: string | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<string, Uint8Array> | undefined;

  constructor(key: string, revision: number, object: KubeObject) {
    this.key = key;
    this.revision = revision;
    this.object = object;
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

/** One commit, as watches see it. `entry` of a deletion is the last state under the revision of the deletion. */
export interface Change {
  readonly type: 'create' | 'update' | 'delete';
  readonly revision: number;
  readonly key: string;
  readonly entry: Entry;
  readonly previous: Entry | undefined;
}
