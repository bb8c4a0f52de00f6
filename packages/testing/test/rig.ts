import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import { type ApiHandler, type ControlPlane, createControlPlane } from '@setpoint/controlplane';
import { type AnyKind, type Controller, type Log, type Manager, type ManagerOptions, operator } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import {
  type Client,
  createClient,
  discard,
  inProcessTransport,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from 'setpoint/client';
import { ConnectionError } from 'setpoint/errors';
import { crdManifest } from 'setpoint/manifests';
import { type SettledOptions, settled } from '../src/settled.ts';

/**
 * What becomes of a request of the operator: it is done and its answer lost, it is lost on the way, it is never
 * answered, or it is answered with this Status. Undefined: nothing of the kind.
 */
export type Fault = 'lost-after' | 'lost-before' | 'never' | { readonly code: number; readonly reason: string };

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RigOptions {
  readonly kinds?: readonly AnyKind[];
  /** CRDs that are not as `crdManifest` makes them. */
  readonly definitions?: readonly object[];
}

/** What a manager takes besides what the rig gives it. */
export type RunOptions = Pick<ManagerOptions, 'namespaces' | 'metricsBindAddress' | 'healthProbeBindAddress'>;

/** An operator on an embedded control plane, with a hand on everything between them. */
export class Rig implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly lines: Line[] = [];
  /** Requests of the operator, such as `PATCH /apis/…`. */
  readonly requests: string[] = [];
  readonly managers: Manager[] = [];
  readonly ended: Promise<void>[] = [];
  fault: (request: TransportRequest) => Fault | undefined = () => undefined;
  /** What happens before a request of the operator gets anywhere. */
  before: (request: TransportRequest) => Promise<void> = async () => undefined;
  /** Open watches of these URLs say nothing, and do not end either, until `release`. */
  hold: RegExp | undefined;
  plane: ControlPlane;
  client: Client;
  readonly #streams = new Set<() => void>();
  #released = Promise.withResolvers<void>();

  constructor() {
    [this.plane, this.client] = this.#newServer();
  }

  static async start(controllers: readonly Controller[], options: RigOptions = {}): Promise<Rig> {
    const rig = new Rig();
    await rig.install(options);
    if (controllers.length > 0) await rig.run(controllers);
    return rig;
  }

  async install({ kinds = [], definitions = [] }: RigOptions): Promise<void> {
    for (const kind of kinds) await this.client.create(CustomResourceDefinition, crdManifest(kind as never) as never);
    for (const definition of definitions) await this.client.create(CustomResourceDefinition, definition as never);
  }

  /** Starts an operator; resolves when it works. */
  async run(controllers: readonly Controller[], options: RunOptions = {}) {
    const manager = this.launch(controllers, options);
    await manager.started;
    return manager;
  }

  launch(controllers: readonly Controller[], options: RunOptions = {}): Manager {
    const { clock } = this;
    const manager = operator({ name: 'test', controllers }).manager({
      transport: this.#transport(),
      clock,
      random: seededRandom('rig'),
      log: recording(this.lines),
      instance: 'here',
      ...options,
    });
    const ended = manager.run();
    ended.catch(() => undefined);
    this.managers.push(manager);
    this.ended.push(ended);
    return manager;
  }

  settled(options?: SettledOptions): Promise<void> {
    return settled({ controlPlane: this.plane, managers: this.managers, clock: this.clock, seed: 'rig' }, options);
  }

  /** Lets what needs no time happen, whoever is busy. */
  async turns(count = 30): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  release(): void {
    this.hold = undefined;
    this.#released.resolve();
    this.#released = Promise.withResolvers<void>();
  }

  /** Breaks every open watch of the operator. */
  cut(): void {
    for (const cut of [...this.#streams]) cut();
  }

  /** Another server in the place of this one: empty, and with the revisions of a new one. */
  async replaceServer(options: RigOptions): Promise<void> {
    const [before, client] = [this.plane, this.client];
    [this.plane, this.client] = this.#newServer();
    await this.install(options);
    this.cut();
    await client.close();
    await before.close();
  }

  messages(level?: string): string[] {
    return this.lines.filter((line) => !level || line.level === level).map(({ message }) => message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const manager of this.managers) manager.stop();
    const stopped = Promise.allSettled(this.ended);
    for (let i = 0; i < 20 && this.managers.some(({ state }) => state.status !== 'stopped'); i++) {
      await this.turns();
      await this.clock.advance(5000);
    }
    await stopped;
    await this.client.close();
    await this.plane.close();
  }

  #newServer(): [ControlPlane, Client] {
    const plane = createControlPlane({ clock: this.clock, seed: 'rig', controllers: [] });
    const transport = inProcessTransport(plane.handle);
    return [plane, createClient({ transport, clock: this.clock, userAgent: 'test' })];
  }

  #transport(): Transport {
    const handler: ApiHandler = (request) => this.plane.handle(request);
    const inner = inProcessTransport(handler);
    return {
      host: inner.host,
      close: () => inner.close(),
      request: async (request) => {
        this.requests.push(`${request.method} ${request.url}`);
        await this.before(request);
        const fault = this.fault(request);
        if (!fault) return this.#breakable(request, await inner.request(request));
        if (typeof fault === 'object') return refusal(fault);
        request.onSending?.();
        if (fault === 'never') return await forever(request.signal);
        if (fault === 'lost-after') await discard((await inner.request(request)).body);
        throw new ConnectionError('ConnectionLost', 'the connection was lost', { requestSent: true });
      },
    };
  }

  #breakable(request: TransportRequest, answer: TransportResponse): TransportResponse {
    if (!request.url.includes('watch=')) return answer;
    const cut = Promise.withResolvers<never>();
    cut.promise.catch(() => undefined);
    const rig = this;
    const onCut = () => cut.reject(new ConnectionError('ConnectionLost', 'the stream was cut', { requestSent: true }));
    async function* body() {
      const source = answer.body[Symbol.asyncIterator]();
      rig.#streams.add(onCut);
      try {
        for (;;) {
          const { value, done } = await Promise.race([source.next(), cut.promise]);
          if (done) return;
          while (rig.hold?.test(request.url))
            await Promise.race([rig.#released.promise, forever(request.signal), cut.promise]);
          yield value;
        }
      } finally {
        rig.#streams.delete(onCut);
        await source.return?.();
      }
    }
    const chunks = body();
    const next = () => chunks.next();
    const stop = async () => {
      // A reader that leaves does not wait for what never comes.
      onCut();
      return chunks.return(undefined);
    };
    return { ...answer, body: { [Symbol.asyncIterator]: () => ({ next, return: stop }) } };
  }
}

function refusal({ code, reason }: { readonly code: number; readonly reason: string }): TransportResponse {
  const message = `${reason} by the test`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  async function* body() {
    yield Buffer.from(JSON.stringify(status));
  }
  return { status: code, headers: { 'content-type': 'application/json' }, body: body() };
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export function recording(lines: Line[], base: Readonly<Record<string, unknown>> = {}): Log {
  const write = (level: string) => (first: object | string, second?: string) => {
    const fields = typeof first === 'string' ? base : { ...base, ...first };
    lines.push({ level, message: typeof first === 'string' ? first : (second ?? ''), fields });
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recording(lines, { ...base, ...fields }),
  };
}
