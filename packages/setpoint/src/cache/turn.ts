/** Lets timers and sockets have their turn. Counted out by the caller, not timed, so that runs repeat exactly. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
