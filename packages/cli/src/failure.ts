import type { Output } from './output.ts';

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
  if (error.message !== '') return forPeople(error);
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(sentenceOf).join('; ');
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

/** Errors of clients speak to controllers; who runs a command declares nothing, and needs a role. */
function forPeople(error: Error & { readonly missingRule?: { readonly user: string } | undefined }): string {
  const { message, missingRule } = error;
  if (!missingRule) return message;
  return message.replace(
    /: declare it in the controller \(.*?\)$/,
    `: have an administrator bind it to ${missingRule.user}`,
  );
}

/** Tells an error in one sentence; the stack and what caused it only when they were asked for. */
export function explain(error: unknown, debug: boolean, output: Output): void {
  output.err(`setpoint: ${sentenceOf(error)}\n`);
  if (!debug) return;
  for (let cause = error, prefix = ''; cause instanceof Error; cause = cause.cause, prefix = 'caused by ') {
    output.err(`${prefix}${cause.stack ?? cause.message}\n`);
  }
}

/** Whether `--debug` was given; what follows `--` is not for us. */
export function debugging(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--debug');
}
