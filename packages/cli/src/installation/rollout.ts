import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { Deployment } from 'setpoint/apps/v1';
import type { Client, ObjectOf } from 'setpoint/client';
import { Event, Pod } from 'setpoint/core/v1';
import { readinessOf } from 'setpoint/readiness';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';

const interval = 200;
/** Of events; the latest say most. */
const maximumEvents = 5;

interface Rollout {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly output: Output;
}

/**
 * Waits until a Deployment has rolled out, with a line whenever it gets further.
 *
 * @throws Failure at the time-out, or once it has failed; what is known of its pods stands on standard error before
 */
export async function rolledOut({ client, namespace, name, timeout, output }: Rollout): Promise<void> {
  const deadline = systemClock.monotonic() + timeout;
  const label = `deployment.apps/${name}`;
  for (let told = ''; ; ) {
    const now = readinessOf((await client.get(Deployment, { namespace, name })) as never);
    if (now.state === 'ready') {
      output.out(`${label} is available\n`);
      return;
    }
    if (now.message !== told) output.out(`${label} waits: ${now.message}\n`);
    told = now.message;
    const late = systemClock.monotonic() > deadline;
    if (late || now.state === 'failed') {
      const reasons = await whyNot({ client, namespace, name });
      for (const reason of reasons) output.err(`  ${reason}\n`);
      const within = late ? ` within ${timeout / 1000} s` : '';
      const [first] = reasons;
      throw new Failure(
        `${label} in ${namespace} was not available${within}: ${now.message}${first === undefined ? '' : `; ${first}`}`,
      );
    }
    await sleep(systemClock, interval);
  }
}

/** From the pods, then the Deployment's conditions, then the warnings: the nearest cause first. */
async function whyNot({ client, namespace, name }: Pick<Rollout, 'client' | 'namespace' | 'name'>): Promise<string[]> {
  const { spec, status } = await client.get(Deployment, { namespace, name });
  const pods = await client.list(Pod, { namespace, labelSelector: spec?.selector as never });
  const conditions = (status?.conditions ?? [])
    .filter(({ type, status: is }) => (type === 'ReplicaFailure' ? is === 'True' : is === 'False'))
    .map(({ type, reason, message }) => `the Deployment's condition ${type}: ${message} (${reason})`);
  const events = await client.list(Event, { namespace, fieldSelector: 'type=Warning' });
  const warnings = events.items
    .filter(({ involvedObject }) => involvedObject.name?.startsWith(name))
    .map(
      ({ involvedObject, reason, message }) =>
        `Warning of ${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`,
    );
  return [...pods.items.flatMap(whyPodIsNot), ...conditions, ...[...new Set(warnings)].slice(-maximumEvents)];
}

function whyPodIsNot({ metadata, status }: ObjectOf<typeof Pod>): string[] {
  const pod = `pod ${metadata.name}`;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const reasons = containers.flatMap(({ name, ready, state, lastState, restartCount }) => {
    const waiting = state?.waiting;
    const ended = state?.terminated ?? lastState?.terminated;
    const last = ended ? `, it ended with ${ended.exitCode} (${ended.reason}) ${restartCount} times` : '';
    const said = waiting?.message ? ` (${waiting.message})` : '';
    if (waiting) return [`${pod}: container ${name} waits: ${waiting.reason}${said}${last}`];
    return ready ? [] : [`${pod}: container ${name} is not ready${last}`];
  });
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') reasons.unshift(`${pod}: no node takes it: ${scheduled.message ?? ''}`);
  return reasons;
}
