import { describe, expect, test } from 'vitest';
import { makeQueue } from '../../test/fake/queue.ts';
import { slowBackoff } from './index.ts';

describe('back-off', () => {
  test('doubles from 5 ms to 1000 s for each key by itself', async () => {
    const { clock, queue } = makeQueue();
    const delays: number[] = [];
    for (let i = 0; i < 20; i++) {
      queue.addRateLimited('a', { uid: '1' });
      delays.push(queue.nextDue as number);
      await clock.advance(queue.nextDue as number);
      await queue.take();
      queue.done('a');
    }
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.slice(-2)).toEqual([1_000_000, 1_000_000]);
    queue.addRateLimited('b', { uid: '1' });
    expect(queue.nextDue).toBe(5);
  });

  test('goes from 1 s to 6 h as the article has it, as an option', async () => {
    const { queue } = makeQueue({ backoff: slowBackoff });
    queue.addRateLimited('a');
    expect(queue.nextDue).toBe(1000);
    const other = makeQueue({ backoff: slowBackoff });
    for (let i = 0; i < 30; i++) {
      other.queue.addRateLimited('a');
      await other.clock.advance(other.queue.nextDue as number);
      await other.queue.take();
      other.queue.done('a');
    }
    other.queue.addRateLimited('a');
    expect(other.queue.nextDue).toBe(6 * 3_600_000);
  });

  test('gives way to a time that the error asks for; the failure counts all the same', async () => {
    const { clock, queue } = makeQueue();
    for (const after of [undefined, 60_000]) {
      queue.addRateLimited('a', { uid: '1', after });
      if (after) expect(queue.nextDue).toBe(60_000);
      await clock.advance(60_000);
      await queue.take();
      queue.done('a');
    }
    queue.addRateLimited('a', { uid: '1' });
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([20, 3]);
  });

  test('is forgotten on success', async () => {
    const { clock, queue } = makeQueue();
    for (let i = 0; i < 2; i++) {
      queue.addRateLimited('a', { uid: '1' });
      await clock.advance(queue.nextDue as number);
      await queue.take();
      queue.done('a');
    }
    expect(queue.failures('a', '1')).toBe(2);
    queue.forget('a');
    expect(queue.failures('a', '1')).toBe(0);
  });

  test('is not used up by changes: what fails before its time is repeated when that comes', async () => {
    const { clock, queue } = makeQueue({ backoff: slowBackoff });
    const fail = async (milliseconds = 0) => {
      await queue.take();
      await clock.advance(milliseconds);
      queue.addRateLimited('a', { uid: '1' });
      queue.done('a');
    };
    queue.add('a');
    await fail();
    await clock.advance(1000);
    await fail();
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([2000, 2]);
    // A storm of changes, all of which fail.
    for (let i = 1; i <= 100; i++) {
      await clock.advance(10);
      queue.add('a');
      await fail();
      expect([queue.nextDue, queue.failures('a', '1')]).toEqual([2000 - 10 * i, 2]);
    }
    // One that takes so long that its time comes meanwhile is the attempt that was due.
    queue.add('a');
    await fail(1500);
    expect([queue.nextDue, queue.failures('a', '1')]).toEqual([4000, 3]);
    // Another object of that name has nothing to do with it.
    queue.add('a');
    await queue.take();
    queue.addRateLimited('a', { uid: '2' });
    queue.done('a');
    expect([queue.nextDue, queue.failures('a', '2')]).toEqual([1000, 1]);
  });

  test('belongs to the object that failed: another UID starts fresh', () => {
    const { queue } = makeQueue();
    for (let i = 0; i < 10; i++) queue.addRateLimited('a', { uid: 'first' });
    expect(queue.failures('a', 'second')).toBe(0);
    const other = makeQueue();
    for (let i = 0; i < 10; i++) other.queue.addRateLimited('a', { uid: 'first' });
    other.queue.shutDown();
    queue.addRateLimited('b', { uid: 'x' });
    expect(queue.nextDue).toBe(5);
  });
});
