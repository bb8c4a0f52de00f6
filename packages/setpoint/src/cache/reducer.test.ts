import { describe, expect, test } from 'vitest';
import type { Failure } from './failure.ts';
import { initialWatchState, step } from './reducer.ts';
import type { WatchInput, WatchState, WatchStep } from './reducer-types.ts';

function object(name: string, resourceVersion: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, resourceVersion } };
}

function bookmark(resourceVersion: string, end = false): WatchInput {
  const annotations = end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const marker = { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion, ...annotations } };
  return { type: 'news', news: { type: 'BOOKMARK', object: marker } };
}

function news(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, revision: string): WatchInput {
  return { type: 'news', news: { type, object: object(name, revision) } };
}

function failed(reason: Failure['reason'], retryAfter?: number): WatchInput {
  return { type: 'failed', failure: { reason, message: reason, retryAfter } };
}

/** Feeds inputs, each at its time, and answers with the last step. */
function after(...inputs: readonly (readonly [number, WatchInput])[]): WatchStep {
  return run(initialWatchState, inputs);
}

function run(state: WatchState, inputs: readonly (readonly [number, WatchInput])[]): WatchStep {
  let last: WatchStep = { state, outputs: [], effect: { type: 'continue' } };
  for (const [at, input] of inputs) last = step(last.state, input, at);
  return last;
}

const start: WatchInput = { type: 'start' };
const page = (revision: string, last = true): WatchInput => ({ type: 'page', revision, last });
const onWatch: readonly (readonly [number, WatchInput])[] = [
  [0, start],
  [0, bookmark('10', true)],
];

describe('the first list', () => {
  test('is streamed: it ends with the closing bookmark, and the same stream goes on as the watch', () => {
    const first = after([0, start]);
    expect(first.effect).toEqual({ type: 'list', method: 'stream' });
    expect(first.outputs).toEqual([{ type: 'begin' }]);
    const staged = step(first.state, news('ADDED', 'a', '5'), 1);
    expect(staged.outputs).toEqual([{ type: 'stage', object: object('a', '5'), ownFields: undefined }]);
    const done = step(staged.state, bookmark('10', true), 2);
    expect(done.outputs).toEqual([{ type: 'swap', revision: '10' }]);
    expect(done.effect).toEqual({ type: 'continue' });
    expect(done.state).toMatchObject({ phase: 'watching', revision: '10' });
  });

  test('takes in changes that happen while it is streamed', () => {
    const { state } = after([0, start], [0, news('ADDED', 'a', '5')]);
    expect(step(state, news('MODIFIED', 'a', '6'), 1).outputs).toMatchObject([{ type: 'stage' }]);
    expect(step(state, news('DELETED', 'a', '7'), 1).outputs).toMatchObject([{ type: 'unstage' }]);
    expect(step(state, bookmark('7'), 1).outputs).toEqual([]);
  });

  test('is read in pages where the server refuses to stream it, then and ever after', () => {
    const refused = after([0, start], [0, failed('unsupported')]);
    expect(refused.effect).toEqual({ type: 'list', method: 'pages' });
    expect(refused.outputs).toEqual([{ type: 'begin' }]);
    const partly = step(refused.state, page('10', false), 1);
    expect(partly.outputs).toEqual([]);
    const done = step(partly.state, page('10'), 2);
    expect(done.outputs).toEqual([{ type: 'swap', revision: '10' }]);
    expect(done.effect).toEqual({ type: 'watch', revision: '10', hurry: false });
    expect(step(done.state, failed('expired'), 10_000).effect).toEqual({ type: 'list', method: 'pages' });
  });

  test('begins anew once a continue token has expired under way, and is read in one piece when that happens again', () => {
    const begun = after([0, start], [0, failed('unsupported')], [1, page('10', false)], [2, failed('expired')]);
    expect(begun.effect).toEqual({ type: 'list', method: 'pages' });
    expect(begun.outputs).toEqual([{ type: 'begin' }]);
    const again = step(step(begun.state, page('11', false), 3).state, failed('expired'), 4);
    expect(again.effect).toEqual({ type: 'list', method: 'whole' });
    expect(step(again.state, failed('expired'), 3).effect).toMatchObject({ type: 'wait' });
  });

  test('is read in pages after a stream that ended or fell silent before its closing bookmark', () => {
    for (const input of [{ type: 'ended', early: true }, failed('idle')] as const) {
      const waiting = after([0, start], [0, news('ADDED', 'a', '5')], [1, input]);
      expect(waiting.effect).toMatchObject({ type: 'wait' });
      expect(step(waiting.state, { type: 'woke' }, 2).effect).toEqual({ type: 'list', method: 'pages' });
    }
  });
});

describe('while watching', () => {
  test('the revision follows events and bookmarks', () => {
    const { state } = run(initialWatchState, [...onWatch, [1, news('ADDED', 'a', '11')], [2, bookmark('20')]]);
    expect(state).toMatchObject({ phase: 'watching', revision: '20' });
    expect(step(state, news('DELETED', 'a', '21'), 3)).toMatchObject({
      state: { revision: '21' },
      outputs: [{ type: 'remove' }],
    });
  });

  test('an object that cannot be read is reported and changes nothing else', () => {
    const { state } = run(initialWatchState, onWatch);
    const unreadable: WatchInput = {
      type: 'news',
      news: { type: 'UNREADABLE', key: 'ns/a', reason: 'bad', cause: undefined },
    };
    expect(step(state, unreadable, 1)).toEqual({
      state,
      outputs: [{ type: 'unreadable', key: 'ns/a', reason: 'bad' }],
      effect: { type: 'continue' },
    });
  });

  test('an event without a revision does not lose the place', () => {
    const odd = { type: 'news', news: { type: 'MODIFIED', object: { metadata: null } } } as const;
    expect(run(initialWatchState, [...onWatch, [1, odd]]).state).toMatchObject({ revision: '10' });
  });

  test('a stream that the server ends in time is taken up again from the last revision, at once', () => {
    const next = run(initialWatchState, [...onWatch, [1, bookmark('20')], [300_000, { type: 'ended', early: false }]]);
    expect(next.effect).toEqual({ type: 'watch', revision: '20', hurry: false });
    expect(next.outputs).toEqual([]);
  });

  test('a stream that ends too early makes it ask whether the server is still the same', () => {
    const next = run(initialWatchState, [...onWatch, [60_000, { type: 'ended', early: true }]]);
    expect(next.effect).toEqual({ type: 'verify' });
  });

  test('a stream that ends as soon as it begins is not repeated without a pause', () => {
    const next = run(initialWatchState, [...onWatch, [10, { type: 'ended', early: true }]]);
    expect(next.effect).toMatchObject({ type: 'wait', milliseconds: 800 });
  });

  test('410 reads the list again at once, beside what readers see', () => {
    const next = run(initialWatchState, [...onWatch, [60_000, failed('expired')]]);
    expect(next.effect).toEqual({ type: 'list', method: 'stream' });
    expect(next.outputs).toEqual([{ type: 'begin' }]);
  });

  test('410 right after a list is not repeated without a pause', () => {
    expect(run(initialWatchState, [...onWatch, [10, failed('expired')]]).effect).toMatchObject({ type: 'wait' });
  });

  test('150 s of silence make it ask for the revision, then watch again from the last one', () => {
    const silent = run(initialWatchState, [...onWatch, [150_000, failed('idle')]]);
    expect(silent.effect).toEqual({ type: 'verify' });
    const again = step(silent.state, { type: 'verified', revision: '10', otherCluster: false }, 150_001);
    expect(again.effect).toEqual({ type: 'watch', revision: '10', hurry: false });
  });

  test('after three silent watches the list is read again', () => {
    const verified: WatchInput = { type: 'verified', revision: '10', otherCluster: false };
    const inputs = [
      ...onWatch,
      [150_000, failed('idle')],
      [150_000, verified],
      [300_000, failed('idle')],
      [300_000, verified],
    ] as const;
    const third = run(initialWatchState, [...inputs, [450_000, failed('idle')]]);
    expect(third.effect).toEqual({ type: 'list', method: 'stream' });
    const withLife = run(initialWatchState, [...inputs, [300_001, bookmark('11')], [450_000, failed('idle')]]);
    expect(withLife.effect).toEqual({ type: 'verify' });
  });

  test('somebody who waits for a revision gets a short watch, unless it has been reached', () => {
    const { state } = run(initialWatchState, onWatch);
    expect(step(state, { type: 'hurry', revision: '12' }, 1).effect).toEqual({
      type: 'watch',
      revision: '10',
      hurry: true,
    });
    expect(step(state, { type: 'hurry', revision: '10' }, 1).effect).toEqual({ type: 'continue' });
    expect(step(after([0, start]).state, { type: 'hurry', revision: '12' }, 1).effect).toEqual({ type: 'continue' });
  });
});

describe('a server that is not what it was', () => {
  const verifying = run(initialWatchState, [...onWatch, [60_000, { type: 'ended', early: true }]]);

  test('an older revision than ours means that it went back in time: list again', () => {
    const next = step(verifying.state, { type: 'verified', revision: '9', otherCluster: false }, 60_001);
    expect(next.effect).toEqual({ type: 'list', method: 'stream' });
  });

  test('revisions are compared as numbers, of any length', () => {
    const { state } = run(initialWatchState, [
      [0, start],
      [0, bookmark('99999999999999999999', true)],
      [60_000, { type: 'ended', early: true }],
    ]);
    const next = step(state, { type: 'verified', revision: '100000000000000000000', otherCluster: false }, 60_001);
    expect(next.effect).toMatchObject({ type: 'watch' });
  });

  test('another cluster is listed, even at a higher revision', () => {
    const next = step(verifying.state, { type: 'verified', revision: '99', otherCluster: true }, 60_001);
    expect(next.effect).toEqual({ type: 'list', method: 'stream' });
  });

  test('revisions that are not numbers are not compared', () => {
    const next = step(verifying.state, { type: 'verified', revision: 'x', otherCluster: false }, 60_001);
    expect(next.effect).toMatchObject({ type: 'watch' });
  });
});

describe('failures', () => {
  test('are repeated after 800 ms, doubling up to 30 s, for ever', () => {
    let state = after([0, start]).state;
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      const waiting = step(state, failed('forbidden'), 0);
      expect(waiting.outputs).toMatchObject([{ type: 'trouble', failure: { reason: 'forbidden' } }]);
      if (waiting.effect.type === 'wait') delays.push(waiting.effect.milliseconds);
      state = step(waiting.state, { type: 'woke' }, 0).state;
      expect(state.phase).toBe('listing');
    }
    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  test('are forgotten after 120 s of a healthy watch, not before', () => {
    const broken = (lived: number) =>
      run({ ...initialWatchState, failures: 4 }, [...onWatch, [lived, failed('unreachable')]]).effect;
    expect(broken(119_999)).toMatchObject({ type: 'wait', milliseconds: 12_800 });
    expect(broken(120_000)).toMatchObject({ type: 'wait', milliseconds: 800 });
  });

  test('wait at least as long as the server asked for', () => {
    expect(after([0, start], [0, failed('throttled', 7000)]).effect).toEqual({
      type: 'wait',
      milliseconds: 800,
      atLeast: 7000,
    });
  });

  test('of a watch are followed by the question where the server stands, then by a watch from the last revision', () => {
    const waiting = run(initialWatchState, [...onWatch, [60_000, failed('unreachable')]]);
    const woken = step(waiting.state, { type: 'woke' }, 61_000);
    expect(woken.effect).toEqual({ type: 'verify' });
    expect(step(woken.state, failed('unreachable'), 61_001).effect).toMatchObject({ type: 'wait', milliseconds: 1600 });
  });

  test('end with a sign of life: a complete list, or anything on the watch', () => {
    const waiting = after([0, start], [0, failed('forbidden')], [1, { type: 'woke' }]);
    expect(step(waiting.state, bookmark('10', true), 2).outputs).toEqual([
      { type: 'swap', revision: '10' },
      { type: 'recovered' },
    ]);
    const verified: WatchInput = { type: 'verified', revision: '10', otherCluster: false };
    const watching = run(initialWatchState, [
      ...onWatch,
      [1, failed('unreachable')],
      [2, { type: 'woke' }],
      [3, verified],
    ]);
    const alive = step(watching.state, bookmark('11'), 4);
    expect(alive.outputs).toEqual([{ type: 'recovered' }, { type: 'bookmark', revision: '11' }]);
    expect(step(alive.state, bookmark('12'), 5).outputs).toEqual([{ type: 'bookmark', revision: '12' }]);
  });
});

test('inputs that crossed with an effect change nothing', () => {
  const states = [initialWatchState, after([0, start]).state, run(initialWatchState, onWatch).state];
  states.push(run(initialWatchState, [...onWatch, [10, failed('unreachable')]]).state);
  for (const state of states) {
    for (const input of [start, page('1'), { type: 'woke' }, { type: 'hurry', revision: '99' }] as WatchInput[]) {
      const expected =
        (state.phase === 'idle' && input.type === 'start') ||
        (state.phase === 'listing' && input.type === 'page') ||
        (state.phase === 'watching' && input.type === 'hurry') ||
        (state.phase === 'waiting' && input.type === 'woke');
      if (!expected) expect(step(state, input, 1)).toEqual({ state, outputs: [], effect: { type: 'continue' } });
    }
  }
});
