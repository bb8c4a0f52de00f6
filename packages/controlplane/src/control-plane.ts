import {
  type Clock,
  type Random,
  seededRandom,
  systemClock,
  systemRandom,
  type Timer,
} from '@setpoint/apimachinery/clock';
import { ActivityCounter } from './activity.ts';
import { NamespaceController } from './controllers/index.ts';
import { CustomResources, definitionResource } from './crd/index.ts';
import { createCrdHost } from './definitions.ts';
import { createDiscovery, createServerDocuments } from './discovery/index.ts';
import {
  type ApiHandler,
  type ApiServer,
  createAuthenticator,
  createCertificateAuthority,
  formatKubeconfig,
  serve,
  writeKubeconfig,
} from './http/index.ts';
import { builtinResources } from './kinds/index.ts';
import { createOpenApi } from './openapi/index.ts';
import type { Activity, ControlPlane, ControlPlaneOptions, Listening, ListenOptions } from './options.ts';
import { createPipeline } from './pipeline/index.ts';
import { Registry, type ServedResource } from './registry/index.ts';
import { Store } from './store/index.ts';
import { type Backend, createObject, immortalNamespaces, isNamespace, type OpenWatch } from './verbs/index.ts';

const defaultBookmarkInterval = 60_000;
const defaultCompactionInterval = 300_000;

/** The user that a caller in this process is, unless it says otherwise. */
const administrator = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Makes a control plane. Nothing listens until `listen`; nothing is written to disk. */
export function createControlPlane(options: ControlPlaneOptions = {}): ControlPlane {
  return new EmbeddedControlPlane(options);
}

class EmbeddedControlPlane implements ControlPlane {
  readonly #registry = new Registry();
  readonly handle: ApiHandler;
  readonly #options: ControlPlaneOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #activity = new ActivityCounter();
  readonly #backend: { -readonly [K in keyof Backend]: Backend[K] };
  readonly #handler: ApiHandler;
  #customResources: CustomResources;
  #namespaces: NamespaceController;
  #compaction: Timer | undefined;
  #server: ApiServer | undefined;
  #closed = false;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? (options.seed === undefined ? systemRandom : seededRandom(options.seed));
    this.#backend = {
      store: this.#newStore(undefined),
      registry: this.#registry,
      clock: this.#clock,
      random: this.#random,
      bookmarkInterval: options.bookmarkInterval ?? defaultBookmarkInterval,
      watches: new Set<OpenWatch>(),
      undeliveredChanged: this.#activity.undeliveredChanged,
    };
    this.#handler = createPipeline({
      backend: this.#backend,
      authenticate: createAuthenticator({ tokens: new Map(Object.entries(options.tokens ?? {})) }),
      authorize: () => {},
      documents: [
        createServerDocuments({ ready: () => !this.#closed }),
        createDiscovery(this.#registry),
        createOpenApi(this.#registry, { clock: this.#clock }),
      ],
      requestsChanged: this.#activity.requestsChanged,
    });
    this.handle = (request) =>
      this.#handler(request.user || request.headers.authorization ? request : { ...request, user: administrator });
    for (const resource of this.#builtinResources()) this.#registry.set(resource);
    this.#registry.onChange(({ replaced }) => {
      if (replaced) this.#endWatches((watch) => watch.resource === replaced);
    });
    this.#namespaces = new NamespaceController(this.#backend);
    this.#customResources = this.#newCustomResources();
    this.#seed();
    this.#armCompaction();
  }

  get revision(): string {
    return String(this.#backend.store.revision);
  }

  async listen(options: ListenOptions = {}): Promise<Listening> {
    if (this.#closed) throw new Error('this control plane is closed; make a new one');
    if (this.#server) throw new Error(`this control plane listens already, on ${this.#server.url}`);
    const host = options.bindAddress ?? '127.0.0.1';
    const authority = createCertificateAuthority('setpoint');
    const serving = authority.issueServer(['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', host]);
    this.#server = await serve({
      handler: this.#handler,
      certificate: serving.certificate,
      key: serving.key,
      clientAuthority: authority.certificate,
      host,
      port: options.securePort ?? 0,
    });
    const { url, port } = this.#server;
    const client = authority.issueClient(administrator.name, ['system:masters']);
    const config = { server: url, authority: authority.certificate, client };
    if (options.kubeconfig !== undefined) await writeKubeconfig(options.kubeconfig, config);
    return { url, port, kubeconfig: formatKubeconfig(config) };
  }

  compact(): void {
    this.#backend.store.compact();
  }

  activity(): Activity {
    return this.#activity.current;
  }

  onActivity(listener: () => void): () => void {
    return this.#activity.onChange(listener);
  }

  reset(): void {
    this.#endWatches(() => true);
    this.#namespaces.close();
    this.#customResources.close();
    for (const { custom, group, version, resource } of this.#registry.list()) {
      if (custom) this.#registry.remove(group, version, resource);
    }
    this.#backend.store = this.#newStore(this.#backend.store.revision + 1);
    this.#namespaces = new NamespaceController(this.#backend);
    this.#customResources = this.#newCustomResources();
    this.#seed();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#compaction?.cancel();
    this.#endWatches(() => true);
    this.#namespaces.close();
    this.#customResources.close();
    await this.#server?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #newStore(revision: number | undefined): Store {
    const { historySize } = this.#options;
    return new Store({
      ...(historySize === undefined ? {} : { historySize }),
      ...(revision === undefined ? {} : { revision }),
    });
  }

  #builtinResources(): ServedResource[] {
    const objects = (storageKey: string) => {
      const entries = this.#backend.store.collection(storageKey).present().entries('');
      return Iterator.from(entries).map((entry) => entry.object);
    };
    const resources = builtinResources({ clock: this.#clock, random: this.#random, objects });
    const definitions = definitionResource((name) => this.#customResources.definitionChanged(name));
    return [...resources.map((resource) => (isNamespace(resource) ? this.#watched(resource) : resource)), definitions];
  }

  /** Namespaces, with the controller told of each change. */
  #watched(namespaces: ServedResource): ServedResource {
    const { strategy } = namespaces;
    return {
      ...namespaces,
      strategy: {
        ...strategy,
        afterCommit: (change) => {
          strategy.afterCommit?.(change);
          if (change.type === 'update') this.#namespaces.namespaceChanged(change.object);
        },
      },
    };
  }

  #newCustomResources(): CustomResources {
    const changed = (name: string) => this.#customResources.definitionChanged(name);
    const customResources = new CustomResources(createCrdHost(this.#backend, changed));
    customResources.start();
    return customResources;
  }

  #seed(): void {
    const resource = this.#registry.lookup('', 'v1', 'namespaces');
    if (!resource) return;
    const context = { backend: this.#backend, resource, namespace: '', dryRun: false, warn: () => {} };
    for (const name of [...immortalNamespaces, 'kube-node-lease']) {
      const { object } = resource.strategy.decode({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      resource.strategy.applyDefaults(object);
      createObject(context, object);
    }
    // Nobody has seen a revision from before: who comes with one has it from another server, or another life of this.
    this.#backend.store.compact();
  }

  #endWatches(which: (watch: OpenWatch) => boolean): void {
    for (const watch of [...this.#backend.watches]) if (which(watch)) watch.end();
  }

  /** As etcd is kept by the real server: each time up to where the store was the time before. */
  #armCompaction(until = this.#backend.store.revision): void {
    const interval = this.#options.compactionInterval ?? defaultCompactionInterval;
    if (interval <= 0) return;
    const arm = () => {
      this.#compaction = this.#clock.timer(
        interval,
        () => {
          const { store } = this.#backend;
          store.compact(Math.min(until, store.revision));
          this.#armCompaction(store.revision);
        },
        { background: true },
      );
    };
    arm();
  }
}
