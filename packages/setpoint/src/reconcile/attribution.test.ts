import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { Attribution, describeWork, detailsOf, type Work } from './attribution.ts';

const pass: Work = { type: 'reconcile', of: 'foo', object: 'default/a', reconcileID: 'r' };
const other: Work = { type: 'enqueue', of: 'bar', object: 'Pod default/b' };

test('code is attributed through awaits, timers and callbacks, each work by itself', async () => {
  const attribution = new Attribution(new FakeClock());
  const seen: (Work | undefined)[] = [];
  await Promise.all([
    attribution.run(pass, async () => {
      await turn();
      seen[0] = attribution.current;
      await new Promise<void>((resolve) =>
        setTimeout(() => {
          seen[1] = attribution.current;
          resolve();
        }),
      );
    }),
    attribution.run(other, async () => {
      await turn();
      seen[2] = attribution.current;
    }),
  ]);
  expect(seen).toEqual([pass, pass, other]);
  expect(attribution.current).toBeUndefined();
});

test('two of them know nothing of each other', () => {
  const [first, second] = [new Attribution(new FakeClock()), new Attribution(new FakeClock())];
  first.run(pass, () => expect([first.current, second.current]).toEqual([pass, undefined]));
});

test('it is known who held the thread longest, since it was last asked', async () => {
  const clock = new FakeClock();
  const attribution = new Attribution(clock);
  await Promise.all([attribution.run(pass, () => undefined)]);
  attribution.entered(pass);
  await clock.advance(30);
  attribution.entered(other);
  await clock.advance(200);
  attribution.left();
  await clock.advance(5000);
  expect(attribution.longest()).toEqual({ work: other, milliseconds: 200 });
  expect(attribution.longest()).toBeUndefined();
});

test('what throws is left, too', () => {
  const attribution = new Attribution(new FakeClock());
  const broken = () =>
    attribution.run(pass, () => {
      throw new Error('broken');
    });
  expect(broken).toThrow('broken');
  expect(attribution.current).toBeUndefined();
});

test('works are told in words and as members of a log line', () => {
  expect(describeWork(pass)).toBe('the pass of controller foo over default/a');
  expect(describeWork({ type: 'webhook', of: '/validate-x', object: undefined })).toBe('the webhook /validate-x');
  expect(detailsOf(pass)).toEqual({ controller: 'foo', object: 'default/a', reconcileID: 'r' });
  expect(detailsOf({ ...other, type: 'webhook' })).toEqual({ webhook: 'bar', object: 'Pod default/b' });
});
