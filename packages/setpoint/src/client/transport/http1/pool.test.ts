import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, it } from 'vitest';
import type { Http1Connection } from './connection.ts';
import { Http1Pool } from './pool.ts';

class FakeConnection {
  closed = false;
  idleLimit = Number.POSITIVE_INFINITY;
  readonly onIdle: () => void;
  readonly onClose: () => void;
  constructor(onIdle: () => void, onClose: () => void) {
    this.onIdle = onIdle;
    this.onClose = onClose;
  }
  drain() {
    this.destroy();
  }
  destroy() {
    if (this.closed) return;
    this.closed = true;
    this.onClose();
  }
}

function pooled(most = 2) {
  const clock = new FakeClock();
  const opened: FakeConnection[] = [];
  const fails: Error[] = [];
  const pool = new Http1Pool({
    clock,
    most,
    async open(onIdle, onClose) {
      const error = fails.shift();
      if (error) throw error;
      const connection = new FakeConnection(onIdle, onClose);
      opened.push(connection);
      return connection as unknown as Http1Connection;
    },
  });
  return { clock, opened, fails, pool };
}

const forever = new AbortController().signal;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the connections of a class', () => {
  it('are opened as they are needed, up to the most, and used again, the last first', async () => {
    const { pool, opened } = pooled();
    const [one, two] = await Promise.all([pool.acquire(forever), pool.acquire(forever)]);
    expect(opened).toHaveLength(2);
    let third: unknown;
    void pool.acquire(forever).then((connection) => {
      third = connection;
    });
    await turn();
    expect(third).toBeUndefined();
    expect(pool.active).toBe(3);
    opened[1]?.onIdle();
    await turn();
    expect(third).toBe(two);
    opened[0]?.onIdle();
    opened[1]?.onIdle();
    expect(pool.active).toBe(0);
    expect(pool.free()).toBe(two);
    expect(pool.free()).toBe(one);
    expect(pool.free()).toBeUndefined();
  });

  it('make room when one ends', async () => {
    const { pool, opened } = pooled(1);
    await pool.acquire(forever);
    const waiting = pool.acquire(forever);
    opened[0]?.destroy();
    expect(await waiting).toBe(opened[1]);
    expect(pool.size).toBe(1);
  });

  it('end after half a minute without use, by the clock even where its timers came late', async () => {
    const { pool, opened, clock } = pooled();
    await Promise.all([pool.acquire(forever), pool.acquire(forever)]);
    opened[0]?.onIdle();
    await clock.advance(20_000);
    opened[1]?.onIdle();
    await clock.advance(14_000);
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    await clock.advance(60_000);
    expect(pool.size).toBe(0);
  });

  it('end before the server ends them, where it says when', async () => {
    const { pool, opened, clock } = pooled();
    await pool.acquire(forever);
    (opened[0] as FakeConnection).idleLimit = 4_000;
    opened[0]?.onIdle();
    await clock.advance(4_000);
    expect(await pool.acquire(forever)).toBe(opened[1]);
    expect(opened[0]?.closed).toBe(true);
  });

  it('are not used again after ten minutes, since new servers would never see a request', async () => {
    const { pool, opened, clock } = pooled(1);
    await pool.acquire(forever);
    await clock.advance(600_000);
    const waiting = pool.acquire(forever);
    opened[0]?.onIdle();
    expect(await waiting).toBe(opened[1]);
    expect(opened[0]?.closed).toBe(true);
  });

  it('are waited for no longer than the signal allows', async () => {
    const { pool, opened } = pooled(1);
    await pool.acquire(forever);
    const stop = new AbortController();
    const waiting = pool.acquire(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    opened[0]?.onIdle();
    expect(pool.free()).toBe(opened[0]);
  });

  it('that cannot be opened fail one request each', async () => {
    const { pool, opened, fails } = pooled();
    fails.push(new Error('refused'));
    const [first, second] = await Promise.allSettled([pool.acquire(forever), pool.acquire(forever)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'refused' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: opened[0] });
  });

  it('end with the pool, and who waits is told', async () => {
    const { pool, opened } = pooled(1);
    await pool.acquire(forever);
    const waiting = pool.acquire(forever);
    pool.destroy(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    await expect(pool.acquire(forever)).rejects.toThrow('closed');
    expect(opened[0]?.closed).toBe(true);
  });
});
