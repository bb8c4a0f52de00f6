/**
 * A control plane per test, in the same process and without sockets; a clock that stands still; `settled()`, `runPass()`.
 *
 * @module @setpoint/testing
 */

export { FakeClock } from '@setpoint/apimachinery/clock';
export {
  type Installable,
  type StartOptions,
  type TestEnvironment,
  type TestEnvironmentOptions,
  testEnvironment,
} from './environment.ts';
export type { RecordedWrite } from './memory-client.ts';
export type { FieldValues } from './random-object.ts';
export { checkRoundTrips, type RoundTripOptions } from './round-trips.ts';
export { type PassReport, type RecordedMetric, type RunPassOptions, runPass } from './run-pass.ts';
export type { SettledOptions } from './settled.ts';
