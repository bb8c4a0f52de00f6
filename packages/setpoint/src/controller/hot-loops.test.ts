import { describe, expect, test } from 'vitest';
import { HotLoops, type LoopSample } from './hot-loops.ts';

const write = (value: unknown, what = 'patch ConfigMap default/x') => ({
  what,
  body: { metadata: { resourceVersion: String(Math.random()) }, data: { value } },
});

const sample = (more: Partial<LoopSample> = {}): LoopSample => ({
  uid: 'u',
  generation: 1,
  writes: [],
  requeueAfter: undefined,
  ...more,
});

/** Tells passes `gap` apart, and answers after how many the first was held back. */
function passesUntilHeld(make: (pass: number) => LoopSample, gap: number, most = 300): number | undefined {
  const loops = new HotLoops();
  for (let pass = 1; pass <= most; pass++) {
    if (loops.observe('a', make(pass), pass * gap)) return pass;
  }
  return undefined;
}

const same = () => sample({ writes: [write('same')] });

describe('a loop is', () => {
  test.each<[string, number, (pass: number) => LoopSample, number]>([
    ['the same write in quick succession, whatever revision it was written for', 20, same, 5],
    [
      'the same write, though each pass asks to be run again much later',
      20,
      () => ({ ...same(), requeueAfter: 30_000 }),
      5,
    ],
    [
      'the same write every other pass: own writes lead to passes in between',
      40,
      (pass) => (pass % 2 ? sample() : same()),
      5,
    ],
    ['doing nothing and asking to be run again at once', 50, () => sample({ requeueAfter: 1 }), 2],
  ])('%s', (_, passes, make, gap) => {
    expect(passesUntilHeld(make, gap)).toBe(passes);
  });
});

describe('no loop is', () => {
  test.each<[string, (pass: number) => LoopSample, number]>([
    ['an interval, however small, without writes', () => sample({ requeueAfter: 100 }), 100],
    ['an interval with the same write', () => ({ ...same(), requeueAfter: 100 }), 101],
    ['the same write every two seconds', same, 2000],
    ['passes that changes elsewhere led to', () => sample(), 1],
    ['an interval after forty times at once', (pass) => sample({ requeueAfter: pass % 40 ? 1 : 100 }), 1],
    ['different contents each time', (pass) => sample({ writes: [write(pass)] }), 1],
    ['different objects each time', (pass) => sample({ writes: [write('x', `patch Pod default/${pass}`)] }), 1],
    ['an object whose generation changes', (pass) => ({ ...same(), generation: pass }), 1],
    ['a new object of the same name each time', (pass) => ({ ...same(), uid: `u${pass}` }), 1],
    ['nineteen the same, and then another', (pass) => (pass % 20 ? same() : sample({ writes: [write('other')] })), 1],
  ])('%s', (_, make, gap) => {
    expect(passesUntilHeld(make, gap)).toBeUndefined();
  });
});

test('a loop is held back longer each time up to a minute, said once, and over when it pauses', () => {
  const loops = new HotLoops();
  let now = 0;
  const after = (gap: number) => {
    now += gap;
    return loops.observe('a', same(), now);
  };
  for (let pass = 1; pass < 20; pass++) expect(after(5)).toBeUndefined();
  const holds: number[] = [];
  for (let i = 0; i < 9; i++) {
    const loop = after(holds.at(-1) ?? 5);
    holds.push(loop?.hold as number);
    expect(loop?.begins).toBe(i === 0);
    if (i === 0) {
      expect(loop?.description).toBe(
        '20 passes within 0.1 s wrote the same (patch ConfigMap default/x) though the object is the same',
      );
    }
  }
  expect(holds).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(after(61_001)).toBeUndefined();
});

test('no more than a thousand keys are remembered', () => {
  const loops = new HotLoops();
  for (let i = 0; i < 5000; i++) loops.observe(`key-${i}`, same(), i);
  expect(loops.size).toBe(1000);
  loops.observe('quiet', sample(), 6000);
  expect(loops.size).toBe(1000);
});
