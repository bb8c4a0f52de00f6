import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import { FieldError } from '@setpoint/apimachinery/errors';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { ActivityCounter } from '../activity.ts';
import { createAdmission } from '../admission/index.ts';
import { createAuthenticator, Impersonation } from '../authentication/index.ts';
import { alwaysAllow } from '../authorization/index.ts';
import type { ApiHandler } from '../http/index.ts';
import { scaleResource } from '../kinds/index.ts';
import { createPipeline } from '../pipeline/index.ts';
import { type MutableObject, Registry, type ServedResource, type Strategy } from '../registry/index.ts';
import { Store } from '../store/index.ts';
import { type Backend, isNamespace, type OpenWatch } from '../verbs/index.ts';

/** A server of toy kinds: what the verbs do themselves, without the rules of any real kind. */
export interface ToyPlane {
  readonly backend: Backend;
  readonly clock: FakeClock;
  readonly activity: ActivityCounter;
  readonly handle: ApiHandler;
  /** Sends JSON and reads it back. */
  send(method: string, url: string, body?: unknown, options?: SendOptions): Promise<Reply>;
  /** Opens a watch of which what has been delivered can be asked for. */
  watch(url: string): Promise<ToyWatch>;
}

export interface SendOptions {
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

export interface ToyWatch {
  /** Everything delivered since the last call. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  events(): Promise<any[]>;
  readonly ended: () => boolean;
  stop(): void;
}

const strategy = (own: Partial<Strategy> = {}): Strategy => ({
  decode: (object) => ({ object, problems: 'unknown' in object ? ['unknown field "unknown"'] : [] }),
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  prepareForStatusUpdate: () => {},
  validate: () => [],
  validateUpdate: () => [],
  validateStatusUpdate: () => [],
  allowUnconditionalUpdate: true,
  allowCreateOnUpdate: false,
  ...own,
});

function resource(kind: string, own: Partial<ServedResource> = {}): ServedResource {
  const plural = `${kind.toLowerCase()}s`;
  const group = own.group ?? '';
  return {
    group,
    version: 'v1',
    kind,
    listKind: `${kind}List`,
    resource: plural,
    singular: kind.toLowerCase(),
    namespaced: true,
    shortNames: [],
    categories: [],
    strategy: strategy(),
    table: {
      columns: [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }],
      cells: (object) => [object.metadata.name],
    },
    subresources: { status: false },
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    storageKey: `${group}/${plural}`,
    fromStorage: (object) => object,
    toStorage: (object) => object,
    encodingVersion: 'v1',
    custom: false,
    ...own,
  };
}

const replacedStatus = (object: MutableObject, old: MutableObject) => {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
};

/** Namespaces, ConfigMaps, Pods (thirty seconds of grace) and Widgets (custom, with status and scale). */
export const toyResources: readonly ServedResource[] = [
  resource('Namespace', {
    namespaced: false,
    strategy: strategy({
      prepareForCreate(object) {
        object.spec = { finalizers: ['kubernetes'] };
        object.status = { phase: 'Active' };
      },
    }),
  }),
  resource('ConfigMap'),
  resource('Pod', {
    strategy: strategy({
      gracePeriodSeconds: (_, requested) => requested ?? 30,
      deleteReturnsObject: true,
      selectableFieldNames: ['spec.nodeName'],
      selectableFields: (object) => ({ 'spec.nodeName': (object as MutableObject).spec?.nodeName ?? '' }),
    }),
  }),
  resource('Widget', {
    group: 'toys.example.com',
    custom: true,
    subresources: {
      status: true,
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
    strategy: strategy({
      allowUnconditionalUpdate: false,
      prepareForCreate: (object) => delete object.status,
      prepareForUpdate: (object, old) => replacedStatus(object, old as MutableObject),
      prepareForStatusUpdate(object, old) {
        const { status } = object;
        for (const key of Object.keys(object)) delete object[key];
        Object.assign(object, old, { metadata: { ...old.metadata }, ...(status === undefined ? {} : { status }) });
      },
      validate: (object) => widgetErrors(object as MutableObject),
      validateUpdate: (object) => widgetErrors(object as MutableObject),
      generationChanged: (object, old) => !deepEqual((object as MutableObject).spec, (old as MutableObject).spec),
    }),
  }),
];

function widgetErrors(object: MutableObject): FieldError[] {
  const { size } = object.spec ?? {};
  return typeof size === 'number' && size < 0 ? [FieldError.invalid('spec.size', size, 'must not be negative')] : [];
}

export interface ToyOptions {
  readonly historySize?: number;
  readonly bookmarkInterval?: number;
  /** Told of each committed change of a namespace. */
  readonly onNamespace?: (backend: Backend, namespace: MutableObject) => void;
}

/** Has the namespaces `default` and `other`. */
export async function toyPlane(options: ToyOptions = {}): Promise<ToyPlane> {
  const clock = new FakeClock();
  const activity = new ActivityCounter();
  const registry = new Registry();
  const backend: Backend = {
    store: new Store(options.historySize === undefined ? {} : { historySize: options.historySize }),
    registry,
    scale: scaleResource({ clock }),
    // Nobody here gives namespaces the account that pods would wait for.
    admission: createAdmission({ clock, store: () => backend.store, plugins: { disable: ['ServiceAccount'] } }),
    clock,
    random: seededRandom('toys'),
    bookmarkInterval: options.bookmarkInterval ?? 60_000,
    watches: new Set<OpenWatch>(),
    undeliveredChanged: activity.undeliveredChanged,
  };
  for (const one of toyResources) {
    const afterCommit = ({ object }: { readonly object: unknown }) =>
      options.onNamespace?.(backend, object as MutableObject);
    registry.set(isNamespace(one) ? { ...one, strategy: { ...one.strategy, afterCommit } } : one);
  }
  const handle = createPipeline({
    backend,
    authenticate: createAuthenticator(),
    authorizer: alwaysAllow,
    impersonation: new Impersonation(alwaysAllow),
    documents: [],
    requestsChanged: activity.requestsChanged,
  });
  const plane: ToyPlane = {
    backend,
    clock,
    activity,
    handle,
    send: (method, url, body, sendOptions) => send(handle, method, url, body, sendOptions),
    watch: (url) => watch(handle, url),
  };
  for (const name of ['default', 'other']) await plane.send('POST', '/api/v1/namespaces', { metadata: { name } });
  return plane;
}

const user = { name: 'tester', groups: ['system:masters'] };

async function send(
  handle: ApiHandler,
  method: string,
  url: string,
  body?: unknown,
  { contentType = 'application/json', headers = {} }: SendOptions = {},
): Promise<Reply> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : jsonBytes(body);
  const response = await handle({
    method,
    url,
    headers: { 'content-type': contentType, ...headers },
    body: bytes,
    signal: new AbortController().signal,
    user,
  });
  if (!(response.body instanceof Uint8Array)) throw new Error('this answer is a stream; use watch');
  const text = Buffer.from(response.body).toString('utf8');
  const isJson = text.startsWith('{');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

function jsonBytes(body: unknown): Uint8Array {
  return body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body));
}

async function watch(handle: ApiHandler, url: string): Promise<ToyWatch> {
  const controller = new AbortController();
  const signal = controller.signal;
  const response = await handle({ method: 'GET', url, headers: {}, body: new Uint8Array(0), signal, user });
  if (response.body instanceof Uint8Array) throw new Error(Buffer.from(response.body).toString('utf8'));
  let text = '';
  let ended = false;
  const { body } = response;
  const reading = (async () => {
    for await (const chunk of body) text += Buffer.from(chunk).toString('utf8');
    ended = true;
  })();
  return {
    async events() {
      // What was pushed arrives within a few turns of the promise queue.
      for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      const lines = text.split('\n').filter((line) => line !== '');
      text = '';
      return lines.map((line) => JSON.parse(line));
    },
    ended: () => ended,
    stop() {
      controller.abort();
      void reading;
    },
  };
}
