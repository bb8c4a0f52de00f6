import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import { Deployment } from 'setpoint/apps/v1';
import type { Client } from 'setpoint/client';
import { readinessOf } from 'setpoint/readiness';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { whyNotAvailable } from './diagnosis.ts';

const interval = 200;

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
      const reasons = await whyNotAvailable(client, { namespace, name });
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
