import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import { Failure, sentenceOf } from '../failure.ts';
import { authorize } from './authorization.ts';
import { type Blob, type Descriptor, mediaTypes, readAll, sha256, verified } from './content.ts';
import { type Answer, type Body, type Connections, discard, type Exchange, textOf } from './http.ts';
import type { Logins } from './logins.ts';
import type { ImageReference } from './reference.ts';

/** The images of one name in a registry; the OCI distribution specification. All of it throws Failure. */
export interface Repository {
  /** What a tag or a digest stands for. */
  resolve(tagOrDigest: string): Promise<Descriptor>;
  manifest(descriptor: Descriptor): Promise<Uint8Array>;
  blob(descriptor: Descriptor): Blob;
  /** @returns whether it was there already, was taken over from another repository, or had to be sent */
  pushBlob(blob: Blob): Promise<'present' | 'mounted' | 'sent'>;
  /** @param name a tag, or its digest */
  pushManifest(blob: Blob, name: string): Promise<void>;
}

export interface RepositoryOptions {
  readonly reference: ImageReference;
  /** `https://host` or, where that was asked for, `http://host`. */
  readonly endpoint: (signal: AbortSignal) => Promise<URL>;
  /** What is wanted of it. */
  readonly actions: 'pull' | 'pull,push';
  readonly connections: Connections;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Worth another try: the server or the network may do better a moment later. */
class Unavailable extends Error {
  readonly retryAfter: number | undefined;
  constructor(message: string, options: { readonly retryAfter?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
  }
}

/** Not worth another try: no such host, nobody listening, a certificate that nobody trusts. */
class Unreachable extends Error {}

const accepted = [mediaTypes.index, mediaTypes.dockerIndex, mediaTypes.manifest, mediaTypes.dockerManifest].join(', ');
const busy = new Set([408, 429, 500, 502, 503, 504]);
const passing = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);
/** Milliseconds before the second, third and fourth attempt. */
const delays = [500, 1000, 2000];
const longestDelay = 30_000;

export function openRepository(options: RepositoryOptions): Repository {
  const { reference, actions, connections, logins, clock, signal } = options;
  const { registry, repository } = reference;
  const scopes = new Set([`repository:${repository}:${actions}`]);
  let authorization: string | undefined;

  /** Sends with what is known of who one is, and once more if that is not enough. */
  async function send(exchange: Omit<Exchange, 'authorization'>): Promise<Answer> {
    const home = (await options.endpoint(signal)).origin === exchange.url.origin;
    const attempt = () => connections.send({ ...exchange, ...(home ? { authorization } : {}) }, signal);
    try {
      const answer = await attempt();
      if (answer.status !== 401 || !home) return await orUnavailable(answer);
      discard(answer);
      const login = await logins(registry, signal);
      authorization = await authorize(answer, { registry, scopes: [...scopes], login, connections, signal });
      return await orUnavailable(await attempt());
    } catch (error) {
      if (error instanceof Failure || error instanceof Unavailable || signal.aborted) throw error;
      throw unreachable(exchange.url, error);
    }
  }

  async function retried<T>(what: string, act: () => Promise<T>): Promise<T> {
    for (const delay of [...delays, undefined]) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Unavailable) || delay === undefined) throw told(what, error);
        await sleep(clock, Math.min(error.retryAfter ?? delay, longestDelay), { signal });
      }
    }
    throw new Error('unreachable');
  }

  async function urlOf(path: string): Promise<URL> {
    return new URL(`/v2/${repository}/${path}`, await options.endpoint(signal));
  }

  const pulling = `cannot pull from ${registry}/${repository}`;
  const pushing = `cannot push to ${registry}/${repository}`;

  async function getManifest(name: string): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string }> {
    return retried(pulling, async () => {
      const answer = await send({
        method: 'GET',
        url: await urlOf(`manifests/${name}`),
        headers: { accept: accepted },
      });
      if (answer.status !== 200) throw await refusal(`${pulling}, ${name}`, answer);
      const mediaType = answer.headers['content-type']?.split(';')[0] ?? mediaTypes.manifest;
      return { bytes: await readAll(answer.body), mediaType };
    });
  }

  async function* openBlob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const answer = await retried(pulling, async () => {
      const found = await send({ method: 'GET', url: await urlOf(`blobs/${descriptor.digest}`) });
      if (found.status !== 200) throw await refusal(`${pulling}, ${descriptor.digest}`, found);
      return found;
    });
    yield* verified(answer.body, descriptor, `${descriptor.digest} of ${registry}/${repository}`);
  }

  async function isPresent(digest: string): Promise<boolean> {
    const answer = await send({ method: 'HEAD', url: await urlOf(`blobs/${digest}`) });
    discard(answer);
    return answer.status === 200;
  }

  /** Where to send a blob; undefined if it was found in the repository it came from. */
  async function startUpload({ descriptor, origin }: Blob): Promise<URL | undefined> {
    const url = await urlOf('blobs/uploads/');
    if (origin?.registry === registry && origin.repository !== repository) {
      url.searchParams.set('mount', descriptor.digest);
      url.searchParams.set('from', origin.repository);
    }
    const answer = await send({ method: 'POST', url });
    if (answer.status === 201) {
      discard(answer);
      return undefined;
    }
    if (answer.status !== 202) throw await refusal(pushing, answer);
    return locationOf(answer);
  }

  function locationOf(answer: Answer): URL {
    discard(answer);
    const { location } = answer.headers;
    if (!location) throw new Failure(`${pushing}: the registry does not say where to`);
    return new URL(location, answer.url);
  }

  /** One piece and then its digest: the way that every client goes, and so every registry knows. */
  async function upload({ descriptor, open }: Blob, at: URL): Promise<void> {
    const body: Body = { size: descriptor.size, open };
    const headers = { 'content-type': 'application/octet-stream' };
    const sent = await send({ method: 'PATCH', url: at, headers, body });
    if (sent.status !== 202 && sent.status !== 204) throw await refusal(pushing, sent);
    const end = locationOf(sent);
    end.searchParams.set('digest', descriptor.digest);
    const finished = await send({ method: 'PUT', url: end });
    if (finished.status !== 201 && finished.status !== 204) throw await refusal(pushing, finished);
    discard(finished);
  }

  return {
    async resolve(tagOrDigest) {
      const { bytes, mediaType } = await getManifest(tagOrDigest);
      const digest = sha256(bytes);
      if (tagOrDigest.includes(':') && tagOrDigest !== digest) {
        throw new Failure(`${pulling}: what came for ${tagOrDigest} has the digest ${digest}`);
      }
      return { mediaType, digest, size: bytes.length };
    },
    async manifest({ digest }) {
      const { bytes } = await getManifest(digest);
      if (sha256(bytes) !== digest) throw new Failure(`${pulling}: what came for ${digest} has another digest`);
      return bytes;
    },
    blob: (descriptor) => ({ descriptor, origin: { registry, repository }, open: () => openBlob(descriptor) }),
    async pushBlob(blob) {
      const { origin, descriptor } = blob;
      if (origin?.registry === registry) scopes.add(`repository:${origin.repository}:pull`);
      return retried(pushing, async () => {
        if (await isPresent(descriptor.digest)) return 'present';
        const at = await startUpload(blob);
        if (at === undefined) return 'mounted';
        await upload(blob, at);
        return 'sent';
      });
    },
    async pushManifest(blob, name) {
      await retried(pushing, async () => {
        const { descriptor, open } = blob;
        const headers = { 'content-type': descriptor.mediaType };
        const body = { size: descriptor.size, open };
        const answer = await send({ method: 'PUT', url: await urlOf(`manifests/${name}`), headers, body });
        if (answer.status !== 201) throw await refusal(pushing, answer);
        discard(answer);
      });
    },
  };
}

/** In one sentence what was being done, and why it was not. */
function told(what: string, error: unknown): unknown {
  if (!(error instanceof Unavailable || error instanceof Unreachable)) return error;
  return new Failure(`${what}: ${error.message}`, { cause: error });
}

/** A connection that broke may be made again; one that was never made is not for want of trying. */
function unreachable({ host, protocol }: URL, error: unknown): Error {
  const { code = '' } = error as NodeJS.ErrnoException;
  const hint =
    protocol === 'https:' && (code === 'EPROTO' || code.startsWith('ERR_SSL')) ? '; is --insecure meant?' : '';
  const message = `cannot reach ${host}: ${sentenceOf(error)}${hint}`;
  return passing.has(code) ? new Unavailable(message, { cause: error }) : new Unreachable(message, { cause: error });
}

async function orUnavailable(answer: Answer): Promise<Answer> {
  if (!busy.has(answer.status)) return answer;
  const after = Number(answer.headers['retry-after']);
  const message = await messageOf(answer);
  throw new Unavailable(message, Number.isFinite(after) && after > 0 ? { retryAfter: after * 1000 } : {});
}

async function refusal(what: string, answer: Answer): Promise<Failure> {
  return new Failure(`${what}: ${await messageOf(answer)}`);
}

/** What the registry has to say, in its own words. */
async function messageOf(answer: Answer): Promise<string> {
  const { host } = answer.url;
  const text = await textOf(answer);
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string }[] };
    const said = errors?.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ');
    if (said) return `${host} answers ${answer.status}: ${said}`;
  } catch {
    // Something before the registry, most likely; its status has to do.
  }
  return `${host} answers ${answer.status}`;
}
