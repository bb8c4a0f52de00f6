import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { MutableObject } from '../../registry/index.ts';
import type { ContainerScript } from './rules.ts';

/** How long what has an end runs, in milliseconds, unless a rule says otherwise. */
const usualRun = 100;
const usualPull = 50;
/** Back-off of a container that ends and is to run again: the first, and the longest, in milliseconds. */
const firstBackoff = 10_000;
const longestBackoff = 300_000;
/** What has run for so long starts with the first back-off again. */
const forgiven = 600_000;
const sigkill = 137;

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  /** Wall time in milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** One container of a pod on its node. Times are wall time in milliseconds. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly role: 'init' | 'sidecar' | 'app';
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  /** Of its readiness probe; undefined: it has none. */
  readonly probeDelay: number | undefined;
  state: 'waiting' | 'running' | 'terminated';
  /** Why it waits. */
  waiting: string;
  waitingMessage: string;
  startedAt: number;
  ended: Ended | undefined;
  lastEnded: Ended | undefined;
  restarts: number;
  backoff: number;
  /** When it goes on: its image is there, its back-off is over. 0: nobody has told it to start. */
  dueAt: number;
  /** How often its image could not be pulled. */
  pullFailures: number;
  id: string;
}

/** Something that a kubelet tells. */
export interface Told {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly container?: Container;
}

export function containersOf({ spec }: MutableObject): Container[] {
  const policy = spec.restartPolicy ?? 'Always';
  const make = (one: MutableObject['spec'], role: Container['role']): Container => ({
    name: one.name,
    image: one.image ?? '',
    role,
    restartPolicy: role === 'sidecar' ? 'Always' : role === 'init' && policy === 'Always' ? 'OnFailure' : policy,
    probeDelay: one.readinessProbe ? (one.readinessProbe.initialDelaySeconds ?? 0) * 1000 : undefined,
    state: 'waiting',
    waiting: role === 'app' && !spec.initContainers?.length ? 'ContainerCreating' : 'PodInitializing',
    waitingMessage: '',
    startedAt: 0,
    ended: undefined,
    lastEnded: undefined,
    restarts: 0,
    backoff: 0,
    dueAt: 0,
    pullFailures: 0,
    id: '',
  });
  const init = (spec.initContainers ?? []).map((one: MutableObject) =>
    make(one, one.restartPolicy === 'Always' ? 'sidecar' : 'init'),
  );
  return [...init, ...spec.containers.map((one: MutableObject) => make(one, 'app'))];
}

export interface Moment {
  readonly script: ContainerScript;
  readonly now: number;
  /** Whether it has an end of its own, as what a Job runs. */
  readonly ends: boolean;
  readonly pod: string;
  newId(): string;
  tell(told: Told): void;
}

/** Lets a container that may run go on to what is due; says when it is due next. */
export function advance(container: Container, moment: Moment): number | undefined {
  for (;;) {
    const due = nextDue(container, moment);
    if (due === undefined || due > moment.now) return due;
    if (container.state === 'running') end(container, moment, due);
    else if (container.dueAt === 0) prepare(container, moment);
    else start(container, moment);
  }
}

function nextDue(container: Container, { script, now, ends }: Moment): number | undefined {
  if (container.state === 'terminated') return undefined;
  if (container.state === 'waiting') return container.dueAt === 0 ? now : container.dueAt;
  const runsFor = script.runsFor ?? (ends || container.role === 'init' || isDoomed(script) ? usualRun : 'forever');
  return runsFor === 'forever' ? undefined : container.startedAt + toMilliseconds(runsFor);
}

/** A rule that says how a container ends says that it ends. */
function isDoomed({ exitCode, oomKilled }: ContainerScript): boolean {
  return exitCode !== undefined || oomKilled === true;
}

/** The image is pulled. */
function prepare(container: Container, { script, now, tell }: Moment): void {
  container.dueAt = now + Math.max(1, toMilliseconds(script.pullsFor ?? usualPull));
  tell({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${container.image}"`, container });
}

function start(container: Container, moment: Moment): void {
  const { script, now, tell } = moment;
  const { image } = container;
  if (script.pullError !== undefined) {
    failToPull(container, moment, script.pullError);
    return;
  }
  if (container.restarts === 0 || container.pullFailures > 0) {
    const took = toMilliseconds(script.pullsFor ?? usualPull);
    const message = `Successfully pulled image "${image}" in ${took}ms (${took}ms including waiting). Image size: 1000000 bytes.`;
    tell({ type: 'Normal', reason: 'Pulled', message, container });
  } else {
    const message = `Container image "${image}" already present on machine`;
    tell({ type: 'Normal', reason: 'Pulled', message, container });
  }
  container.pullFailures = 0;
  container.state = 'running';
  container.startedAt = Math.min(container.dueAt, now);
  container.waiting = '';
  container.waitingMessage = '';
  container.id = moment.newId();
  tell({ type: 'Normal', reason: 'Created', message: 'Container created', container });
  tell({ type: 'Normal', reason: 'Started', message: 'Container started', container });
}

function failToPull(container: Container, { now, tell }: Moment, why: string): void {
  const { image } = container;
  container.pullFailures += 1;
  const wait = Math.min(firstBackoff * 2 ** (container.pullFailures - 1), longestBackoff);
  const failed = `Failed to pull image "${image}": ${why}`;
  tell({ type: 'Warning', reason: 'Failed', message: failed, container });
  tell({ type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull', container });
  if (container.pullFailures === 1) {
    container.waiting = 'ErrImagePull';
    container.waitingMessage = why;
  } else {
    tell({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"`, container });
    tell({ type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff', container });
    container.waiting = 'ImagePullBackOff';
    container.waitingMessage = `Back-off pulling image "${image}": ErrImagePull: ${why}`;
  }
  container.dueAt = now + wait;
}

/** It ends by itself, and is to run again or is not. */
function end(container: Container, moment: Moment, at: number): void {
  const { script } = moment;
  const codes = script.exitCode ?? 0;
  const said = typeof codes === 'number' ? codes : (codes[Math.min(container.restarts, codes.length - 1)] ?? 0);
  finish(container, script.oomKilled ? sigkill : said, at, script);
  const { restartPolicy, ended } = container;
  if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && ended?.exitCode === 0)) return;
  again(container, moment, at);
}

export function finish(container: Container, exitCode: number, at: number, script: ContainerScript): void {
  const reason = script.oomKilled ? 'OOMKilled' : (script.reason ?? (exitCode === 0 ? 'Completed' : 'Error'));
  const { startedAt } = container;
  const message = script.message === undefined ? {} : { message: script.message };
  container.ended = { exitCode, reason, ...message, startedAt, finishedAt: at };
  container.state = 'terminated';
}

/** The first time at once, then later and later. */
function again(container: Container, { pod, tell }: Moment, at: number): void {
  const ran = at - container.startedAt;
  container.backoff = ran >= forgiven || container.restarts === 0 ? 0 : container.backoff;
  const wait = container.backoff;
  container.backoff = wait === 0 ? firstBackoff : Math.min(wait * 2, longestBackoff);
  container.lastEnded = container.ended;
  container.ended = undefined;
  container.state = 'waiting';
  container.restarts += 1;
  container.dueAt = at + wait;
  if (wait === 0) return;
  container.waiting = 'CrashLoopBackOff';
  container.waitingMessage = `back-off ${goSeconds(wait)} restarting failed container=${container.name} pod=${pod}`;
  const message = `Back-off restarting failed container ${container.name} in pod ${pod}`;
  tell({ type: 'Warning', reason: 'BackOff', message, container });
}

/** As Go writes durations of whole seconds. */
function goSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}

/** When a running container is ready; undefined: it will not be. */
export function readyAt(container: Container, { readyAfter }: ContainerScript): number | undefined {
  if (container.state !== 'running' || readyAfter === 'never') return undefined;
  return container.startedAt + (readyAfter === undefined ? (container.probeDelay ?? 0) : toMilliseconds(readyAfter));
}

/** It has come to its end, and will not run again. */
export function isOver(container: Container): boolean {
  return container.state === 'terminated';
}
