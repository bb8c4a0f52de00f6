import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import type { Client } from '../client/index.ts';
import { clusterIdentity } from './identity.ts';
import { apiError } from './testing/fake-api.ts';

function asking(answer: () => string) {
  const clock = new FakeClock();
  let asked = 0;
  const get = async () => {
    asked++;
    return { metadata: { name: 'kube-system', uid: answer() } };
  };
  const identity = clusterIdentity({ get } as unknown as Pick<Client, 'get'>, clock);
  return { clock, ask: () => identity(new AbortController().signal), count: () => asked };
}

test('stores that ask together share one answer; later ones get a new one', async () => {
  const { clock, ask, count } = asking(() => 'uid');
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['uid', 'uid', 'uid']);
  expect(count()).toBe(1);
  await clock.advance(2000);
  await ask();
  expect(count()).toBe(2);
});

test('a user who may not read kube-system is not asked about again', async () => {
  const { clock, ask, count } = asking(() => {
    throw apiError(403, 'Forbidden', 'no', 'get');
  });
  expect(await ask()).toBeUndefined();
  await clock.advance(60_000);
  expect(await ask()).toBeUndefined();
  expect(count()).toBe(1);
});

test('a server that does not answer is asked again', async () => {
  let up = false;
  const { clock, ask } = asking(() => {
    if (!up) throw new Error('connection refused');
    return 'uid';
  });
  expect(await ask()).toBeUndefined();
  up = true;
  await clock.advance(2000);
  expect(await ask()).toBe('uid');
});
