import type { Clock } from '@setpoint/apimachinery/clock';
import type { QueuedKey } from '../../queue/index.ts';
import type { Answer, HttpAnswer } from '../http.ts';
import { isOwnRequest } from './loopback.ts';
import { cpuProfile, heapProfile, heapSnapshot } from './profiles.ts';

/** What of a manager can be looked at. */
export interface DebugSubject {
  readonly clock: Clock;
  /** Names of the controllers. */
  readonly controllers: readonly string[];
  readonly queued: (controller: string, limit: number) => readonly QueuedKey<unknown>[];
  /** What keeps each store, and how it is. */
  readonly caches: () => object;
  /** Who works on which shards; undefined where no controller is shared. */
  readonly shards: () => object | undefined;
  /** What the manager is doing. */
  readonly state: () => object;
}

const pages = `What this operator can be asked; everything but the profiles is JSON.

/debug/cpuprofile?seconds=30    where time goes; for Chrome's developer tools (.cpuprofile)
/debug/heapprofile?seconds=30   where memory is allocated (.heapprofile)
/debug/heapsnapshot             all of memory (.heapsnapshot); everything stands still meanwhile
/debug/queue                    keys that run, are ready or wait, by controller
/debug/queue/NAME?limit=100     of one controller
/debug/caches                   stores, what they hold, and what troubles them
/debug/shards                   who works on which shards, where replicas share controllers
/debug/state                    what the manager is doing
`;

const mostSeconds = 300;
const usualLimit = 100;

/** Answers under /debug, to whoever is on this machine. One profile at a time. */
export function debugAnswer(subject: DebugSubject): Answer {
  let recording = false;
  const record = async (url: URL, name: string, take: (seconds: number) => Promise<HttpAnswer['body']>) => {
    const seconds = Number(url.searchParams.get('seconds') ?? '30');
    if (!(seconds > 0 && seconds <= mostSeconds)) return text(400, `seconds is a number up to ${mostSeconds}\n`);
    if (recording) return text(409, 'another profile is being taken\n');
    recording = true;
    try {
      return attachment(name, await take(seconds));
    } finally {
      recording = false;
    }
  };
  return async (url, signal, { headers }) => {
    if (!isOwnRequest(headers)) return text(403, 'only for requests of this machine to its own address\n');
    const { clock } = subject;
    switch (url.pathname) {
      case '/debug':
      case '/debug/':
        return text(200, pages);
      case '/debug/cpuprofile':
        return record(url, 'operator.cpuprofile', (seconds) => cpuProfile(seconds, clock, signal));
      case '/debug/heapprofile':
        return record(url, 'operator.heapprofile', (seconds) => heapProfile(seconds, clock, signal));
      case '/debug/heapsnapshot':
        return record(url, 'operator.heapsnapshot', () => heapSnapshot());
      case '/debug/caches':
        return json(subject.caches());
      case '/debug/shards':
        return json(subject.shards() ?? { shards: null });
      case '/debug/state':
        return json(subject.state());
      default:
        return queues(subject, url);
    }
  };
}

function queues({ controllers, queued }: DebugSubject, url: URL): HttpAnswer | undefined {
  const match = /^\/debug\/queue(?:\/([^/]+))?$/.exec(url.pathname);
  if (!match) return undefined;
  const only = match[1];
  if (only !== undefined && !controllers.includes(only)) {
    return text(404, `there is no controller ${only}; there are ${controllers.join(', ')}\n`);
  }
  const limit = Math.max(1, Number(url.searchParams.get('limit') ?? usualLimit) || usualLimit);
  const asked = only === undefined ? controllers : [only];
  return json(Object.fromEntries(asked.map((name) => [name, queued(name, limit)])));
}

function text(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function json(value: object): HttpAnswer {
  return { status: 200, contentType: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` };
}

function attachment(name: string, body: HttpAnswer['body']): HttpAnswer {
  const headers = { 'content-disposition': `attachment; filename="${name}"` };
  return { status: 200, contentType: 'application/json', headers, body };
}
