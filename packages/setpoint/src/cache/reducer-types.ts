import type { WatchMessage } from '../client/index.ts';
import type { Failure } from './failure.ts';

/**
 * Where the list and watch protocol of one store stands.
 *
 *     idle ─→ listing ───────────────→ watching ─ended─→ watching
 *              ↑   └─failed─→ waiting ──┐  └─failed─→ waiting ─→ verifying ─→ watching
 *              └────────────────────────┘                            │
 *              └──────── expired, or the server went back in time ───┘
 */
export type WatchState = Memory &
  (
    | { readonly phase: 'idle' }
    /** Reading a consistent list, beside what readers see. */
    | { readonly phase: 'listing'; readonly method: ListMethod /** Its pages expired once. */; readonly again: boolean }
    /** Following changes after `revision`; `since` is when the watch began. */
    | { readonly phase: 'watching'; readonly revision: string; readonly since: number }
    /** Asking the server where it stands, since it may be another one, or one that was restored. */
    | { readonly phase: 'verifying'; readonly revision: string }
    | { readonly phase: 'waiting'; readonly next: AfterWaiting }
  );

export type AfterWaiting = { readonly list: ListMethod } | { readonly verify: string };

/**
 * `stream`: a watch that begins with the present state (KEP-3157); `pages`: of 500;
 * `whole`: in one piece, where continue tokens expire faster than the pages can be read.
 */
export type ListMethod = 'stream' | 'pages' | 'whole';

/** What outlives the phases. */
interface Memory {
  /** False once the server refused to stream a list. */
  readonly streams: boolean;
  /** Failures in a row, for the back-off; forgotten after two healthy minutes. */
  readonly failures: number;
  /** Watches in a row that were given up without having brought anything. */
  readonly barren: number;
  /** A failure was reported, and no sign of life since. */
  readonly troubled: boolean;
}

/** What a watch brings, but for ERROR events: the driver hands those in as failures. */
export type WatchNews = Exclude<WatchMessage<object>, { readonly type: 'ERROR' }>;

export type WatchInput =
  | { readonly type: 'start' }
  /** A page was staged. */
  | { readonly type: 'page'; readonly revision: string; readonly last: boolean }
  | { readonly type: 'news'; readonly news: WatchNews }
  /** The server ended the stream; `early` if that was before the time it was asked for. */
  | { readonly type: 'ended'; readonly early: boolean }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'verified'; readonly revision: string; readonly otherCluster: boolean }
  | { readonly type: 'woke' }
  /** Somebody waits for this revision. */
  | { readonly type: 'hurry'; readonly revision: string };

/** What the store is told. */
export type WatchOutput =
  /** A list begins: collect it beside what readers see. */
  | { readonly type: 'begin' }
  | { readonly type: 'stage'; readonly object: object; readonly ownFields: string | undefined }
  | { readonly type: 'unstage'; readonly object: object }
  /** The list is complete: readers see it from now on. */
  | { readonly type: 'swap'; readonly revision: string }
  | { readonly type: 'apply'; readonly object: object; readonly ownFields: string | undefined }
  | { readonly type: 'remove'; readonly object: object }
  | { readonly type: 'bookmark'; readonly revision: string }
  | { readonly type: 'unreadable'; readonly key: string; readonly reason: string }
  | { readonly type: 'trouble'; readonly failure: Failure }
  | { readonly type: 'recovered' };

/** What the driver does next. All but `continue` end what it was doing. */
export type WatchEffect =
  | { readonly type: 'continue' }
  | { readonly type: 'list'; readonly method: ListMethod }
  /** `hurry` asks for a short watch, at whose end the server sends a bookmark. */
  | { readonly type: 'watch'; readonly revision: string; readonly hurry: boolean }
  | { readonly type: 'verify' }
  /** At least `atLeast` milliseconds; `milliseconds` is to be jittered. */
  | { readonly type: 'wait'; readonly milliseconds: number; readonly atLeast: number };

export interface WatchStep {
  readonly state: WatchState;
  readonly outputs: readonly WatchOutput[];
  readonly effect: WatchEffect;
}
