import { FakeClock } from '@setpoint/apimachinery/clock';
import { type BackoffPolicy, KeyedQueue, type QueueObserver, type RateLimit } from '../../src/queue/index.ts';

/** A queue of texts, and the clock that it goes by. */
export function makeQueue(
  options: {
    observer?: QueueObserver;
    backoff?: BackoffPolicy;
    rateLimit?: RateLimit;
    accepts?: (id: string) => boolean;
  } = {},
) {
  const clock = new FakeClock();
  const queue = new KeyedQueue<string>({ clock, id: (item) => item, ...options });
  /** Takes all that is ready, in order, leaving it taken. */
  const drain = async () => {
    const items: string[] = [];
    while (queue.length > 0) {
      const taken = await queue.take();
      if (taken) items.push(taken.item);
    }
    return items;
  };
  return { clock, queue, drain };
}
