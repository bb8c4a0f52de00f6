import { withInitOptions } from './init-options.ts';
import { type Output, terminal } from './output.ts';
import { program, runProgram } from './program.ts';
import { type StopSignal, stopOnSignals } from './stop.ts';

/** `npm create setpoint`: makes the project of a new operator, as `setpoint init` does. Resolves with the exit code. */
export async function create(
  argv: readonly string[],
  output: Output = terminal,
  stop: StopSignal = stopOnSignals,
): Promise<number> {
  const made = withInitOptions(program('create-setpoint', output))
    .description('Make the project of a new Kubernetes operator in TypeScript.')
    .usage('[options] [folder]')
    .showHelpAfterError('(npm create setpoint -- --help lists its options)')
    .addHelpText('after', example)
    .action(async (folder: string | undefined, flags) =>
      (await import('./commands/init.ts')).init(folder, flags, { output, stop }),
    );
  return runProgram(made, argv, output);
}

const example = `
Example:
  npm create setpoint my-operator -- --domain my.domain --yes`;
