import { Command, CommanderError } from 'commander';
import { debugging, explain, UsageError } from './failure.ts';
import type { Output } from './output.ts';

/** A program that writes to `output` and never ends the process. */
export function program(name: string, output: Output): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({
      writeOut: output.out,
      writeErr: output.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'setpoint: ')),
    })
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      visibleOptions: (command) => command.options.filter(({ hidden }) => !hidden),
    })
    .helpOption('-h, --help', 'show this help');
}

/** Runs one command line; resolves with the exit code: 0, 1 for a failure, 2 for a call it does not understand. */
export async function runProgram(made: Command, argv: readonly string[], output: Output): Promise<number> {
  try {
    await made.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    explain(error, debugging(argv), output);
    return error instanceof UsageError ? 2 : 1;
  }
}
