import { sleep } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, test } from 'vitest';
import { Candidates, worker } from '../../../test/fake/candidates.ts';
import { frozen } from '../../../test/fake/frozen.ts';
import { Plain, plain } from '../../../test/fake/kinds.ts';
import { controller } from '../../controller/index.ts';

let replicas = new Candidates();
afterEach(async () => {
  await replicas[Symbol.asyncDispose]();
  replicas = new Candidates();
});

describe('a successor whose cache lags behind', () => {
  /** One pass of the first takes a second, and the watch of the second stands still since before its end. */
  async function takesOver(leave: (a: { readonly stop: () => void; readonly vanish: () => void }) => void) {
    const { api, clock } = replicas;
    const sizes: unknown[] = [];
    const work = controller(Plain, {
      async reconcile({ status }, context) {
        sizes.push(status?.size);
        if (sizes.length === 1) await sleep(clock, 1000);
        await context.status.patch({ size: (status?.size ?? 0) + 1 });
      },
    });
    api.create(Plain, plain('a'));
    const own = frozen(clock);
    const a = replicas.start('a', [work], { clock: own });
    await clock.advance(100);
    const b = replicas.start('b', [work]);
    await clock.advance(500);
    api.paused = true;
    await clock.advance(1000);
    leave({ stop: () => a.manager.stop(), vanish: () => own.freeze() });
    for (let i = 0; i < 40 && !b.manager.isLeader; i++) await clock.advance(1000);
    expect([replicas.holder, sizes]).toEqual(['b', [undefined]]);
    return { sizes };
  }

  test('waits until it shows what the leader before wrote', async () => {
    const { sizes } = await takesOver(({ stop }) => stop());
    expect(JSON.parse(replicas.lease.metadata.annotations?.['setpoint.dev/written'] ?? '{}')).toEqual({});
    await replicas.clock.advance(2000);
    expect(sizes).toEqual([undefined]);
    replicas.api.resume();
    await replicas.clock.advance(100);
    expect(sizes).toEqual([undefined, 1]);
    expect(replicas.messages('b')).not.toContainEqual(expect.stringContaining('may not show yet'));
  });

  test('asks the server how far it is where the leader before left no word', async () => {
    const { sizes } = await takesOver(({ vanish }) => vanish());
    await replicas.clock.advance(1000);
    expect(sizes).toEqual([undefined]);
    replicas.api.resume();
    await replicas.clock.advance(1000);
    expect(sizes[1]).toBe(1);
  });

  test('begins after five seconds all the same, and says so', async () => {
    const { sizes } = await takesOver(({ stop }) => stop());
    await replicas.clock.advance(6000);
    expect(sizes.length).toBeGreaterThan(1);
    expect(replicas.messages('b')).toContainEqual(expect.stringContaining('may not show yet what the leader before'));
    replicas.api.resume();
  });

  test('is told by the Lease what was written, and takes that word off it', async () => {
    const { api, clock } = replicas;
    api.create(Plain, plain('a'));
    const a = replicas.start('a', [worker('a', [])]);
    await clock.advance(100);
    const { resourceVersion } = api.object(Plain, { namespace: 'default', name: 'a' }).metadata;
    a.manager.stop();
    await clock.advance(50);
    await a.ended;
    expect(replicas.lease.metadata.annotations).toEqual({
      'setpoint.dev/written': JSON.stringify({ 'Plain.test.example.com': resourceVersion }),
    });
    replicas.start('b', [worker('b', [])]);
    await clock.advance(100);
    expect([replicas.holder, replicas.lease.metadata.annotations]).toEqual(['b', {}]);
  });
});
