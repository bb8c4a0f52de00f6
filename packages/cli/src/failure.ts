/** What went wrong, as one sentence for the person at the terminal; the command exits with 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The command was called in a way it does not understand; it exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
