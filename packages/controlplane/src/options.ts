import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { AdmissionPlugins, ServiceResolver } from './admission/index.ts';
import type { AuditEvent, AuditLog } from './audit/index.ts';
import type { AuthorizationMode } from './authorization/index.ts';
import type { ControllerFailure, PodRule } from './controllers/index.ts';
import type { ApiHandler, UserInfo } from './http/index.ts';
import type { RawStorage } from './raw-storage.ts';
import type { ServiceAccountOptions } from './security.ts';

/** Options of `createControlPlane`; times are in milliseconds. */
export interface ControlPlaneOptions {
  /** Timestamps, timeouts, bookmarks and compaction follow it. @default the system's */
  readonly clock?: Clock;
  /** Generated names and uids come from it. @default one made from `seed`, or the system's */
  readonly random?: Random;
  /** The same seed and the same requests give the same names and uids. */
  readonly seed?: string | number;
  /** Between two bookmarks of a watch. @default 60_000 */
  readonly bookmarkInterval?: number;
  /** Between two compactions of the history; 0: only on `compact()`. @default 300_000 */
  readonly compactionInterval?: number;
  /** How many changes a watch can go back at most. @default 10_000 */
  readonly historySize?: number;
  /**
   * The controllers inside, by the names of kube-controller-manager: `*` is all, `foo` that one, `-foo` not that one; what
   * is not named does not run. Creation throws for a name that there is not. @default ['*']
   */
  readonly controllers?: readonly string[];
  /** What becomes of simulated pods; `pods.add` of the control plane adds more. @default they run and become ready */
  readonly pods?: readonly PodRule[];
  /** Told of what a controller inside could not do; it tries again by itself. @default nobody is */
  readonly onControllerFailure?: (failure: ControllerFailure) => void;
  /**
   * `RBAC`: who may do what follows from roles and their bindings, except that members of `system:masters` may do all.
   * `AlwaysAllow`: everybody who is known may do everything. @default 'RBAC'
   */
  readonly authorizationMode?: AuthorizationMode;
  /**
   * Which admission plugins run, by the names of kube-apiserver. Creation throws for one that there is not. ServiceAccount
   * runs by default where the controller does that makes the account of each namespace.
   */
  readonly admissionPlugins?: AdmissionPlugins;
  /**
   * Whether pods may have privileged containers: `--allow-privileged` of kube-apiserver, which is off there unless it is
   * given, and given in every usual cluster. @default true
   */
  readonly allowPrivileged?: boolean;
  /** Where the Services of webhooks can be reached from here. @default where their EndpointSlices say */
  readonly resolveService?: ServiceResolver;
  /** Told of each request, as `audit.onEvent` is. @default nobody is */
  readonly onAudit?: (event: AuditEvent) => void;
  /** Keys and names of service accounts' tokens. @default a key of its own, and the usual issuer */
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Static bearer tokens and whose they are, beside client certificates. @default none */
  readonly tokens?: Readonly<Record<string, UserInfo>>;
  /**
   * A folder in which objects and keys outlive the process; made if it is not there. Every request that was answered
   * is found again, whenever the process died. One process at a time. @default none: everything is in memory only
   */
  readonly dataDir?: string;
  /** False: an answer does not wait for the disk; the end of the process loses nothing still, that of the power may. @default true */
  readonly fsync?: boolean;
  /** Sentences for whoever runs the server: the torn end of a log was cut off, the disk takes no more. @default nobody hears them */
  readonly onNotice?: (text: string) => void;
}

/** Where a control plane listens. */
export interface ListenOptions {
  /** @default 0: any free port */
  readonly securePort?: number;
  /** @default '127.0.0.1' */
  readonly bindAddress?: string;
  /** A file to write the kubeconfig of an administrator to. */
  readonly kubeconfig?: string;
  /** What to serve with, PEM; the certificate first, then what signed it. @default made for this control plane */
  readonly serving?: KeyPair;
  /** PEM of what signs client certificates, beside the control plane's own authority. @default only that */
  readonly clientAuthority?: string;
}

/** Where it listens, and how to reach it. */
export interface Listening {
  /** Such as `https://127.0.0.1:41234`. */
  readonly url: string;
  /** The TCP port, also where any free one was asked for. */
  readonly port: number;
  /** The kubeconfig of an administrator, as YAML. */
  readonly kubeconfig: string;
}

/** Says what becomes of pods, while they run. */
export interface SimulatedPods {
  /** Adds a rule, which counts for pods that are there, too. Returns the way to take it back. */
  add(rule: PodRule): () => void;
  /**
   * Adds to what a container has written, as `kubectl logs` shows it. `container` may be left out for a pod that has
   * only one.
   *
   * @throws Error if there is no such pod or container
   */
  write(pod: { readonly namespace?: string; readonly name: string; readonly container?: string }, text: string): void;
}

/** How busy a control plane is; all zero: nothing will happen until somebody asks or time passes. */
export interface Activity {
  /** Requests whose answer is not complete; open watches do not count. */
  readonly requests: number;
  /** Watch events committed and not yet taken by the reader of their stream. */
  readonly undelivered: number;
  /** Keys that the controllers inside have to look at; those that wait for a time do not count. */
  readonly controllers: number;
  /** Milliseconds until one of them looks at something because of the time; absent: none will. */
  readonly nextDue?: number;
}

/**
 * A Kubernetes API server in this process. Nothing is global: any number of them run side by side.
 *
 * @example
 * await using controlPlane = createControlPlane();
 * const { url, kubeconfig } = await controlPlane.listen();
 */
export interface ControlPlane {
  /** The whole server as a function: no sockets, the same bytes. Without a user, the caller is an administrator. */
  readonly handle: ApiHandler;
  /** Opens a TLS socket. Rejects if the address is in use. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** The revision of the last change, as resourceVersion has it. */
  readonly revision: string;
  /** Forgets all history before the present revision: older watches and exact lists answer 410. */
  compact(): void;
  /** What is stored, by the keys and in the form in which it would lie in etcd, past all rules of the API. */
  readonly storage: RawStorage;
  /** The pod simulator. */
  readonly pods: SimulatedPods;
  /** Who asked for what, and whether it was allowed. */
  readonly audit: AuditLog;
  /** How busy it is at this moment. */
  activity(): Activity;
  /** Calls back whenever `activity()` may have changed. Returns the way to stop. */
  onActivity(listener: () => void): () => void;
  /** Ends all watches, forgets all objects and definitions, and goes on as a new server with later revisions. */
  reset(): void;
  /** Ends all watches and sockets. Harmless twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
