import { type Clock, sleep } from '@setpoint/apimachinery/clock';
import { type Log, messageOf } from '../reconcile/index.ts';
import type { Source } from './types.ts';

const firstRestart = 1000;
const longestRestart = 60_000;

/**
 * Runs a source until the signal aborts, and again when it ends or throws (by its `onEnd`). The delay between starts
 * begins anew once a source has yielded something.
 *
 * @throws Error when a source with `onEnd: 'fail'` ends
 */
export async function runSource(
  source: Source,
  options: {
    readonly signal: AbortSignal;
    readonly clock: Clock;
    readonly log: Log;
    readonly each: (item: unknown) => void;
  },
): Promise<void> {
  const { signal, clock, each } = options;
  const log = options.log.child({ source: source.name });
  for (let delay = firstRestart; !signal.aborted; delay = Math.min(delay * 2, longestRestart)) {
    try {
      for await (const item of source.run(signal, clock)) {
        if (signal.aborted) return;
        delay = firstRestart / 2;
        each(item);
      }
      if (signal.aborted || source.onEnd === 'stop') return;
      if (source.onEnd === 'fail') throw new SourceEnded(`source ${source.name} has ended`);
      log.info('the source has ended: it is started again');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof SourceEnded) throw error;
      log.error({ error: messageOf(error) }, 'the source threw: it is started again');
    }
    await sleep(clock, Math.max(delay, firstRestart), { signal }).catch(() => undefined);
  }
}

class SourceEnded extends Error {
  override readonly name = 'SourceEnded';
}
