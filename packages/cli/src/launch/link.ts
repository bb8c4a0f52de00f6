import { StringDecoder } from 'node:string_decoder';

// How the etcd launcher and the kube-apiserver launcher share storage: the API server keeps its objects, in the data
// folder of etcd, and etcd asks it for single keys through one connection that the API server opened. Nothing more
// listens than listens anyway, and nothing is trusted that a real etcd would not trust on loopback.

/** The path that is upgraded to a link, and the name of what is spoken on it: one JSON document a line. */
export const linkPath = '/setpoint/link';
export const linkProtocol = 'setpoint-storage/1';

/** etcd's first line. */
export interface Welcome {
  /** Where the API server keeps its objects. */
  readonly dataDir: string;
  readonly fsync: boolean;
}

export type LinkRequest = { readonly id: number } & (
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
);

/** Values are base64. */
export type LinkAnswer = { readonly id: number; readonly revision: number } & (
  | { readonly type: 'entry'; readonly value: string; readonly modified: number }
  | { readonly type: 'nothing' }
  | { readonly type: 'refused'; readonly message: string }
);

/** Calls back with each line of a stream that is whole. */
export function onLines(stream: NodeJS.ReadableStream, head: Uint8Array, take: (line: string) => void): void {
  // A character may be cut in two; the socket of an HTTP server cannot be told an encoding.
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const add = (bytes: Uint8Array) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
  // What came with the head of the answer is the beginning.
  add(head);
  stream.on('data', add);
}
