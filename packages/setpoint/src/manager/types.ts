import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { Client, ClientConfig, Transport } from '../client/index.ts';
import type { ControllerActivity } from '../controller/index.ts';
import type { Log } from '../reconcile/index.ts';
import type { WebhookServingOptions } from '../webhook/index.ts';
import type { LeaderElectionOptions } from './leader-election/index.ts';
import type { MetricsServingOptions } from './metrics-serving.ts';
import type { UncaughtPolicy } from './uncaught.ts';

/** How to reach the API server: one of the three. */
export type Connection =
  | { readonly client: Client; readonly transport?: undefined; readonly config?: undefined }
  | { readonly transport: Transport; readonly client?: undefined; readonly config?: undefined }
  | { readonly config: ClientConfig; readonly client?: undefined; readonly transport?: undefined };

/** How a manager reaches the API server, and how it runs. All is optional but the connection. */
export type ManagerOptions = Connection & {
  /** Further clusters by name, for kinds made by `onCluster(name, kind)`. */
  readonly clusters?: Readonly<Record<string, Connection>> | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** @default nothing is logged */
  readonly log?: Log | undefined;
  /** Namespaces to watch. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** `127.0.0.1:8080`; `0` is off. @default off */
  readonly metricsBindAddress?: string | undefined;
  /** How metrics are served. @default to everybody who reaches the address, over HTTP */
  readonly metrics?: MetricsServingOptions | undefined;
  /** @default off */
  readonly healthProbeBindAddress?: string | undefined;
  /**
   * `127.0.0.1:6060`: profiles, heap snapshots, queues and caches under /debug. Loopback only, since whoever reaches it
   * can read every secret of this process.
   *
   * @default off
   */
  readonly debugBindAddress?: string | undefined;
  /** How webhooks are served, if the operator has any. @default not at all */
  readonly webhooks?: WebhookServingOptions | undefined;
  /** Milliseconds that passes may take to finish at a stop; 0 waits for nothing, negative for ever. @default 30_000 */
  readonly gracefulShutdownTimeout?: number | undefined;
  /** Milliseconds between resyncs; 0 for none. @default ten hours */
  readonly resyncPeriod?: number | undefined;
  /** Milliseconds without a byte after which a watch is taken for dead. @default 150_000 */
  readonly idleTimeout?: number | undefined;
  /** Which process this is, in Events. @default the host's name */
  readonly instance?: string | undefined;
  /**
   * What becomes of the operator when its code throws where nobody catches it; see `Manager.handleUncaught`.
   *
   * @default 'continue'
   */
  readonly uncaughtErrors?: UncaughtPolicy | undefined;
  /**
   * Whether passes and their requests become spans of OpenTelemetry, where the program has started an SDK before.
   *
   * @default true
   */
  readonly tracing?: boolean | undefined;
  /**
   * Work only while this replica holds a Lease; controllers with `shards` work on this replica's share of their keys.
   * Without it, every replica works on everything.
   *
   * @default none
   */
  readonly leaderElection?: LeaderElectionOptions | undefined;
};

/** What a manager is doing; goes only forward. */
export type ManagerState =
  | { readonly status: 'new' }
  | { readonly status: 'starting' }
  | { readonly status: 'running' }
  | { readonly status: 'stopping'; readonly error?: Error | undefined }
  | { readonly status: 'stopped'; readonly error?: Error | undefined };

/** How busy a manager is; a test waits until nothing is left. */
export interface SettledState {
  readonly status: ManagerState['status'];
  /** Nothing runs, waits to run now, or is being sent; delayed keys may remain. */
  readonly idle: boolean;
  readonly controllers: Readonly<Record<string, ControllerActivity>>;
  /** Milliseconds until the first delayed key, or a mapper that threw, is due. */
  readonly nextDue: number | undefined;
  /** Events of caches that handlers have not been told yet. */
  readonly undelivered: number;
  /** Own writes that the watch has not confirmed. */
  readonly unconfirmed: number;
  /** Stores whose first list is not complete. */
  readonly unsynced: number;
}
