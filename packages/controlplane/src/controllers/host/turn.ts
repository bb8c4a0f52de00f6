/** Resolves in a later turn of the event loop: between slices of long work, so that requests get theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
