import type { Clock } from '@setpoint/apimachinery/clock';
import { FakeClock, systemClock } from '@setpoint/apimachinery/clock';
import { type Duration, toMilliseconds } from '@setpoint/apimachinery/duration';
import type { ControlPlane } from '@setpoint/controlplane';
import type { Manager } from 'setpoint/manager';

/** Options of `settled`. */
export interface SettledOptions {
  /**
   * How far ahead timers count as work to do: a FakeClock is moved up to there, from timer to timer; on the system's
   * clock they are waited for. Longer ones (a `requeueAfter` of an hour) are left alone. @default '1s'
   */
  readonly horizon?: Duration;
  /** Real time after which it gives up and says who is busy, if the clock has not moved meanwhile. @default '10s' */
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
}

/** Who has to come to rest. */
export interface Ensemble {
  readonly controlPlane: ControlPlane;
  readonly managers: readonly Manager[];
  readonly clock: Clock;
  /** Replays what happened; part of the error. */
  readonly seed: string | number;
}

/** Turns of the event loop without any activity after which nothing can be under way any more. */
const quietTurns = 5;
/** Turns after which a pass that runs, and asks for nothing, is taken to wait for the clock. */
const stalledTurns = 50;

/**
 * Resolves once nothing is left to happen: no request in flight, no watch event undelivered, no built-in controller at
 * work, no pass running, no key ready, no Event unsent, no timer due within the horizon.
 *
 * @throws Error naming what is busy, if that does not come true in time; the signal's reason
 */
export async function settled(ensemble: Ensemble, options: SettledOptions = {}): Promise<void> {
  const { clock, seed } = ensemble;
  const timeout = toMilliseconds(options.timeout ?? '10s');
  let deadline = systemClock.monotonic() + timeout;
  let ahead = toMilliseconds(options.horizon ?? '1s');
  let busy = '';
  for (let still = 0; busy !== '' || still < quietTurns; ) {
    options.signal?.throwIfAborted();
    if (systemClock.monotonic() > deadline)
      throw new Error(`not settled in time: ${busyWith(ensemble).join('; ')} (seed ${seed})`);
    await new Promise((resolve) => setImmediate(resolve));
    const before = busy;
    busy = busyWith(ensemble).join('; ');
    still = busy === before ? still + 1 : 0;
    // Who is busy with the same for so long waits for time, if it is the test's to give.
    if (busy === '' ? still < quietTurns : !(clock instanceof FakeClock) || still < stalledTurns) continue;
    const due = nextDue(ensemble);
    if (due === undefined || due > ahead) continue;
    ahead -= due;
    still = 0;
    // Whatever it was waited for has happened: how many timers there are on the way is no sign of trouble.
    if (due > 0) deadline = systemClock.monotonic() + timeout;
    if (clock instanceof FakeClock) await clock.advance(due);
    else await new Promise<void>((resolve) => clock.timer(Math.min(due, 50), resolve));
  }
}

/** Who still has something to do, as sentences; empty: nobody. */
function busyWith({ controlPlane, managers }: Ensemble): string[] {
  const busy: string[] = [];
  const { requests, undelivered, controllers } = controlPlane.activity();
  if (requests > 0) busy.push(`${requests} requests are not answered`);
  if (undelivered > 0) busy.push(`${undelivered} watch events are not delivered`);
  if (controllers > 0) busy.push(`${controllers} keys of built-in controllers wait`);
  for (const manager of managers) {
    const state = manager.settledState();
    if (state.idle) continue;
    if (state.status !== 'running') busy.push(`an operator is ${state.status}`);
    if (state.undelivered > 0) busy.push(`${state.undelivered} events of its caches are not delivered`);
    for (const [name, activity] of Object.entries(state.controllers)) {
      const { ready, running, events } = activity;
      if (ready + running + events === 0) continue;
      busy.push(`controller ${name}: ${running} passes run, ${ready} keys wait, ${events} Events are not sent`);
    }
  }
  return busy;
}

function nextDue({ controlPlane, managers, clock }: Ensemble): number | undefined {
  if (clock instanceof FakeClock) return clock.nextDue();
  const due = managers.flatMap((manager) => manager.settledState().nextDue ?? []);
  const inside = controlPlane.activity().nextDue;
  if (inside !== undefined) due.push(inside);
  return due.length === 0 ? undefined : Math.max(0, Math.min(...due));
}
