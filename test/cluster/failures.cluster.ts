// Deployments that never become available: the command says what is not ready, and why.
import type { Client } from 'setpoint/client';
import { Namespace, ResourceQuota } from 'setpoint/core/v1';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connected, objectsOf, patience, setpoint, undeploy } from './testing.ts';

let client: Client;
let before: readonly string[];

beforeAll(async () => {
  client = await connected();
  before = await objectsOf(client);
});

afterAll(() => client[Symbol.asyncDispose]());

/** What the last line of a deployment that fails says, and all that stands above it. */
async function fails(
  operator: string,
  timeout: string,
  ...args: readonly string[]
): Promise<{ readonly sentence: string; readonly reasons: string }> {
  try {
    const { code, out, err } = await setpoint(operator, 'deploy', '--timeout', timeout, ...args);
    expect(code, `${out}${err}`).toBe(1);
    const lines = err.trimEnd().split('\n');
    return { sentence: lines.at(-1) ?? '', reasons: lines.slice(0, -1).join('\n') };
  } finally {
    await undeploy(operator);
  }
}

// Each with an operator of its own, since they do nothing but wait.
describe.concurrent('deploy says what is not ready, and why:', () => {
  test('an image that is nowhere', async () => {
    const { sentence } = await fails('nowhere', '10s', '--image', 'localhost/nowhere:1');
    expect(sentence).toMatch(/container manager waits: (ErrImagePull|ImagePullBackOff) .*localhost\/nowhere:1/);
  });

  test('a program that ends at once', async () => {
    const { sentence, reasons } = await fails('crash', '10s', '--image', 'localhost/crash:1');
    expect(sentence).toMatch(/container manager waits: CrashLoopBackOff .*, it ended with 3 \(Error\) \d times/);
    expect(reasons).toContain('it wrote: the sky has fallen');
  });

  test('a program that answers no probe', async () => {
    const { sentence, reasons } = await fails('mute', '15s', '--image', 'localhost/idle:1');
    expect(sentence).toMatch(/container manager is not ready/);
    expect(reasons).toMatch(/Unhealthy: Readiness probe failed: .*connection refused/);
  });

  test('a quota that leaves no room', async () => {
    const namespace = 'full';
    await client.create(Namespace, { metadata: { name: namespace } });
    try {
      await client.create(ResourceQuota, { metadata: { namespace, name: 'none' }, spec: { hard: { pods: '0' } } });
      await vi.waitFor(async () => {
        const { status } = await client.get(ResourceQuota, { namespace, name: 'none' });
        expect(status?.hard).toEqual({ pods: '0' });
      }, patience);
      const { sentence } = await fails('full', '10s', '--image', 'localhost/idle:1', '--namespace', namespace);
      expect(sentence).toMatch(/ReplicaFailure: pods .* is forbidden: exceeded quota: none, .* limited: pods=0/);
    } finally {
      await client.delete(Namespace, { name: namespace });
    }
  });
});

test('nothing is left of all of them', async () => {
  await expect.poll(() => objectsOf(client), patience).toEqual(before);
});
