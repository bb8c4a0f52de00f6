import { testEnvironment } from '@setpoint/testing';
import { controller, type Operator, operator } from 'setpoint';
import { expect, test } from 'vitest';
import { Foo } from '../../operators/foo/src/api/v1/foo.ts';
import fooOperator from '../../operators/foo/src/operator.ts';
import { play } from './play.ts';
import { walkThrough } from './walk-through.ts';

async function played(what: Operator, options: { patience: number; signal?: AbortSignal } = { patience: 5000 }) {
  await using env = await testEnvironment({ kinds: [Foo], clock: 'system' });
  await env.start(what);
  const out: string[] = [];
  const err: string[] = [];
  const ok = await play(env.client, walkThrough, {
    signal: new AbortController().signal,
    ...options,
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { ok, out, err };
}

test('the walk-through passes with the operator of this repository', async () => {
  const { ok, out, err } = await played(fooOperator);
  expect(err).toEqual([]);
  expect(out).toHaveLength(4);
  expect(ok).toBe(true);
});

test('an operator that does nothing fails the first step, which says what was seen', async () => {
  const idle = operator({ controllers: [controller(Foo, { reconcile: () => {} })] });
  const { ok, out, err } = await played(idle, { patience: 100 });
  expect(ok).toBe(false);
  expect(out).toEqual([]);
  expect(err).toEqual([
    `step 1 of 4 failed: ${walkThrough[0]?.title}
  expected: foo-1 not happy, foo-2 not happy
  seen:     foo-1 without a status, foo-2 without a status (after 0.1 s)`,
  ]);
});

test('an operator that looks at the wrong thing fails the step where it shows', async () => {
  const grumpy = operator({
    controllers: [
      controller(Foo, {
        async reconcile(_, { status }) {
          await status.patch({ happy: false });
        },
      }),
    ],
  });
  const { ok, out, err } = await played(grumpy, { patience: 200 });
  expect(ok).toBe(false);
  expect(out).toHaveLength(1);
  expect(err[0]).toContain('step 2 of 4 failed');
  expect(err[0]).toContain('expected: foo-1 happy, foo-2 not happy');
  expect(err[0]).toContain('seen:     foo-1 not happy, foo-2 not happy');
});

test('a step that the API server refuses fails with what it says', async () => {
  await using env = await testEnvironment();
  const err: string[] = [];
  const options = { patience: 100, signal: new AbortController().signal, out: () => {} };
  const ok = await play(env.client, walkThrough, { ...options, err: (line) => void err.push(line) });
  expect(ok).toBe(false);
  expect(err[0]).toContain('step 1 of 4 failed');
  expect(err[0]).toContain('cannot create Foo.tutorial.my.domain default/foo-1');
});

test('an interruption is no failure of a step', async () => {
  const idle = operator({ controllers: [controller(Foo, { reconcile: () => {} })] });
  const signal = AbortSignal.timeout(50);
  await expect(played(idle, { patience: 60_000, signal })).rejects.toThrow('timeout');
});
