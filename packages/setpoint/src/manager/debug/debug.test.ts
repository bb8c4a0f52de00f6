import { request } from 'node:http';
import { systemClock } from '@setpoint/apimachinery/clock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeApi } from '../../../test/fake/fake-api.ts';
import { Plain, plain } from '../../../test/fake/kinds.ts';
import { controller } from '../../controller/index.ts';
import { type Manager, operator } from '../index.ts';
import { requireLoopback } from './loopback.ts';

const api = new FakeApi();
api.create(Plain, plain('a'));
let manager: Manager;
let running: Promise<void>;
const slow = controller(Plain, {
  reconcile: (_, { clock, signal }) =>
    new Promise<void>((resolve) => {
      clock.timer(600_000, resolve, { background: true });
      signal.addEventListener('abort', () => resolve(), { once: true });
    }),
});

beforeAll(async () => {
  manager = operator({ controllers: [slow] }).manager({
    client: api.client,
    clock: systemClock,
    debugBindAddress: '127.0.0.1:0',
  });
  running = manager.run();
  await manager.started;
});
afterAll(async () => {
  manager.stop();
  await running;
});

function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: manager.addresses.debug?.port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asking.on('error', reject);
    asking.end();
  });
}

describe('/debug', () => {
  test('says what there is', async () => {
    expect((await get('/debug/')).body).toContain('/debug/cpuprofile?seconds=30');
    expect((await get('/debug/nothing')).status).toBe(404);
  });

  test('shows queues, caches and the state', async () => {
    await expect
      .poll(async () => JSON.parse((await get('/debug/queue')).body))
      .toMatchObject({ plain: [{ item: { namespace: 'default', name: 'a' }, state: 'running' }] });
    expect(JSON.parse((await get('/debug/queue/plain?limit=1')).body).plain).toHaveLength(1);
    expect(await get('/debug/queue/other')).toEqual({
      status: 404,
      body: 'there is no controller other; there are plain\n',
    });
    expect(JSON.parse((await get('/debug/caches')).body)).toMatchObject([{ stores: [{ objects: 1 }], troubles: [] }]);
    expect(JSON.parse((await get('/debug/shards')).body)).toEqual({ shards: null });
    await expect
      .poll(async () => JSON.parse((await get('/debug/state')).body))
      .toMatchObject({ status: 'running', isLeader: true, running: ['plain default/a'] });
  });

  test('takes a CPU profile, one at a time', async () => {
    const [first, second] = await Promise.all([get('/debug/cpuprofile?seconds=0.2'), get('/debug/heapprofile')]);
    const answers = [first, second].sort((a, b) => a.status - b.status);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    expect(JSON.parse(answers[0]?.body ?? '').nodes.length).toBeGreaterThan(1);
    expect((await get('/debug/cpuprofile?seconds=1e9')).status).toBe(400);
    expect(JSON.parse((await get('/debug/heapprofile?seconds=0.05')).body).head).toBeDefined();
  });

  test('is not for web pages, nor for names that lead here by other people’s DNS', async () => {
    expect((await get('/debug/state', { host: 'evil.example.com' })).status).toBe(403);
    expect((await get('/debug/state', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await get('/debug/state', { host: 'localhost:1' })).status).toBe(200);
  });
});

test('it listens on loopback addresses only', async () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) requireLoopback({ host, port: 6060 });
  expect(() => requireLoopback({ host: '::', port: 6060 })).toThrow('loopback addresses only');
  const exposed = operator({}).manager({ client: api.client, debugBindAddress: ':6060' });
  await expect(exposed.run()).rejects.toThrow('not on [::]:6060: whoever reaches it can read every secret');
});
