import { FakeClock } from '@setpoint/apimachinery/clock';
import { Attribution } from '../../src/reconcile/index.ts';
import { recordingLog } from './log.ts';

const clock = new FakeClock();

/** What metrics are made with where nothing of it matters. */
export const metricsEnvironment = { clock, log: recordingLog([]), attribution: new Attribution(clock) };
