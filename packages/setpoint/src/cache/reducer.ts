import type { Failure } from './failure.ts';
import type {
  AfterWaiting,
  ListMethod,
  WatchEffect,
  WatchInput,
  WatchNews,
  WatchOutput,
  WatchState,
  WatchStep,
} from './reducer-types.ts';
import { compareRevisions, isRevision } from './revision.ts';

const firstDelay = 800;
const longestDelay = 30_000;
/** A definition that is installed should not be waited for longer than that. */
const longestWhileMissing = 5000;
/** A watch that lived so long makes earlier failures history. */
const healthyAfter = 120_000;
/** What ends sooner is not repeated without a pause. */
const suspiciouslyShort = 1000;
/** After so many barren watches the list is read again: the server may stand where our revision means nothing. */
const barrenLimit = 3;

export const initialWatchState: WatchState = {
  phase: 'idle',
  streams: true,
  failures: 0,
  barren: 0,
  troubled: false,
};

const goOn: WatchEffect = { type: 'continue' };

/**
 * One step of the list and watch protocol; pure. `at` is monotonic time in milliseconds.
 *
 * Guarantees: readers see a complete consistent list or the one before it; every change after that list is applied
 * in order, or the list is read again; no failure is final and none is repeated without a pause.
 * An input that the phase does not expect (it crossed with an effect) changes nothing.
 */
export function step(state: WatchState, input: WatchInput, at: number): WatchStep {
  switch (state.phase) {
    case 'idle':
      return input.type === 'start' ? list(state, 'stream') : stay(state);
    case 'listing':
      return listing(state, input, at);
    case 'watching':
      return watching(state, input, at);
    case 'verifying':
      return verifying(state, input, at);
    case 'waiting':
      if (input.type !== 'woke') return stay(state);
      return 'list' in state.next ? list(state, state.next.list) : verify(state, state.next.verify);
    default:
      return state satisfies never;
  }
}

function listing(state: WatchState & { phase: 'listing' }, input: WatchInput, at: number): WatchStep {
  switch (input.type) {
    case 'page':
      if (!input.last) return stay(state);
      return complete(state, input.revision, at, { type: 'watch', revision: input.revision, hurry: false });
    case 'news':
      return streamed(state, input.news, at);
    case 'ended':
      return pause(state, cutShort, { list: 'pages' });
    case 'failed':
      return listFailed(state, input.failure);
    default:
      return stay(state);
  }
}

const cutShort: Failure = { reason: 'unreachable', message: 'the server ended a list before it was complete' };

/** Up to the closing bookmark all is part of the list, changes that happen meanwhile included. */
function streamed(state: WatchState & { phase: 'listing' }, news: WatchNews, at: number): WatchStep {
  switch (news.type) {
    case 'ADDED':
    case 'MODIFIED':
      return stay(state, { type: 'stage', object: news.object, ownFields: news.ownFields });
    case 'DELETED':
      return stay(state, { type: 'unstage', object: news.object });
    case 'UNREADABLE':
      return stay(state, { type: 'unreadable', key: news.key, reason: news.reason });
    case 'BOOKMARK': {
      const { annotations, resourceVersion = '' } = news.object.metadata;
      if (annotations?.['k8s.io/initial-events-end'] !== 'true') return stay(state);
      return complete(state, resourceVersion, at, goOn);
    }
    default:
      return news satisfies never;
  }
}

function listFailed(state: WatchState & { phase: 'listing' }, failure: Failure): WatchStep {
  switch (failure.reason) {
    case 'unsupported':
      return list({ ...state, streams: false }, 'pages');
    case 'expired':
      // A compaction in the middle of a list is met once; one that comes faster than the pages, each time.
      if (state.method === 'pages') return state.again ? list(state, 'whole') : list(state, 'pages', true);
      return pause(state, failure, { list: 'whole' });
    case 'idle':
      // Perhaps a server that takes the request for an ordinary watch and never marks the end of the list.
      return pause(state, failure, { list: 'pages' });
    default:
      return pause(state, failure, { list: 'stream' });
  }
}

function watching(state: WatchState & { phase: 'watching' }, input: WatchInput, at: number): WatchStep {
  switch (input.type) {
    case 'news':
      return followed(state, input.news);
    case 'ended':
      if (!input.early) return watch(state, state.revision, at);
      return at - state.since < suspiciouslyShort
        ? pause(state, endedAtOnce, { verify: state.revision })
        : verify(state, state.revision);
    case 'failed':
      return watchFailed(state, input.failure, at);
    case 'hurry':
      return isRevision(state.revision) && compareRevisions(state.revision, input.revision) < 0
        ? watch(state, state.revision, at, true)
        : stay(state);
    default:
      return stay(state);
  }
}

const endedAtOnce: Failure = { reason: 'unreachable', message: 'the server ended a watch as soon as it began' };

function followed(state: WatchState & { phase: 'watching' }, news: WatchNews): WatchStep {
  if (news.type === 'UNREADABLE') return stay(state, { type: 'unreadable', key: news.key, reason: news.reason });
  const revision = revisionOf(news.object) ?? state.revision;
  const output = outputOf(news, revision);
  return {
    state: { ...state, revision, barren: 0, troubled: false },
    outputs: state.troubled ? [{ type: 'recovered' }, output] : [output],
    effect: goOn,
  };
}

function outputOf(news: Exclude<WatchNews, { type: 'UNREADABLE' }>, revision: string): WatchOutput {
  switch (news.type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'apply', object: news.object, ownFields: news.ownFields };
    case 'DELETED':
      return { type: 'remove', object: news.object };
    case 'BOOKMARK':
      return { type: 'bookmark', revision };
    default:
      return news satisfies never;
  }
}

function watchFailed(state: WatchState & { phase: 'watching' }, failure: Failure, at: number): WatchStep {
  const lived = at - state.since;
  const known = lived >= healthyAfter ? { ...state, failures: 0 } : state;
  switch (failure.reason) {
    case 'expired':
      // A history shorter than a list takes to read would make this a tight loop.
      return lived < suspiciouslyShort ? pause(known, failure, { list: 'stream' }) : list(known, 'stream');
    case 'idle':
      return barren(known, (next) => verify(next, state.revision));
    case 'refused':
      return barren(known, (next) => pause(next, failure, { verify: state.revision }));
    default:
      return pause(known, failure, { verify: state.revision });
  }
}

function barren(state: WatchState, otherwise: (next: WatchState) => WatchStep): WatchStep {
  const count = state.barren + 1;
  return count >= barrenLimit ? list({ ...state, barren: 0 }, 'stream') : otherwise({ ...state, barren: count });
}

function verifying(state: WatchState & { phase: 'verifying' }, input: WatchInput, at: number): WatchStep {
  switch (input.type) {
    case 'verified': {
      const { revision, otherCluster } = input;
      const comparable = isRevision(revision) && isRevision(state.revision);
      const wentBack = comparable && compareRevisions(revision, state.revision) < 0;
      return otherCluster || wentBack ? list(state, 'stream') : watch(state, state.revision, at);
    }
    case 'failed':
      return input.failure.reason === 'expired'
        ? list(state, 'stream')
        : pause(state, input.failure, { verify: state.revision });
    default:
      return stay(state);
  }
}

function stay(state: WatchState, ...outputs: readonly WatchOutput[]): WatchStep {
  return { state, outputs, effect: goOn };
}

/** The parts of a state that outlive its phase. */
function memory({ streams, failures, barren, troubled }: WatchState) {
  return { streams, failures, barren, troubled };
}

function list(state: WatchState, wanted: ListMethod, again = false): WatchStep {
  const method = wanted === 'stream' && !state.streams ? 'pages' : wanted;
  return {
    state: { ...memory(state), phase: 'listing', method, again },
    outputs: [{ type: 'begin' }],
    effect: { type: 'list', method },
  };
}

function complete(state: WatchState, revision: string, at: number, effect: WatchEffect): WatchStep {
  const swap: WatchOutput = { type: 'swap', revision };
  return {
    state: { ...memory(state), troubled: false, phase: 'watching', revision, since: at },
    outputs: state.troubled ? [swap, { type: 'recovered' }] : [swap],
    effect,
  };
}

function watch(state: WatchState, revision: string, at: number, hurry = false): WatchStep {
  return {
    state: { ...memory(state), phase: 'watching', revision, since: at },
    outputs: [],
    effect: { type: 'watch', revision, hurry },
  };
}

function verify(state: WatchState, revision: string): WatchStep {
  return { state: { ...memory(state), phase: 'verifying', revision }, outputs: [], effect: { type: 'verify' } };
}

function pause(state: WatchState, failure: Failure, next: AfterWaiting): WatchStep {
  const longest = failure.reason === 'missing' ? longestWhileMissing : longestDelay;
  const milliseconds = Math.min(firstDelay * 2 ** state.failures, longest);
  return {
    state: { ...memory(state), failures: state.failures + 1, troubled: true, phase: 'waiting', next },
    outputs: [{ type: 'trouble', failure }],
    effect: { type: 'wait', milliseconds, atLeast: failure.retryAfter ?? 0 },
  };
}

function revisionOf(object: object): string | undefined {
  const { metadata } = object as { readonly metadata?: { readonly resourceVersion?: unknown } | null };
  const revision = metadata?.resourceVersion;
  return typeof revision === 'string' && revision !== '' ? revision : undefined;
}
