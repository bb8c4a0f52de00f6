import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Client } from 'setpoint/client';
import { isInternalError } from 'setpoint/errors';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';

const interval = 200;

interface Wait {
  readonly client: Client;
  /** Of the operator. */
  readonly name: string;
  /** What is created without being stored. */
  readonly objects: readonly KubeObject[];
  /** Of the operator's webhooks: what those of others do is no matter of ours. */
  readonly names: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly output: Output;
}

/**
 * Waits until the API server gets an answer from the webhooks of an operator, whatever they say. Pods are ready before
 * every node knows the way to them, and until then writes would be refused.
 *
 * @throws Failure at the time-out, with what the API server says
 */
export async function webhooksAnswer({ client, name, objects, names, timeout, output }: Wait): Promise<void> {
  const deadline = systemClock.monotonic() + timeout;
  for (let told = ''; ; ) {
    const refusals = await Promise.all(objects.map((object) => unanswered(client, object, names)));
    const refusal = refusals.find((message) => message !== undefined);
    if (refusal === undefined) {
      output.out(`the webhooks of ${name} answer\n`);
      return;
    }
    if (systemClock.monotonic() > deadline) {
      throw new Failure(
        `the API server had no answer of the webhooks of ${name} within ${timeout / 1000} s: ${refusal}`,
      );
    }
    if (refusal !== told) output.out(`the webhooks of ${name} do not answer yet: ${refusal}\n`);
    told = refusal;
    await sleep(systemClock, interval);
  }
}

/** Why the API server could not ask; undefined: it did, or need not. */
async function unanswered(client: Client, object: KubeObject, names: readonly string[]): Promise<string | undefined> {
  try {
    await client.create({ apiVersion: object.apiVersion ?? '', kind: object.kind ?? '' }, object, { dryRun: true });
    return undefined;
  } catch (error) {
    if (!isInternalError(error)) return undefined;
    const { message = '' } = error.status;
    const ours = names.some((webhook) => message.includes(`failed calling webhook "${webhook}"`));
    return ours || message.includes(`conversion webhook for ${object.apiVersion}, Kind=${object.kind} failed`)
      ? message
      : undefined;
  }
}
