export { type Duration, DurationError, formatGoDuration, parseGoDuration, toMilliseconds } from './duration.ts';
