/**
 * Two replicas as processes on an embedded control plane, and what its audit log says of who wrote when. The leader is
 * stopped (SIGSTOP) at a random moment under load for longer than its lease, then goes on.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { createControlPlane } from '@setpoint/controlplane';
import { createClient, inProcessTransport } from '../src/client/index.ts';
import { dynamicKind } from '../src/kinds/index.ts';
import { crdManifest } from '../src/manifests/index.ts';
import { Turn } from './programs/leader.ts';

const ConfigMap = dynamicKind({ group: '', version: 'v1', kind: 'ConfigMap', status: false });
const program = join(import.meta.dirname, 'programs/leader.ts');
const objects = ['a', 'b', 'c'];
export const namespace = 'default';
/** Nothing here takes so long, unless the machine is overloaded. */
const patience = 60_000;

/** One write that the server accepted. */
export interface Write {
  readonly replica: string;
  /** Undefined of a deletion whose event the watch has not brought yet. */
  readonly revision: number | undefined;
  /** Of an object that was deleted. */
  readonly uid: string | undefined;
  readonly at: number;
  readonly lease: boolean;
  /** It made what was not there: a creation is refused if it is. */
  readonly creation: boolean;
  readonly object: string;
  readonly what: string;
}

type ControlPlane = ReturnType<typeof createControlPlane>;
type AuditEvent = Parameters<Parameters<ControlPlane['audit']['onEvent']>[0]>[0];

/** Writes that were accepted when others were to write already. */
export interface LateWrites {
  /** Of objects that another replica had written by then: there are none where every write is for a state. */
  readonly changes: readonly string[];
  /** Of objects that had not changed since the same replica wrote them last: their condition holds. */
  readonly unchanged: readonly string[];
  /** Of what was not there. */
  readonly creations: readonly string[];
}

export interface StopReport {
  readonly rounds: number;
  /** Writes accepted, in all. */
  readonly writes: number;
  /** Accepted after a successor had the lease. */
  readonly late: LateWrites;
  /** From the moment a leader was stopped to its successor's lease, in milliseconds. */
  readonly takeOvers: readonly number[];
}

/** A control plane with the CRD and objects, its audit log, and replicas that end with it. */
export class Arena implements AsyncDisposable {
  /** Of somebody who may do anything. */
  readonly client: ReturnType<typeof createClient>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'setpoint-election-'));
  readonly #controlPlane: ControlPlane;
  readonly #url: string;
  readonly #ca: string;
  readonly #replicas: Replica[] = [];
  readonly writes: Write[] = [];
  /** At which revision objects went, by UID: the audit log does not say. */
  readonly #gone = new Map<string, number>();
  readonly #over = new AbortController();
  readonly #following: Promise<void>;

  private constructor(
    controlPlane: ControlPlane,
    listening: { readonly url: string; readonly kubeconfig: string },
    deletions: { readonly from: string },
  ) {
    this.client = createClient({ transport: inProcessTransport(controlPlane.handle) });
    this.#controlPlane = controlPlane;
    this.#following = this.#follow(deletions.from);
    this.#url = listening.url;
    this.#ca = /certificate-authority-data: (\S+)/.exec(listening.kubeconfig)?.[1] ?? '';
    controlPlane.audit.onEvent((event) => this.#note(event));
  }

  static async open(names: readonly string[], turns: readonly string[] = objects): Promise<Arena> {
    const tokens = Object.fromEntries(names.map((name) => [`token-${name}`, { name, groups: ['system:masters'] }]));
    const controlPlane = createControlPlane({ tokens: tokens as never });
    const listening = await controlPlane.listen();
    const client = createClient({ transport: inProcessTransport(controlPlane.handle) });
    const crd = dynamicKind({
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      scope: 'Cluster',
    });
    await client.create(crd, crdManifest(Turn) as never);
    for (let left = 100; left > 0; left--) {
      const made = await client.list(Turn, { namespace }).catch(() => undefined);
      if (made) break;
      await sleep(systemClock, 50);
    }
    for (const name of turns) {
      await client.create(Turn, { metadata: { namespace, name }, spec: {} } as never);
      await client.create(ConfigMap, { metadata: { namespace, name: `${name}-raw` } } as never);
    }
    const { metadata } = await client.list(ConfigMap, { namespace });
    await client.close();
    return new Arena(controlPlane, listening, { from: metadata.resourceVersion ?? '' });
  }

  /** Notes at which revision ConfigMaps go, the only objects that replicas delete. */
  async #follow(from: string): Promise<void> {
    const { signal } = this.#over;
    try {
      for (let resourceVersion = from; !signal.aborted; ) {
        for await (const message of this.client.watch(ConfigMap, { namespace, resourceVersion, signal })) {
          if (!('object' in message) || message.type === 'ERROR') assert.fail('the watch of deletions has missed some');
          const { metadata } = message.object as KubeObject;
          resourceVersion = metadata.resourceVersion ?? resourceVersion;
          if (message.type === 'DELETED') this.#gone.set(metadata.uid ?? '', Number(resourceVersion));
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** All accepted writes with their revisions. @throws AssertionError for one that has none */
  async ordered(): Promise<readonly Ordered[]> {
    // Replicas go on writing meanwhile.
    const writes = [...this.writes];
    const missing = () => writes.filter(({ uid, revision }) => !revision && !this.#gone.has(uid ?? ''));
    for (let left = 100; left > 0 && missing().length > 0; left--) await sleep(systemClock, 100);
    assert.deepEqual(missing(), [], 'every write has a revision');
    return writes.map((write) => ({
      ...write,
      revision: write.revision ?? (this.#gone.get(write.uid ?? '') as number),
    }));
  }

  start(name: string, times: readonly string[], env: Readonly<Record<string, string>> = {}): Replica {
    const kubeconfig = join(this.#folder, name);
    const cluster = { server: this.#url, 'certificate-authority-data': this.#ca };
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user: { token: `token-${name}` } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const argv = ['--kubeconfig', kubeconfig, '--leader-election-namespace', namespace, ...times];
    const replica = new Replica(name, argv, env);
    this.#replicas.push(replica);
    return replica;
  }

  /** Waits until what was written fulfils the condition. */
  async until(what: string, condition: () => boolean, within = patience): Promise<void> {
    for (const start = systemClock.monotonic(); !condition(); await sleep(systemClock, 10)) {
      if (systemClock.monotonic() - start < within) continue;
      assert.fail(`waited in vain: ${what}\n${this.said}`);
    }
  }

  get said(): string {
    return this.#replicas.map(({ name, output }) => `--- ${name}\n${output}`).join('\n');
  }

  get holder(): string | undefined {
    return this.writes.findLast(({ lease }) => lease)?.replica;
  }

  #note(event: AuditEvent): void {
    const { verb, user, objectRef, responseStatus, stage } = event;
    const resource = objectRef?.resource ?? '';
    if (stage !== 'ResponseComplete' || responseStatus.code >= 300 || !user.username) return;
    if (!['create', 'update', 'patch', 'delete'].includes(verb)) return;
    // Of Leases only who has them is asked.
    if (verb === 'delete' && resource === 'leases') return;
    const name = objectRef?.name ?? '';
    this.writes.push({
      replica: user.username,
      revision: objectRef?.resourceVersion === undefined ? undefined : Number(objectRef.resourceVersion),
      uid: objectRef?.uid,
      at: Date.parse(event.stageTimestamp),
      lease: resource === 'leases',
      creation: responseStatus.code === 201,
      object: name,
      what: `${verb} ${resource}${objectRef?.subresource ? `/${objectRef.subresource}` : ''} ${name}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) replica.kill('SIGKILL');
    await Promise.all(this.#replicas.map(({ exited }) => exited));
    this.#over.abort(new Error('the test is over'));
    await this.#following;
    await this.client.close();
    await this.#controlPlane.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Replica {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly exited: Promise<number | null>;
  output = '';
  hasEnded = false;

  constructor(name: string, argv: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0', '--log-format=json', '--leader-elect'];
    this.#child = spawn(process.execPath, ['--no-warnings', program, ...off, ...argv], {
      env: { ...process.env, ...env, REPLICA: name },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output = `${this.output}${chunk}`.slice(-10_000);
      });
    }
    this.exited = new Promise((resolve) =>
      this.#child.once('exit', (code) => {
        this.hasEnded = true;
        resolve(code);
      }),
    );
  }

  get isWaiting(): boolean {
    return this.output.includes('attempting to acquire');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** A write, and where it stands among all. */
export type Ordered = Write & { readonly revision: number };

/** The accepted writes of a replica that came after somebody else had the lease. */
function lateWrites(writes: readonly Ordered[]): readonly Ordered[] {
  const terms: { readonly replica: string; readonly from: number }[] = [];
  const byRevision = [...writes].sort((a, b) => a.revision - b.revision);
  for (const { lease, replica, revision } of byRevision) {
    if (lease && terms.at(-1)?.replica !== replica) terms.push({ replica, from: revision });
  }
  return byRevision.filter((write) => {
    if (write.lease) return false;
    const term = terms.findLast(({ from }) => from <= write.revision);
    return term?.replica !== write.replica;
  });
}

const shortTimes = [
  '--leader-elect-lease-duration=1500ms',
  '--leader-elect-renew-deadline=1s',
  '--leader-elect-retry-period=200ms',
];

/**
 * One after the other, each leader is stopped for three seconds and goes on when its successor works. On a machine that
 * is too busy for so short a lease a replica may lose it by itself; another one comes in its place.
 */
export async function stopLeaders(rounds: number, random: Random): Promise<StopReport> {
  const names = Array.from({ length: 3 * rounds + 5 }, (_, i) => `replica-${i}`);
  await using arena = await Arena.open(names);
  const waiting = async () => {
    const name = names.shift();
    assert.ok(name, `too many replicas have ended\n${arena.said}`);
    const replica = arena.start(name, shortTimes);
    await arena.until(`${name} waits for the lease`, () => replica.isWaiting || replica.hasEnded);
    return replica;
  };
  const takeOvers: number[] = [];
  let leader = await waiting();
  await arena.until('the first one leads', () => arena.holder === leader.name);
  while (takeOvers.length < rounds) {
    const next = await waiting();
    await sleep(systemClock, 300 + random.next() * 700);
    const stopped = systemClock.now();
    leader.kill('SIGSTOP');
    await sleep(systemClock, 3000);
    const { name } = next;
    const touched = (object: string) => arena.writes.some((write) => write.replica === name && write.object === object);
    await arena.until(
      `${name} writes`,
      () => next.hasEnded || objects.every((object) => touched(object) && touched(`${object}-raw`)),
    );
    takeOvers.push((arena.writes.find(({ replica }) => replica === name)?.at ?? Number.NaN) - stopped);
    leader.kill('SIGCONT');
    assert.equal(await leader.exited, 1, `${leader.name} ends with exit code 1: ${leader.output}`);
    leader = next;
  }
  const ordered = await arena.ordered();
  const late = lateWrites(ordered);
  return {
    rounds,
    writes: arena.writes.length,
    late: told(late, ordered),
    takeOvers,
  };
}

/** Late writes as a report has them, by whom each object was written last before. */
export function told(late: readonly Ordered[], all: readonly Ordered[]): LateWrites {
  const describe = ({ replica, what, revision }: Ordered) => `${replica} ${what} at ${revision}`;
  const writerBefore = ({ object, revision }: Ordered) =>
    all
      .filter((write) => write.object === object && write.revision < revision)
      .reduce((last: Ordered | undefined, write) => (last && last.revision > write.revision ? last : write), undefined)
      ?.replica;
  const changes = late.filter(({ creation }) => !creation);
  const isUnchanged = (write: Ordered) => writerBefore(write) === write.replica;
  return {
    changes: changes.filter((write) => !isUnchanged(write)).map(describe),
    unchanged: changes.filter(isUnchanged).map(describe),
    creations: late.filter(({ creation }) => creation).map(describe),
  };
}

/** How long nobody works when a leader ends in peace, in milliseconds: from its last write to its successor's first. */
export async function handOver(): Promise<number> {
  await using arena = await Arena.open(['first', 'second']);
  const first = arena.start('first', []);
  await arena.until('the first one works', () => arena.writes.some(({ lease }) => !lease));
  const second = arena.start('second', []);
  await arena.until('the second one waits', () => second.isWaiting);
  await sleep(systemClock, 500);
  first.kill('SIGTERM');
  assert.equal(await first.exited, 0, first.output);
  const working = (name: string) => arena.writes.filter(({ replica, lease }) => replica === name && !lease);
  await arena.until('the second one works', () => working('second').length > 0);
  assert.deepEqual(lateWrites(await arena.ordered()), []);
  const released = arena.writes.findLast(({ replica, lease }) => replica === 'first' && lease)?.at ?? 0;
  return (working('second')[0]?.at ?? 0) - released;
}
