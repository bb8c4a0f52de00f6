export { type Duration, DurationError, formatGoDuration, parseGoDuration, toMilliseconds } from './duration.ts';
export { humanDuration, timestampAge } from './human.ts';
