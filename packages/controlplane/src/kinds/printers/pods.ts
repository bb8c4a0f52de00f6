import { timestampAge } from '@setpoint/apimachinery/duration';
import type { Loose } from '../walk.ts';
import { hasCondition, orNone } from './format.ts';

/** Ready, Status and Restarts of a pod follow its containers; the rules are those of kube-apiserver. */
export function podCells(pod: Loose, now: number): readonly unknown[] {
  const state = podState(pod);
  const { spec = {}, status = {} } = pod;
  const restarts =
    state.restarts > 0 && state.lastRestart !== ''
      ? `${state.restarts} (${timestampAge(state.lastRestart, now)} ago)`
      : String(state.restarts);
  return [
    pod.metadata.name,
    `${state.ready}/${state.total}`,
    state.reason,
    restarts,
    timestampAge(pod.metadata.creationTimestamp, now),
    orNone(status.podIPs?.[0]?.ip),
    orNone(spec.nodeName),
    orNone(status.nominatedNodeName),
    readinessGates(pod),
  ];
}

interface PodState {
  ready: number;
  total: number;
  restarts: number;
  lastRestart: string;
  reason: string;
}

function podState(pod: Loose): PodState {
  const { spec = {}, status = {} } = pod;
  const sidecars = new Set<string>(
    (spec.initContainers ?? []).filter((one: Loose) => one.restartPolicy === 'Always').map((one: Loose) => one.name),
  );
  const state: PodState = {
    ready: 0,
    total: (spec.containers?.length ?? 0) + sidecars.size,
    restarts: 0,
    lastRestart: '',
    reason: status.reason || status.phase || '',
  };
  const gated = (status.conditions ?? []).some(
    (one: Loose) => one.type === 'PodScheduled' && one.reason === 'SchedulingGated',
  );
  if (gated) state.reason = 'SchedulingGated';
  const sidecarState: PodState = { ...state };
  const initializing = applyInitContainers(pod, sidecars, state, sidecarState);
  if (!initializing || hasCondition(pod, 'Initialized')) {
    state.restarts = sidecarState.restarts;
    state.lastRestart = sidecarState.lastRestart;
    applyContainers(pod, state);
  }
  const terminal = status.phase === 'Failed' || status.phase === 'Succeeded';
  if (pod.metadata.deletionTimestamp && status.reason === 'NodeLost') state.reason = 'Unknown';
  else if (pod.metadata.deletionTimestamp && !terminal) state.reason = 'Terminating';
  return state;
}

function countRestarts(container: Loose, state: PodState): void {
  state.restarts += container.restartCount ?? 0;
  const finished = container.lastState?.terminated?.finishedAt;
  if (finished && finished > state.lastRestart) state.lastRestart = finished;
}

/** Whether an init container is still at work; its state is then the pod's. */
function applyInitContainers(pod: Loose, sidecars: Set<string>, state: PodState, sidecarState: PodState): boolean {
  const statuses: readonly Loose[] = pod.status?.initContainerStatuses ?? [];
  for (const [index, container] of statuses.entries()) {
    countRestarts(container, state);
    const sidecar = sidecars.has(container.name);
    if (sidecar) countRestarts(container, sidecarState);
    const { terminated, waiting } = container.state ?? {};
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) state.ready++;
      continue;
    }
    if (terminated) state.reason = `Init:${terminated.reason || exitReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') state.reason = `Init:${waiting.reason}`;
    else state.reason = `Init:${index}/${pod.spec?.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

function exitReason(terminated: Loose): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
}

function applyContainers(pod: Loose, state: PodState): void {
  let running = false;
  let failure = '';
  for (const container of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    countRestarts(container, state);
    const { terminated, waiting, running: runs } = container.state ?? {};
    if (waiting?.reason) state.reason = waiting.reason;
    else if (terminated) {
      state.reason = terminated.reason || exitReason(terminated);
      if (terminated.exitCode !== 0) failure = state.reason;
    } else if (container.ready && runs) {
      running = true;
      state.ready++;
    }
  }
  if (state.reason !== 'Completed') return;
  if (running && hasCondition(pod, 'Ready')) state.reason = 'Running';
  else if (failure !== '') state.reason = failure;
  else if (running) state.reason = 'NotReady';
}

function readinessGates(pod: Loose): string {
  const gates: readonly Loose[] = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  return `${gates.filter((gate) => hasCondition(pod, gate.conditionType)).length}/${gates.length}`;
}
