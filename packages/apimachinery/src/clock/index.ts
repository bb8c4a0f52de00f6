export { type Clock, systemClock, type Timer } from './clock.ts';
export { FakeClock } from './fake-clock.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { sleep } from './sleep.ts';
