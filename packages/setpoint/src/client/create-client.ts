import { type Clock, systemClock } from '@setpoint/apimachinery/clock';
import { RequestError } from '../errors/index.ts';
import type { Client, ClientLog, RawAnswer, RawOptions, RequestObserver } from './client.ts';
import type { Core } from './core.ts';
import { type Credentials, credentialsOf, noCredentials } from './credentials.ts';
import { LiveDiscovery } from './discover.ts';
import { allInstruments, type CallInstrument } from './instrument.ts';
import type { ClientConfig, TlsConfig } from './kubeconfig/index.ts';
import type { KindReference } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { podExec, podPortForward } from './pod-streams.ts';
import { getObject, listObjects, listPages, podLogs, watchObjects } from './reads.ts';
import { isKind, labelOfReference, resourceOfDiscovered, resourceOfKind } from './resource.ts';
import { networkTransport, ProxiedTransport, type Transport } from './transport/index.ts';
import { Warnings } from './warnings.ts';
import { createObject, deleteObject, deleteObjects, patchObject, updateObject } from './writes.ts';

/** What a client takes whichever way it reaches the server. */
export interface CommonOptions {
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Told of the server's warnings, each text once. @default nobody */
  readonly log?: ClientLog | undefined;
  /** @default 'setpoint' */
  readonly userAgent?: string | undefined;
  /** Under which name fields are owned. @default 'setpoint' */
  readonly fieldManager?: string | undefined;
  /** Of which cluster of an operator it is; kinds of others (`onCluster`) are refused. @default the operator's own */
  readonly cluster?: string | undefined;
  /** Told of every answer and every failed attempt. */
  readonly observe?: RequestObserver | undefined;
  /** Told of whole calls: for latencies and traces. @default none */
  readonly instruments?: readonly CallInstrument[] | undefined;
}

/** Options of `createClient`: a configuration to connect with, or a transport. */
export type ClientOptions = CommonOptions &
  (
    | { readonly config: ClientConfig; readonly transport?: undefined }
    | {
        /** A server in this process, or a fake; credentials are its own business. Closed with the client. */
        readonly transport: Transport;
        readonly config?: undefined;
        readonly namespace?: string | undefined;
      }
  );

/** What is meant for one cluster must not happen in another. */
function checkCluster(kind: KindReference, own: string | undefined): void {
  const { cluster } = kind as { readonly cluster?: string };
  if (cluster === undefined || cluster === own) return;
  throw new RequestError(`${labelOfReference(kind)} is of cluster ${cluster}, which this client does not ask`);
}

/** A client for one cluster and one user. Opens nothing until it is used. */
export function createClient(options: ClientOptions): Client {
  const clock = options.clock ?? systemClock;
  const { transport, credentials, namespace } = connection(options, clock);
  const fieldManager = options.fieldManager ?? 'setpoint';
  const pipeline = new Pipeline({
    transport,
    credentials,
    clock,
    userAgent: options.userAgent ?? 'setpoint',
    warnings: new Warnings(options.log),
    observe: options.observe,
    instrument: allInstruments(options.instruments ?? []),
  });
  const discovery = new LiveDiscovery(pipeline, clock);
  const core: Core = {
    pipeline,
    clock,
    fieldManager,
    async resolve(kind, signal) {
      checkCluster(kind, options.cluster);
      if (isKind(kind)) return resourceOfKind(kind);
      const found = await discovery.find(kind, { signal });
      if (found) return resourceOfDiscovered(found, kind);
      throw new RequestError(
        `the server has no kind ${labelOfReference(kind)} in ${kind.apiVersion}: is its CRD installed and established?`,
      );
    },
  };
  const close = () => transport.close();
  const verbs: Untyped<Client> = {
    get: (kind, key, given = {}) => getObject(core, kind, key, given),
    list: (kind, given = {}) => listObjects(core, kind, given),
    pages: (kind, given = {}) => listPages(core, kind, given),
    watch: (kind, given = {}) => watchObjects(core, kind, given),
    create: (kind, object, given = {}) => createObject(core, kind, object, given),
    update: (kind, object, given = {}) => updateObject(core, kind, object, given),
    patch: (kind, key, patch, given = {}) => patchObject(core, kind, key, patch, given),
    delete: (kind, key, given = {}) => deleteObject(core, kind, key, given),
    deleteCollection: (kind, given) => deleteObjects(core, kind, given),
    logs: (pod, given = {}) => podLogs(core, pod, given),
    exec: (pod, given) => podExec(pipeline, pod, given),
    portForward: (pod, given) => podPortForward(pipeline, pod, given),
    raw: (method, path, given = {}) => raw(pipeline, method, path, given),
    discovery,
    defaultNamespace: namespace,
    fieldManager,
    close,
    [Symbol.asyncDispose]: close,
  };
  // The functions above know objects; what kind of object a call is about, its types alone know.
  return verbs as unknown as Client;
}

/** The verbs with their parameters, and whatever objects they answer with. */
type Untyped<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => unknown ? (...args: A) => unknown : T[K];
};

function connection(
  options: ClientOptions,
  clock: Clock,
): { readonly transport: Transport; readonly credentials: Credentials; readonly namespace: string } {
  if (options.transport) {
    return { transport: options.transport, credentials: noCredentials, namespace: options.namespace ?? 'default' };
  }
  const { config } = options;
  const { server, tls, proxyUrl } = config;
  const transport = proxyUrl
    ? new ProxiedTransport({ server, tls, proxyUrl })
    : networkTransport({ server, tls, clock });
  const onCertificate = (own: Pick<TlsConfig, 'cert' | 'key'>) => transport.replaceTls({ ...tls, ...own });
  const credentials = credentialsOf(config, { clock, onCertificate });
  return { transport, credentials, namespace: config.namespace ?? 'default' };
}

async function raw(pipeline: Pipeline, method: string, path: string, options: RawOptions): Promise<RawAnswer> {
  if (!path.startsWith('/')) throw new RequestError(`the path ${path} does not begin with a slash`);
  const isWrite = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  const { accept = '*/*', 'content-type': contentType } = options.headers ?? {};
  const { response, body } = await pipeline.unary({
    request: { verb: method.toLowerCase(), kind: path },
    method,
    url: path,
    accept,
    contentType,
    body: typeof options.body === 'string' ? new TextEncoder().encode(options.body) : options.body,
    write: isWrite,
    signal: options.signal,
    timeout: options.timeout,
    beforeSend: options.beforeSend,
  });
  return { status: response.status, headers: response.headers, body };
}
