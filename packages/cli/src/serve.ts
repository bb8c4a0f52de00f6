import { controlplane } from './commands/controlplane.ts';
import { explain, UsageError } from './failure.ts';
import { type Output, terminal } from './output.ts';
import { type StopSignal, stopOnSignals } from './stop.ts';

/**
 * `setpoint controlplane` as `main` runs it, without what the other commands need: it reads its flags itself, and who
 * starts it waits for it. Resolves with the exit code.
 *
 * @param argv `controlplane` and its flags; not for a call that asks for help, or has operands behind `--`
 */
export async function serve(
  argv: readonly string[],
  output: Output = terminal,
  stop: StopSignal = stopOnSignals,
): Promise<number> {
  const flags = argv.slice(1).filter((flag) => flag !== '--debug');
  try {
    await controlplane(flags, { output, stop: stop() });
    return 0;
  } catch (error) {
    explain(error, flags.length < argv.length - 1, output);
    return error instanceof UsageError ? 2 : 1;
  }
}
