import { type Clock, sleep } from '@setpoint/apimachinery/clock';

/** Milliseconds after which what does not answer has failed; probes of the kubelet wait a second by default. */
const patience = 5000;

/**
 * What an action answers, within its time. The signal that it gets aborts when nobody waits for it any more.
 *
 * @param gone aborts when whoever asked is gone
 * @throws Error where there is no answer in time; what the action throws
 */
export async function withinTime<T>(
  clock: Clock,
  gone: AbortSignal | undefined,
  action: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const ending = gone ? AbortSignal.any([gone, over.signal]) : over.signal;
  const late = sleep(clock, patience, { signal: ending, background: true }).then(
    () => {
      throw new Error(`no answer within ${patience / 1000} s`);
    },
    () => {
      if (gone?.aborted) throw new Error('no answer before whoever asked had gone');
    },
  );
  // It loses the race as a rule.
  late.catch(() => undefined);
  try {
    const answer = action(ending);
    return await (answer instanceof Promise ? Promise.race([answer, late.then(() => answer)]) : answer);
  } finally {
    over.abort();
  }
}
