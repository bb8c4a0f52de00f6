import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemClock } from '@setpoint/apimachinery/clock';
import type { RawStorage } from '@setpoint/controlplane';
import { Failure } from '../failure.ts';
import { type LinkAnswer, type LinkRequest, linkPath, linkProtocol, onLines, type Welcome } from './link.ts';

/** How long etcd may take to be there. */
const patience = 10_000;
const pause = 50;

/** The API server's end of the link. */
export interface EtcdLink {
  readonly welcome: Welcome;
  /** From here on etcd's questions are answered; `prefix` is what stands before the storage's own keys. */
  serve(storage: RawStorage, prefix: string): void;
  /** Aborts when etcd goes away. */
  readonly lost: AbortSignal;
  close(): void;
}

/**
 * Links to the first of `servers` that is our etcd; waits some seconds for it to be there.
 *
 * @throws Failure saying what is wrong with it
 */
export async function linkToEtcd(servers: readonly string[], stop: AbortSignal): Promise<EtcdLink> {
  const urls = servers.map((text) => {
    const url = URL.parse(text);
    if (url?.protocol !== 'http:')
      throw new Failure(`--etcd-servers: ${text} must be the http URL of the etcd launcher`);
    return url;
  });
  const started = systemClock.monotonic();
  for (;;) {
    let last: unknown;
    for (const url of urls) {
      try {
        return await connect(url);
      } catch (error) {
        if (error instanceof Failure) throw error;
        last = error;
      }
    }
    if (systemClock.monotonic() - started > patience || stop.aborted)
      throw new Failure(`etcd at ${servers.join(', ')} cannot be reached (${(last as NodeJS.ErrnoException).code})`);
    await new Promise<void>((resolve) => void systemClock.timer(pause, resolve));
  }
}

function connect(url: URL): Promise<EtcdLink> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(linkPath, url), { headers: { connection: 'Upgrade', upgrade: linkProtocol } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const why = response.statusCode === 409 ? text : 'it is not the etcd launcher of this program';
        reject(new Failure(`etcd at ${url.origin} cannot be used: ${why}`));
      });
    });
    sent.on('upgrade', (_, socket, head) => welcomed(socket, head, resolve, reject));
    sent.end();
  });
}

function welcomed(
  socket: Duplex,
  head: Uint8Array,
  resolve: (link: EtcdLink) => void,
  reject: (reason: Error) => void,
): void {
  const lost = new AbortController();
  let serve = ({ id }: LinkRequest): LinkAnswer => {
    return { id, type: 'refused', message: 'the kube-apiserver is starting', revision: 0 };
  };
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    lost.abort(new Error('etcd went away'));
    reject(new Error('etcd went away'));
  });
  let greeted = false;
  onLines(socket, head, (line) => {
    if (greeted) return void socket.write(`${JSON.stringify(serve(JSON.parse(line) as LinkRequest))}\n`);
    greeted = true;
    resolve({
      welcome: JSON.parse(line) as Welcome,
      serve: (storage, prefix) => {
        serve = (request) => answer(request, storage, prefix);
      },
      lost: lost.signal,
      close: () => socket.destroy(),
    });
  });
}

function answer(request: LinkRequest, storage: RawStorage, prefix: string): LinkAnswer {
  const { id, type } = request;
  const key = request.key.startsWith(prefix) ? request.key.slice(prefix.length) : '';
  try {
    switch (type) {
      case 'get': {
        const entry = storage.get(key);
        if (!entry) return { id, type: 'nothing', revision: storage.revision };
        const value = Buffer.from(entry.value).toString('base64');
        return { id, type: 'entry', value, modified: entry.revision, revision: storage.revision };
      }
      case 'put':
        storage.put(key, Buffer.from(request.value, 'base64'));
        return { id, type: 'nothing', revision: storage.revision };
      default:
        return type satisfies never;
    }
  } catch (error) {
    return { id, type: 'refused', message: (error as Error).message, revision: storage.revision };
  }
}
