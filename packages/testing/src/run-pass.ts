import { type Clock, FakeClock, type Random, seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { AnyKind } from 'setpoint';
import { createCaches } from 'setpoint/cache';
import { acquireStores, type Controller, readKinds, writableKinds } from 'setpoint/controller';
import { type MetricSink, metricHandles } from 'setpoint/metrics';
import {
  AppliedRecords,
  EventRecorder,
  keyOf,
  type Log,
  type Outcome,
  OwnStatus,
  Pass,
  runCycle,
} from 'setpoint/reconcile';
import { MemoryClient, type RecordedWrite } from './memory-client.ts';

/** Options of `runPass`. */
export interface RunPassOptions {
  /** Which object to reconcile. @default the first of the controller's kind */
  readonly key?: { readonly namespace?: string; readonly name: string };
  /** @default a FakeClock at 2026-01-01T00:00:00Z */
  readonly clock?: Clock;
  /** @default one with a fixed seed */
  readonly random?: Random;
  /** What `ctx.attempt` is. @default 1 */
  readonly attempt?: number;
}

/** What a pass told a metric. */
export interface RecordedMetric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `add` for `inc` and `dec`. */
  readonly verb: 'add' | 'set' | 'observe' | 'remove';
  /** Undefined for `remove`. */
  readonly value?: number;
}

/** What one pass came to. */
export interface PassReport {
  /** As the queue would see it: `success`, `requeueAfter`, `invalid`, `error`, `conflict`, `terminal`, `vanished`. */
  readonly outcome: Outcome;
  /** What was sent, in order; Events are in `events`. */
  readonly writes: readonly RecordedWrite[];
  readonly events: readonly { readonly type: string; readonly reason: string; readonly note: string }[];
  readonly logs: readonly { readonly level: string; readonly message: string; readonly fields: object }[];
  /** What was told of metrics, in order. */
  readonly metrics: readonly RecordedMetric[];
  /** All objects after the pass. */
  readonly objects: readonly KubeObject[];
  /** The reconciled object after the pass; undefined if it is gone. */
  readonly object: KubeObject | undefined;
}

/**
 * Runs one pass of a controller over objects in memory: a unit test without a server, in a millisecond.
 *
 * Reads, indexes, own writes, owner rules, finalizers, defaults and validation are the real ones. What a server adds
 * (schema validation, defaulting, other controllers) is missing: for that, use `testEnvironment()`.
 *
 * @param objects the world; missing server fields (uid, resourceVersion, …) are filled in
 * @throws Error if there is no object to reconcile
 */
export async function runPass(
  controller: Controller,
  objects: readonly KubeObject[],
  options: RunPassOptions = {},
): Promise<PassReport> {
  const { kind } = controller;
  if (!kind) throw new Error(`controller ${controller.name} is keyed: call its reconcile function`);
  const world = new MemoryClient(objects);
  const wanted = wantedBy(kind, options.key);
  const found = world.objects().find(wanted);
  if (!found)
    throw new Error(`there is no ${options.key ? `${kind.kind} ${options.key.name}` : kind.kind} among the objects`);

  const clock = options.clock ?? new FakeClock();
  const random = options.random ?? seededRandom('runPass');
  const logs: { level: string; message: string; fields: object }[] = [];
  const log = recordingLog(logs);
  const client = world.client();
  await using caches = createCaches({ client, clock, random, log, resyncPeriod: 0 });
  const fieldManager = `test/${controller.name}`;
  const stores = acquireStores(controller, caches, {}, fieldManager);
  caches.start();
  await Promise.all(stores.all.map((store) => store.synced()));
  const events = new EventRecorder({
    client,
    clock,
    log,
    reportingController: fieldManager,
    reportingInstance: 'test',
  });
  const metrics: RecordedMetric[] = [];
  const kinds = readKinds(controller);
  const key = keyOf(found);
  const object = stores.own.map((store) => store.get(key)).find(Boolean) as KubeObject;
  const pass = new Pass({
    environment: {
      declaration: controller,
      fieldManager,
      client,
      cache: stores.reader([
        kind,
        ...controller.reads,
        ...[...controller.watches, ...controller.owns].map((entry) => entry.kind),
      ]),
      recorder: caches,
      events,
      metrics: metricHandles(recordingMetrics(metrics), undefined, controller.name),
      clock,
      log,
      stores: (read) => stores.of(read),
      childrenOf: (uid) => stores.childrenOf(uid),
      kinds: [...kinds, ...controller.writes],
      writable: writableKinds(controller),
      applied: new AppliedRecords(),
      ownStatus: new OwnStatus(),
      reportedWaiting: new Map(),
      reportedInvalid: new Map(),
    },
    key,
    object,
    attempt: options.attempt ?? 1,
    reconcileID: () => 'test',
    stopping: new AbortController().signal,
  });
  const outcome = await runCycle(pass, object);
  await events.close(AbortSignal.timeout(1000));
  pass.revoke('the pass is over');
  return { ...report(world, outcome, logs, wanted), metrics };
}

/** Tells the object to reconcile from all others. */
function wantedBy(kind: AnyKind, key: RunPassOptions['key']): (object: KubeObject) => boolean {
  return ({ apiVersion, kind: word, metadata }) =>
    apiVersion === kind.apiVersion &&
    word === kind.kind &&
    (!key || (metadata.name === key.name && metadata.namespace === key.namespace));
}

function report(
  world: MemoryClient,
  outcome: Outcome,
  logs: PassReport['logs'],
  wanted: (object: KubeObject) => boolean,
): Omit<PassReport, 'metrics'> {
  const isEvent = (write: RecordedWrite) => write.kind === 'Event';
  return {
    outcome,
    writes: world.writes.filter((write) => !isEvent(write)),
    events: world.writes
      .filter((write) => isEvent(write) && write.verb === 'create')
      .map(({ body }) => {
        const { type, reason, note } = body as { type: string; reason: string; note: string };
        return { type, reason, note };
      }),
    logs,
    objects: world.objects().filter((object) => object.kind !== 'Event'),
    object: world.objects().find(wanted),
  };
}

function recordingMetrics(told: RecordedMetric[]): MetricSink {
  return {
    add: ({ name }, labels, value) => told.push({ name, labels, verb: 'add', value }),
    set: ({ name }, labels, value) => told.push({ name, labels, verb: 'set', value }),
    observe: ({ name }, labels, value) => told.push({ name, labels, verb: 'observe', value }),
    remove: ({ name }, labels) => told.push({ name, labels, verb: 'remove' }),
  };
}

function recordingLog(logs: { level: string; message: string; fields: object }[], base: object = {}): Log {
  const line = (level: string) => (fields: object | string, message?: string) => {
    if (typeof fields === 'string') logs.push({ level, message: fields, fields: base });
    else logs.push({ level, message: message ?? '', fields: { ...base, ...fields } });
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (fields) => recordingLog(logs, { ...base, ...fields }),
  };
}
