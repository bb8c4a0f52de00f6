import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import type { CallOptions, Client } from '../../client/index.ts';
import { Fence, fencedClient } from './fence.ts';
import { instantOf } from './instant.ts';

function setup() {
  const clock = new FakeClock();
  let refused = 0;
  const fence = new Fence({ clock, leaseDuration: 15_000, description: 'the lease n/l', refused: () => refused++ });
  return { clock, fence, refused: () => refused };
}

const key = { name: 'x' };
const until = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe('a fence', () => {
  test('is closed before the lease is held, and for ever once it is lost', async () => {
    const { fence, clock } = setup();
    expect(() => fence.check()).toThrow('was not renewed in time');
    fence.renewed(instantOf(clock));
    fence.check();
    fence.end('other holds it');
    expect(() => fence.check()).toThrow('the lease n/l is not held any more: other holds it');
    fence.renewed(instantOf(clock));
    expect(fence.left()).toBe(0);
  });

  test('counts from before the renewal was sent, not from its answer', async () => {
    const { fence, clock } = setup();
    const sent = instantOf(clock);
    await clock.advance(4000);
    fence.renewed(sent);
    expect(fence.left()).toBe(9000);
  });

  test('breaks off what is under way at that instant; renewals move the instant', async () => {
    const { fence, clock, refused } = setup();
    fence.renewed(instantOf(clock));
    let ended: unknown;
    const write = fence.run<CallOptions, unknown>({}, ({ signal }) => until(signal as AbortSignal));
    write.catch((error) => {
      ended = { code: error.code, at: clock.monotonic() };
    });
    await clock.advance(10_000);
    fence.renewed(instantOf(clock));
    await clock.advance(20_000);
    expect(ended).toEqual({ code: 'PassRevoked', at: 23_000 });
    expect(refused()).toBe(1);
  });

  test('is asked again at the moment of sending, after whatever the caller asks', async () => {
    const { fence, clock } = setup();
    fence.renewed(instantOf(clock));
    const order: string[] = [];
    const client = {
      async create(_kind: unknown, _object: unknown, given: { readonly beforeSend: () => void }) {
        await clock.advance(13_000);
        given.beforeSend();
        order.push('sent');
      },
    } as unknown as Client;
    const bind = { get() {}, list() {}, pages() {}, watch() {}, logs() {}, portForward() {} };
    const fenced = fencedClient({ ...client, ...bind } as unknown as Client, fence);
    const sending = fenced.create({} as never, {} as never, { beforeSend: () => order.push('asked') });
    await expect(sending).rejects.toMatchObject({ code: 'PassRevoked' });
    expect(order).toEqual(['asked']);
  });

  test('lets every read through, and no write of any verb', async () => {
    const { fence } = setup();
    const answer = async () => 'answer';
    const verbs = ['get', 'list', 'pages', 'watch', 'logs', 'portForward', 'create', 'update', 'patch', 'delete'];
    const all = [...verbs, 'deleteCollection', 'raw', 'exec'];
    const client = Object.fromEntries(all.map((verb) => [verb, answer])) as unknown as Client;
    const fenced = fencedClient(client, fence);
    const revoked = { code: 'PassRevoked' };
    expect(await fenced.get({} as never, key)).toBe('answer');
    expect(await fenced.list({} as never)).toBe('answer');
    expect(await fenced.raw('GET', '/version')).toBe('answer');
    await expect(fenced.create({} as never, {} as never)).rejects.toMatchObject(revoked);
    await expect(fenced.update({} as never, {} as never)).rejects.toMatchObject(revoked);
    await expect(fenced.patch({} as never, key, {} as never)).rejects.toMatchObject(revoked);
    await expect(fenced.delete({} as never, key)).rejects.toMatchObject(revoked);
    await expect(fenced.deleteCollection({} as never, { all: true })).rejects.toMatchObject(revoked);
    await expect(fenced.raw('POST', '/x')).rejects.toMatchObject(revoked);
    await expect(fenced.exec(key as never, {} as never)).rejects.toMatchObject(revoked);
  });
});
