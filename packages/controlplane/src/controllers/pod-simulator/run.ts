import { toMilliseconds } from '@setpoint/apimachinery/duration';
import type { MutableObject } from '../../registry/index.ts';
import {
  advance,
  type Container,
  containersOf,
  finish,
  isOver,
  type Moment,
  readyAt,
  type Told,
} from './containers.ts';
import { type ContainerScript, type PodRule, scriptOf } from './rules.ts';

/** How long containers take to end when they are told to, in milliseconds, unless a rule says otherwise. */
const usualStop = 20;
const killed = 137;
const terminatedBySignal = 143;

/** A pod on its node. Times are wall time in milliseconds. */
export interface Run {
  readonly uid: string;
  readonly hostIP: string;
  readonly startTime: number;
  readonly containers: readonly Container[];
  ip: string;
  /** Why the node has evicted it. */
  evicted: string;
  /** Since when it is to end; 0: it is not. */
  stoppingSince: number;
  /** What was last written of it. */
  written: MutableObject['status'];
  /** Somebody else writes its status: it is theirs. */
  theirs: boolean;
  /** Whether it was told that it runs. */
  told: boolean;
}

export function newRun(pod: MutableObject, hostIP: string, now: number): Run {
  const startTime = pod.status?.startTime ? Date.parse(pod.status.startTime) : now;
  const run: Run = {
    uid: pod.metadata.uid ?? '',
    hostIP,
    startTime,
    containers: containersOf(pod),
    ip: pod.status?.podIP ?? '',
    evicted: '',
    stoppingSince: 0,
    written: pod.status,
    theirs: false,
    told: false,
  };
  resume(run, pod, now);
  return run;
}

/** Goes on where an earlier life has left it, as its status says. */
function resume({ containers }: Run, { status = {} }: MutableObject, now: number): void {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const container of containers) {
    const seen = statuses.find(({ name }: { name: string }) => name === container.name);
    if (!seen) continue;
    container.restarts = seen.restartCount ?? 0;
    container.id = (seen.containerID ?? '').replace(/^containerd:\/\//, '');
    const { running, terminated } = seen.state ?? {};
    if (running) {
      container.state = 'running';
      container.startedAt = Date.parse(running.startedAt);
    } else if (terminated) {
      container.startedAt = Date.parse(terminated.startedAt);
      finish(container, terminated.exitCode, Date.parse(terminated.finishedAt), terminated);
    } else if (container.restarts > 0) container.dueAt = now;
  }
}

export interface Step {
  readonly pod: MutableObject;
  readonly rule: PodRule;
  readonly now: number;
  newId(): string;
  newIp(): string;
  tell(told: Told): void;
}

/** Brings the pod to where it is at this moment; says when something is due next, as wall time. */
export function stepRun(run: Run, step: Step): number | undefined {
  const { pod, rule, now } = step;
  if (run.stoppingSince > 0 || pod.metadata.deletionTimestamp) return stop(run, step);
  const evictedAt = rule.evictedAfter === undefined ? undefined : run.startTime + toMilliseconds(rule.evictedAfter);
  if (evictedAt !== undefined && evictedAt <= now && !isFinished(run)) {
    run.evicted = 'The node was low on resource: memory.';
    step.tell({ type: 'Warning', reason: 'Evicted', message: run.evicted });
    for (const one of run.containers) if (one.state === 'running') finish(one, killed, now, {});
  }
  if (run.evicted) return undefined;
  const due = [evictedAt, ...advanceAll(run, step)];
  for (const one of run.containers) due.push(readyAt(one, scriptOf(rule, one.name)));
  const hasBegun = run.containers.some((one) => one.startedAt > 0 || one.pullFailures > 0);
  if (run.ip === '' && hasBegun) run.ip = rule.ip ?? (pod.spec.hostNetwork ? run.hostIP : step.newIp());
  return earliest(due, now);
}

function isFinished({ containers }: Run): boolean {
  return containers.filter(({ role }) => role === 'app').every(isOver);
}

function advanceAll(run: Run, step: Step): (number | undefined)[] {
  const { pod, rule, now } = step;
  const ends = pod.metadata.ownerReferences?.some(({ kind, controller }) => controller && kind === 'Job') ?? false;
  const due: (number | undefined)[] = [];
  const go = (container: Container) => {
    const script = scriptOf(rule, container.name);
    const { namespace, name, uid } = pod.metadata;
    const moment: Moment = {
      script: forRole(container, script, rule),
      now,
      ends: ends && container.role !== 'sidecar',
      pod: `${name}_${namespace}(${uid})`,
      newId: step.newId,
      tell: step.tell,
    };
    due.push(advance(container, moment));
  };
  const init = run.containers.filter(({ role }) => role !== 'app');
  const apps = run.containers.filter(({ role }) => role === 'app');
  for (const container of init) {
    go(container);
    if (container.role === 'sidecar' ? container.startedAt === 0 : container.ended?.exitCode !== 0) return due;
  }
  for (const container of apps) go(container);
  if (apps.every(isOver)) {
    for (const one of init) if (one.state === 'running') finish(one, 0, now, {});
  }
  return due;
}

/** How the pod as a whole ends is not how what comes before its containers ends, unless a rule names it. */
function forRole(container: Container, script: ContainerScript, rule: PodRule): ContainerScript {
  if (container.role === 'app' || rule.containers?.[container.name]) return script;
  const { exitCode: _, runsFor: __, oomKilled: ___, reason: ____, message: _____, ...rest } = script;
  return rest;
}

function stop(run: Run, { pod, rule, now, tell }: Step): number | undefined {
  const running = run.containers.filter(({ state }) => state === 'running');
  if (run.stoppingSince === 0) {
    run.stoppingSince = now;
    for (const container of running)
      tell({ type: 'Normal', reason: 'Killing', message: `Stopping container ${container.name}`, container });
  }
  const { deletionGracePeriodSeconds = 30 } = pod.metadata;
  const grace = deletionGracePeriodSeconds * 1000;
  const due: number[] = [];
  for (const container of running) {
    const script = scriptOf(rule, container.name);
    const { stopsAfter = usualStop } = script;
    const takes = stopsAfter === 'never' ? Number.POSITIVE_INFINITY : toMilliseconds(stopsAfter);
    const at = run.stoppingSince + Math.min(takes, grace);
    if (at > now) due.push(at);
    else
      finish(container, takes > grace ? killed : container.restartPolicy === 'Always' ? 0 : terminatedBySignal, at, {});
  }
  return earliest(due, now);
}

/** Nothing of it runs any more: it can be removed. */
export function hasStopped({ containers, stoppingSince }: Run): boolean {
  return stoppingSince > 0 && containers.every(({ state }) => state !== 'running');
}

function earliest(times: readonly (number | undefined)[], now: number): number | undefined {
  const coming = times.filter((time) => time !== undefined).filter((time) => time > now);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
