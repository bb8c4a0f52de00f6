import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';
import { timestamp } from '../../verbs/index.ts';
import { type Container, type Ended, isOver, readyAt } from './containers.ts';
import { type PodRule, scriptOf } from './rules.ts';
import type { Run } from './run.ts';

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function phaseOfRun({ containers, evicted }: Run): Phase {
  if (evicted) return 'Failed';
  const init = containers.filter(({ role }) => role === 'init');
  const apps = containers.filter(({ role }) => role === 'app');
  if (init.some((one) => isOver(one) && one.ended?.exitCode !== 0)) return 'Failed';
  if (apps.every(isOver)) return apps.every(({ ended }) => ended?.exitCode === 0) ? 'Succeeded' : 'Failed';
  return apps.some((one) => one.startedAt > 0) ? 'Running' : 'Pending';
}

/** All containers that come before those of the application have done what they must. */
export function isInitialized({ containers }: Run): boolean {
  return containers.every(
    (one) => one.role === 'app' || (one.role === 'init' ? isOver(one) && one.ended?.exitCode === 0 : one.startedAt > 0),
  );
}

/** What the kubelet says of the pod at this moment. Members that others have written stay. */
export function statusOfRun(pod: MutableObject, run: Run, rule: PodRule, now: number): MutableObject['status'] {
  const { containers, ip, hostIP, startTime, evicted } = run;
  const before = pod.status ?? {};
  const phase = phaseOfRun(run);
  const write = (one: Container) => containerStatus(one, scriptOf(rule, one.name), now);
  const init = containers.filter(({ role }) => role !== 'app').map(write);
  const began = ip !== '';
  return {
    ...before,
    phase,
    conditions: conditionsOf(pod, run, rule, phase, now),
    ...(evicted ? { reason: 'Evicted', message: evicted } : {}),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(began ? { podIP: ip, podIPs: [{ ip }] } : {}),
    startTime: timestamp(startTime),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: containers.filter(({ role }) => role === 'app').map(write),
    observedGeneration: pod.metadata.generation ?? 1,
  };
}

function isReadyAt(one: Container, rule: PodRule, now: number): boolean {
  if (one.role === 'init') return isOver(one) && one.ended?.exitCode === 0;
  const at = readyAt(one, scriptOf(rule, one.name));
  return at !== undefined && at <= now;
}

function containerStatus(one: Container, script: PodRule | object, now: number): MutableObject['status'] {
  const { state, waiting, waitingMessage, startedAt, ended, lastEnded, restarts, image, id } = one;
  const present =
    state === 'running'
      ? { running: { startedAt: timestamp(startedAt) } }
      : state === 'terminated' && ended
        ? { terminated: terminated(ended, id) }
        : {
            waiting: { reason: waiting || 'ContainerCreating', ...(waitingMessage ? { message: waitingMessage } : {}) },
          };
  return {
    name: one.name,
    state: present,
    lastState: lastEnded ? { terminated: terminated(lastEnded, id) } : {},
    ready: isReadyAt(one, script, now),
    restartCount: restarts,
    image,
    imageID: id === '' ? '' : `${image}@sha256:${'0'.repeat(64)}`,
    ...(id === '' ? {} : { containerID: `containerd://${id}` }),
    started: state === 'running',
  };
}

function terminated({ exitCode, reason, message, startedAt, finishedAt }: Ended, id: string): object {
  return {
    exitCode,
    reason,
    ...(message === undefined ? {} : { message }),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
    containerID: `containerd://${id}`,
  };
}

interface PodConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

function conditionsOf(pod: MutableObject, run: Run, rule: PodRule, phase: Phase, now: number): readonly object[] {
  const before: readonly MutableObject['status'][] = pod.status?.conditions ?? [];
  const generation = { observedGeneration: pod.metadata.generation ?? 1 };
  const gates: readonly string[] = (pod.spec.readinessGates ?? []).map(
    (gate: { conditionType: string }) => gate.conditionType,
  );
  const wanted: PodConditionLike[] = [
    {
      type: 'PodReadyToStartContainers',
      status: run.ip !== '' && phase !== 'Succeeded' && phase !== 'Failed' ? 'True' : 'False',
    },
    initialized(run, phase),
    ...readiness(
      run,
      rule,
      phase,
      gates.filter((gate) => !before.some((one) => one.type === gate && one.status === 'True')),
      now,
    ),
    { type: 'PodScheduled', status: 'True' },
  ];
  if (run.evicted)
    wanted.unshift({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: run.evicted });
  const kept = before.filter((one) => !wanted.some(({ type }) => type === one.type));
  const written = wanted.map((condition) => {
    const old = before.find((one) => one.type === condition.type);
    const since = old?.status === condition.status ? old.lastTransitionTime : timestamp(now);
    return { ...condition, lastProbeTime: null, lastTransitionTime: since, ...generation };
  });
  return [...written, ...kept];
}

function initialized(run: Run, phase: Phase): PodConditionLike {
  if (isInitialized(run) || phase === 'Succeeded') {
    return { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) };
  }
  const names = run.containers
    .filter((one) => one.role === 'init' && !(isOver(one) && one.ended?.exitCode === 0))
    .map(({ name }) => name);
  const message = `containers with incomplete status: [${names.join(' ')}]`;
  return { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message };
}

function readiness(
  run: Run,
  rule: PodRule,
  phase: Phase,
  closedGates: readonly string[],
  now: number,
): readonly PodConditionLike[] {
  const both = (rest: Omit<PodConditionLike, 'type'>) => [
    { type: 'Ready', ...rest },
    { type: 'ContainersReady', ...rest },
  ];
  if (phase === 'Succeeded') return both({ status: 'False', reason: 'PodCompleted' });
  if (phase === 'Failed') return both({ status: 'False', reason: 'PodFailed' });
  const unready = run.containers.filter((one) => one.role !== 'init' && !isReadyAt(one, rule, now));
  if (unready.length > 0) {
    const message = `containers with unready status: [${unready.map(({ name }) => name).join(' ')}]`;
    return both({ status: 'False', reason: 'ContainersNotReady', message });
  }
  if (closedGates.length > 0) {
    const message = closedGates.map(
      (gate) => `corresponding condition of pod readiness gate "${gate}" does not exist.`,
    );
    return [
      { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: message.join(', ') },
      { type: 'ContainersReady', status: 'True' },
    ];
  }
  return both({ status: 'True' });
}

/** What only a kubelet writes. */
export function kubeletsOwn(status: MutableObject['status']): unknown {
  const { phase, podIP, containerStatuses, initContainerStatuses, conditions = [] } = status ?? {};
  const ready = conditions
    .filter(({ type }: PodConditionLike) => type === 'Ready' || type === 'ContainersReady')
    .map(({ type, status: value }: PodConditionLike) => `${type}=${value}`)
    .sort();
  return { phase, podIP, containerStatuses, initContainerStatuses, ready };
}

export function sameOwn(a: MutableObject['status'], b: MutableObject['status']): boolean {
  return deepEqual(kubeletsOwn(a), kubeletsOwn(b));
}
