import {
  type CertificateAuthority,
  createCertificateAuthority,
  restoreCertificateAuthority,
} from '@setpoint/apimachinery/certificates';
import {
  type Clock,
  type Random,
  seededRandom,
  systemClock,
  systemRandom,
  type Timer,
} from '@setpoint/apimachinery/clock';
import { ActivityCounter } from './activity.ts';
import { type AdmissionChain, type AdmissionPlugins, checkPolicyTypes, createAdmission } from './admission/index.ts';
import { AuditLog } from './audit/index.ts';
import { newSigningKey } from './authentication/index.ts';
import type { AuthorizationMode } from './authorization/index.ts';
import {
  builtinControllers,
  type Controller,
  ControllerHost,
  enabledControllers,
  Logs,
  PodRules,
} from './controllers/index.ts';
import { CustomResources, definitionResource } from './crd/index.ts';
import { DataFolder, whenDurable } from './data-folder.ts';
import { createCrdHost } from './definitions.ts';
import { createDiscovery, createServerDocuments } from './discovery/index.ts';
import { expressionAuthorizer } from './expression-authorizer.ts';
import { type ApiHandler, type ApiServer, formatKubeconfig, serve, writeKubeconfig } from './http/index.ts';
import { builtinResources, scaleResource } from './kinds/index.ts';
import { createOpenApi } from './openapi/index.ts';
import type {
  Activity,
  ControlPlane,
  ControlPlaneOptions,
  Listening,
  ListenOptions,
  SimulatedPods,
} from './options.ts';
import { createPipeline } from './pipeline/index.ts';
import { podActions, podReads } from './pods/index.ts';
import { createRawStorage, type RawStorage } from './raw-storage.ts';
import { Registry, type ServedResource } from './registry/index.ts';
import { createSecurity, type Security, seedPolicy, withAuthorizationChecks } from './security.ts';
import { simulatedPods } from './simulated-pods.ts';
import { Store } from './store/index.ts';
import { followCustomGroup, seedSystemObjects } from './system-objects.ts';
import type { Backend, OpenWatch } from './verbs/index.ts';

const defaultBookmarkInterval = 60_000;
const defaultCompactionInterval = 300_000;

/** The user that a caller in this process is, unless it says otherwise. */
const administrator = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Of the authority that signs the certificates of a control plane. */
const authorityName = 'setpoint';

/**
 * Makes a control plane. Nothing listens until `listen`; nothing is written to disk without `dataDir`.
 *
 * @throws Error when the data folder is in use, or holds what cannot be read
 */
export function createControlPlane(options: ControlPlaneOptions = {}): ControlPlane {
  return new EmbeddedControlPlane(options);
}

/** Pods need the account of their namespace only where somebody makes it. */
function pluginsBeside(controllers: readonly Controller[], chosen: AdmissionPlugins = {}): AdmissionPlugins {
  const name = 'ServiceAccount';
  const makesAccounts = controllers.some((controller) => controller.name === 'serviceaccount-controller');
  if (makesAccounts || chosen.enable?.includes(name) || chosen.disable?.includes(name)) return chosen;
  return { ...chosen, disable: [...(chosen.disable ?? []), name] };
}

class EmbeddedControlPlane implements ControlPlane {
  readonly #registry = new Registry();
  readonly handle: ApiHandler;
  readonly #options: ControlPlaneOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly storage: RawStorage;
  readonly audit: AuditLog;
  readonly #security: Security;
  readonly #admission: AdmissionChain;
  readonly #activity = new ActivityCounter();
  readonly #backend: { -readonly [K in keyof Backend]: Backend[K] };
  readonly #handler: ApiHandler;
  readonly #folder: DataFolder | undefined;
  #ownAuthority: CertificateAuthority | undefined;
  #customResources: CustomResources;
  readonly #controllers: readonly Controller[];
  readonly #podRules: PodRules;
  readonly #podLogs = new Logs();
  readonly pods: SimulatedPods;
  #controllerHost: ControllerHost;
  #compaction: Timer | undefined;
  #server: ApiServer | undefined;
  #closed = false;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? (options.seed === undefined ? systemRandom : seededRandom(options.seed));
    const { dataDir: path, fsync = true, onNotice: tell = () => {} } = options;
    this.#folder = path === undefined ? undefined : new DataFolder({ path, fsync, tell });
    this.audit = new AuditLog(this.#clock);
    if (options.onAudit) this.audit.onEvent(options.onAudit);
    this.#security = this.#createSecurity();
    this.#podRules = new PodRules(options.pods);
    this.#controllers = this.#chosenControllers();
    this.#admission = createAdmission({
      clock: this.#clock,
      store: () => this.#backend.store,
      resolveService: options.resolveService,
      plugins: pluginsBeside(this.#controllers, options.admissionPlugins),
      authorizerOf: ({ user }) => expressionAuthorizer(this.#security.authorizer, user),
    });
    this.#backend = {
      store: this.#newStore(undefined),
      registry: this.#registry,
      scale: scaleResource({ clock: this.#clock }),
      admission: withAuthorizationChecks(this.#admission, this.#security.authorizer, () => this.#backend.store),
      clock: this.#clock,
      random: this.#random,
      bookmarkInterval: options.bookmarkInterval ?? defaultBookmarkInterval,
      watches: new Set<OpenWatch>(),
      undeliveredChanged: this.#activity.undeliveredChanged,
    };
    const handler = createPipeline({
      backend: this.#backend,
      ...this.#security,
      audit: this.audit,
      documents: [
        this.#security.documents,
        createServerDocuments({ ready: () => !this.#closed }),
        createDiscovery(this.#registry),
        createOpenApi(this.#registry, { clock: this.#clock }),
      ],
      requestsChanged: this.#activity.requestsChanged,
    });
    this.storage = createRawStorage(this.#backend);
    this.#handler = this.#folder ? whenDurable(handler, this.#folder) : handler;
    this.handle = (request) =>
      this.#handler(request.user || request.headers.authorization ? request : { ...request, user: administrator });
    for (const resource of this.#builtinResources()) this.#registry.set(resource);
    this.#registry.onChange(({ resource, replaced }) => {
      const changed = resource ?? replaced;
      if (changed?.custom && !(resource && replaced)) followCustomGroup(this.#backend, changed.group, changed.version);
      if (replaced) this.#endWatches((watch) => watch.resource === replaced);
    });
    this.#folder?.restore(this.#backend.store, () => this.#backend.store);
    this.pods = simulatedPods(this.#backend, this.#podRules, this.#podLogs);
    this.#customResources = this.#newCustomResources();
    this.#controllerHost = this.#begin();
    this.#armCompaction();
  }

  get revision(): string {
    return String(this.#backend.store.revision);
  }

  async listen(options: ListenOptions = {}): Promise<Listening> {
    if (this.#closed) throw new Error('this control plane is closed; make a new one');
    if (this.#server) throw new Error(`this control plane listens already, on ${this.#server.url}`);
    const host = options.bindAddress ?? '127.0.0.1';
    const authority = this.#authority();
    const { clientAuthority } = options;
    const hosts = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', host];
    const serving = options.serving ?? authority.issueServer(hosts);
    this.#server = await serve({
      handler: this.#handler,
      certificate: serving.certificate,
      key: serving.key,
      clientAuthority: [authority.certificate, ...(clientAuthority === undefined ? [] : [clientAuthority])],
      host,
      port: options.securePort ?? 0,
    });
    const { url, port } = this.#server;
    const client = authority.issueClient(administrator.name, ['system:masters']);
    const config = { server: url, authority: options.serving?.certificate ?? authority.certificate, client };
    if (options.kubeconfig !== undefined) await writeKubeconfig(options.kubeconfig, config);
    return { url, port, kubeconfig: formatKubeconfig(config) };
  }

  compact(): void {
    this.#backend.store.compact();
  }

  activity(): Activity {
    const { nextDue } = this.#controllerHost;
    return { ...this.#activity.current, ...(nextDue === undefined ? {} : { nextDue }) };
  }

  onActivity(listener: () => void): () => void {
    return this.#activity.onChange(listener);
  }

  reset(): void {
    this.#endWatches(() => true);
    this.#controllerHost.close();
    this.#customResources.close();
    const revision = this.#backend.store.revision + 1;
    this.#folder?.record({ type: 'reset', revision });
    this.#backend.store = this.#newStore(revision);
    for (const { custom, group, version, resource } of this.#registry.list()) {
      if (custom) this.#registry.remove(group, version, resource);
    }
    this.#customResources = this.#newCustomResources();
    this.#controllerHost = this.#begin();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#compaction?.cancel();
    this.#endWatches(() => true);
    this.#controllerHost.close();
    this.#customResources.close();
    this.#admission.close();
    await this.#server?.close();
    await this.#folder?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #newStore(revision: number | undefined): Store {
    const { historySize } = this.#options;
    return new Store({
      ...(historySize === undefined ? {} : { historySize }),
      ...(revision === undefined ? {} : { revision }),
      ...(this.#folder ? { record: this.#folder.record } : {}),
    });
  }

  /** Made when it is first needed. With a data folder it is the same one in every life, so that kubeconfigs stay good. */
  #authority(): CertificateAuthority {
    const create = () => createCertificateAuthority(authorityName);
    this.#ownAuthority ??= this.#folder
      ? restoreCertificateAuthority(authorityName, this.#folder.keyPair('ca', create))
      : create();
    return this.#ownAuthority;
  }

  get #mode(): AuthorizationMode {
    return this.#options.authorizationMode ?? 'RBAC';
  }

  #createSecurity(): Security {
    const folder = this.#folder;
    return createSecurity({
      mode: this.#mode,
      tokens: new Map(Object.entries(this.#options.tokens ?? {})),
      clock: this.#clock,
      random: this.#random,
      store: () => this.#backend.store,
      serviceAccounts: this.#options.serviceAccounts,
      signingKey: () => {
        const made = () => {
          const { publicKey: certificate, privateKey: key } = newSigningKey();
          return { certificate, key };
        };
        return (folder?.keyPair('sa', made) ?? made()).key;
      },
    });
  }

  #chosenControllers(): readonly Controller[] {
    const all = builtinControllers({
      podRules: this.#podRules,
      podLogs: this.#podLogs,
      rootCertificate: () => this.#authority().certificate,
      issueSecretToken: (...of) => this.#security.serviceAccounts.issueForSecret(...of),
      checkPolicyTypes: (policy) => checkPolicyTypes(policy, this.#registry),
    });
    const names = all.map((controller) => controller.name);
    const enabled = enabledControllers(this.#options.controllers ?? ['*'], names);
    return all.filter((controller) => enabled.has(controller.name));
  }

  #builtinResources(): ServedResource[] {
    const objects = (storageKey: string) => {
      const entries = this.#backend.store.collection(storageKey).present().entries('');
      return Iterator.from(entries).map((entry) => entry.object);
    };
    const resources = builtinResources({
      clock: this.#clock,
      random: this.#random,
      objects,
      allowPrivileged: this.#options.allowPrivileged ?? true,
      actions: { ...this.#security.actions, ...podActions(() => this.#backend) },
      reads: podReads(() => this.#backend, this.#podLogs),
    });
    const definitions = definitionResource((name) => this.#customResources.definitionChanged(name));
    return [...resources, definitions];
  }

  /** Puts there what every cluster has, and lets the controllers begin. */
  #begin(): ControllerHost {
    const isNew = this.#seed();
    const host = new ControllerHost({
      backend: this.#backend,
      controllers: this.#controllers,
      pendingChanged: this.#activity.controllersChanged,
      failed: (failure) => this.#options.onControllerFailure?.(failure),
    });
    host.start();
    // Nobody has seen a revision from before: who comes with one has it from another server, or another life of this.
    if (isNew) this.#backend.store.compact();
    return host;
  }

  #newCustomResources(): CustomResources {
    const changed = (name: string) => this.#customResources.definitionChanged(name);
    const customResources = new CustomResources(createCrdHost(this.#backend, changed, () => this.#admission.webhooks));
    customResources.start();
    return customResources;
  }

  /** Answers whether this is a new cluster. */
  #seed(): boolean {
    const backend = this.#backend;
    // A data folder may hold one from an earlier life.
    const isNew = !backend.store.collection('/namespaces').get('default');
    const runs = (controller: string) => this.#controllers.some(({ name }) => name === controller);
    seedSystemObjects(backend, {
      serviceAccounts: runs('serviceaccount-controller'),
      rootCertificate: runs('root-ca-certificate-publisher-controller')
        ? () => this.#authority().certificate
        : undefined,
    });
    if (this.#mode === 'RBAC') seedPolicy(backend, runs('clusterrole-aggregation-controller'));
    return isNew;
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
