/** What went wrong, as one sentence for the person at the terminal; the command exits with 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The command was called in a way it does not understand; it exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Any error as one sentence: an AggregateError (every address of a host refused) has no message of its own. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(sentenceOf).join('; ');
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
