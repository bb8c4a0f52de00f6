import { type Clock, FakeClock, seededRandom, systemClock } from '@setpoint/apimachinery/clock';
import { type Duration, toMilliseconds } from '@setpoint/apimachinery/duration';
import { type ControlPlane, createControlPlane, type PodRule, type UserInfo } from '@setpoint/controlplane';
import type { Log, Manager, Operator } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, inProcessTransport } from 'setpoint/client';
import { installAccount, type LeaderElectionOptions, type OperatorAccount } from 'setpoint/manager';
import type { crdManifest } from 'setpoint/manifests';
import { Refusals } from './refusals.ts';
import { type SettledOptions, settled } from './settled.ts';
import { definitionOf, installConversions, installWebhooks, isAsked } from './webhooks.ts';

/** What has a CRD: a kind made by `defineKind`, or several versions of one. */
export type Installable = Parameters<typeof crdManifest>[0];

/** Options of `testEnvironment`. */
export interface TestEnvironmentOptions {
  /** Kinds to install at once, and again after each `reset`. */
  readonly kinds?: readonly Installable[];
  /**
   * `fake`: time stands still but for `advance` and `settled`; `system`: real time. @default 'fake'
   */
  readonly clock?: 'fake' | 'system';
  /** Decides generated names, jitter and orders; a failure is replayed by its seed. @default 'setpoint' */
  readonly seed?: string | number;
  /**
   * Which of the cluster's own controllers run, by the names of kube-controller-manager; see `ControlPlaneOptions`.
   * @default ['*']
   */
  readonly controllers?: readonly string[];
  /** What becomes of pods; `controlPlane.pods.add` adds more. @default they run, and are ready at once */
  readonly pods?: readonly PodRule[];
}

/** Options of `start`. */
export interface StartOptions {
  readonly log?: Log;
  /** Namespaces to watch. @default all */
  readonly namespaces?: readonly string[];
  /**
   * Whom the operator is. `service-account`: its own, `default/<name of the operator>`, with the roles that `setpoint
   * manifests` writes and nothing else, so that a missing permission fails here as it would in a cluster.
   * `administrator`: somebody who may do everything. @default 'service-account'
   */
  readonly as?: 'service-account' | 'administrator';
  /**
   * What it is that the role does not allow something. `fail`: `start`, `settled`, `advance`, `reset` and `close` reject
   * with the rules to add as YAML, once for each. `ignore`: no more than what the operator makes of it. @default 'fail'
   */
  readonly refusals?: 'fail' | 'ignore';
  /** Work only while it holds a Lease, as deployed operators do. @default it works without */
  readonly leaderElection?: LeaderElectionOptions;
  /** `127.0.0.1:0` for a free port, which `addresses` of the manager tells. @default metrics are not served */
  readonly metricsBindAddress?: string;
  /**
   * Whether the control plane asks the operator's webhooks, and has it convert its CRDs, over loopback HTTPS.
   * @default true, if it has any
   */
  readonly webhooks?: boolean;
}

/**
 * A control plane of its own for a test, with clients and operators that call it without sockets.
 *
 * @example
 * await using env = await testEnvironment({ kinds: [Foo] });
 * await env.start(operator);
 * await env.client.create(Foo, { metadata: { name: 'a', namespace: 'default' }, spec: { name: 'jack' } });
 * await env.settled();
 */
export interface TestEnvironment extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** An administrator. */
  readonly client: Client;
  readonly clock: Clock;
  /** What names and jitter are decided by: give it to `testEnvironment` to see the same again. */
  readonly seed: string | number;
  /** Creates the CRDs; they are served when this resolves. */
  install(...kinds: readonly Installable[]): Promise<void>;
  /** Starts an operator; resolves when its controllers work. It ends with the environment, or by its `stop()`. */
  start(operator: Operator, options?: StartOptions): Promise<Manager>;
  /** See `SettledOptions`: the place of every sleep in a test. */
  settled(options?: SettledOptions): Promise<void>;
  /** Moves the fake clock, and settles. @throws Error on the system's clock */
  advance(time: Duration): Promise<void>;
  /** Stops all operators and forgets all objects; `kinds` are installed again. Milliseconds. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Turns of the event loop that an operator has to stop before time moves on. */
const patientTurns = 100;
/** How long an operator waits for its passes, in milliseconds. */
const drainTimeout = 30_000;

/** Makes a control plane for one test and installs `kinds` in it. Close it, or declare it with `await using`. */
export async function testEnvironment(options: TestEnvironmentOptions = {}): Promise<TestEnvironment> {
  const environment = new Environment(options);
  await environment.install(...(options.kinds ?? []));
  return environment;
}

class Environment implements TestEnvironment {
  readonly controlPlane: ControlPlane;
  readonly client: Client;
  readonly clock: Clock;
  readonly seed: string | number;
  readonly #options: TestEnvironmentOptions;
  readonly #running = new Map<Manager, Promise<void>>();
  /** What was started, by the names of operators. */
  readonly #started = new Map<string, Operator[]>();
  readonly #refusals: Refusals;

  constructor(options: TestEnvironmentOptions) {
    this.#options = options;
    this.seed = options.seed ?? 'setpoint';
    this.clock = options.clock === 'system' ? systemClock : new FakeClock();
    this.controlPlane = createControlPlane({
      clock: this.clock,
      seed: this.seed,
      ...(options.controllers ? { controllers: options.controllers } : {}),
      ...(options.pods ? { pods: options.pods } : {}),
    });
    this.#refusals = new Refusals(this.controlPlane.audit);
    this.client = createClient({ transport: this.#transport(), clock: this.clock, userAgent: 'test' });
  }

  async install(...kinds: readonly Installable[]): Promise<void> {
    for (const kind of kinds) await this.client.create(CustomResourceDefinition, definitionOf(kind) as never);
  }

  async start(
    operator: Operator,
    { as = 'service-account', refusals = 'fail', webhooks = true, ...options }: StartOptions = {},
  ): Promise<Manager> {
    const served = webhooks && isAsked(operator) ? await this.#serving() : undefined;
    const account = as === 'administrator' ? undefined : await this.#account(operator, options.namespaces);
    if (account && refusals === 'fail') this.#refusals.watch(account.user.name, operator.name);
    else if (account) this.#refusals.ignore(account.user.name);
    const port = served ? await installConversions(this.client, operator, served.caBundle) : 0;
    const manager = operator.manager({
      transport: this.#transport(account?.user),
      clock: this.clock,
      random: seededRandom(this.seed),
      instance: 'test',
      ...(served ? { webhooks: { bindAddress: `127.0.0.1:${port}`, certificates: served.pair } } : {}),
      ...options,
    });
    const running = manager.run();
    // Whoever waits for `started` learns of a failure; so does `close`.
    running.catch(() => undefined);
    this.#running.set(manager, running);
    // What may not be listed holds a start up for ever: time stands still.
    await Promise.race([manager.started, this.#refusals.next()]);
    await this.#failOfRefusals();
    if (served) await installWebhooks(this.client, operator, manager, served.caBundle);
    return manager;
  }

  /** Loaded by those who have webhooks. The certificate is one of this machine's time: TLS does not know the clock. */
  async #serving() {
    const { createCertificateAuthority } = await import('@setpoint/apimachinery/certificates');
    const authority = createCertificateAuthority('test-environment');
    return { pair: authority.issueServer(['127.0.0.1']), caBundle: authority.certificate };
  }

  /** Operators of one name share an account: a role that forgot the first would stop it when the second starts. */
  #account(operator: Operator, namespaces: readonly string[] | undefined): Promise<OperatorAccount> {
    const { name } = operator;
    const all = [...new Set([...(this.#started.get(name) ?? []), operator])];
    this.#started.set(name, all);
    const together = {
      name,
      controllers: [...new Set(all.flatMap(({ controllers }) => controllers))],
      webhooks: all.flatMap(({ webhooks }) => webhooks),
      crds: all.flatMap(({ crds }) => crds),
      cache: all.flatMap(({ cache }) => cache),
      metrics: all.flatMap(({ metrics }) => metrics),
    };
    return installAccount(this.client, together, { leaderElection: {}, secureMetrics: true, namespaces });
  }

  async settled(options?: SettledOptions): Promise<void> {
    const { controlPlane, clock, seed } = this;
    await settled({ controlPlane, managers: this.#managers(), clock, seed }, options);
    await this.#failOfRefusals();
  }

  async #failOfRefusals(): Promise<void> {
    const refused = await this.#refusals.take();
    if (refused) throw refused;
  }

  async advance(time: Duration): Promise<void> {
    if (!(this.clock instanceof FakeClock))
      throw new Error('only a fake clock can be moved: leave out `clock: system`');
    const end = this.clock.monotonic() + toMilliseconds(time);
    // From timer to timer: what one of them starts is over before time moves on.
    await this.settled({ horizon: toMilliseconds(time) });
    await this.clock.advance(Math.max(0, end - this.clock.monotonic()));
    await this.settled();
  }

  async reset(): Promise<void> {
    await this.#stop();
    this.#started.clear();
    this.controlPlane.reset();
    await this.install(...(this.#options.kinds ?? []));
  }

  async close(): Promise<void> {
    try {
      await this.#stop();
    } finally {
      this.#refusals[Symbol.dispose]();
      await this.client.close();
      await this.controlPlane.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #transport(user?: UserInfo) {
    return inProcessTransport(this.controlPlane.handle, user ? { user } : {});
  }

  /** Those that still run: a stopped one has nothing to settle. */
  #managers(): Manager[] {
    return [...this.#running.keys()].filter((manager) => manager.state.status !== 'stopped');
  }

  /** A pass that does not end holds up its operator for half a minute, and a fake clock does not get there by itself. */
  async #outlast(ended: Promise<unknown>): Promise<void> {
    const { clock } = this;
    if (!(clock instanceof FakeClock)) return;
    let over = false;
    void ended.finally(() => {
      over = true;
    });
    for (let turn = 1; !over; turn++) {
      if (turn % patientTurns === 0) await clock.advance(drainTimeout);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #stop(): Promise<void> {
    const running = [...this.#running];
    this.#running.clear();
    for (const [manager] of running) manager.stop();
    const ended = Promise.allSettled(running.map(([, end]) => end));
    await this.#outlast(ended);
    const results = await ended;
    const refused = await this.#refusals.take();
    const ends = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const failures = [...ends, ...(refused ? [refused] : [])];
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'several operators have failed');
  }
}
