import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { UsageError } from './failure.ts';
import { type Output, terminal } from './output.ts';

/**
 * Runs one command line; resolves with the exit code: 0, 1 for a failure, 2 for a call it does not understand.
 * Each command's module is loaded only when that command runs.
 */
export async function main(argv: readonly string[], output: Output = terminal): Promise<number> {
  let code = 0;
  const program = commands(output, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    explain(error, argv.includes('--debug'), output);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** One sentence; the stack only when it was asked for. */
function explain(error: unknown, debug: boolean, output: Output): void {
  if (debug && error instanceof Error) {
    output.err(`${error.stack ?? error.message}\n`);
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) output.err(`caused by ${cause.stack}\n`);
    return;
  }
  output.err(`setpoint: ${error instanceof Error ? error.message : String(error)}\n`);
}

function commands(output: Output, finish: (code: number) => void): Command {
  const program = new Command('setpoint')
    .description('Write, run and test Kubernetes operators in TypeScript.')
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .showHelpAfterError('(setpoint --help lists the commands)')
    .helpCommand(true)
    .action(() => {
      throw new UsageError(`no command given\n\n${program.helpInformation()}`);
    });
  const command = (name: string, description: string) =>
    program.command(name).description(description).option('--debug', 'show stacks of errors');

  command('version', 'print the versions of Setpoint, of the Kubernetes API it emulates, and of Node')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./commands/version.ts')).version(options, output));

  command('controlplane', 'run the embedded control plane until Ctrl-C')
    .option('--secure-port <port>', 'port to serve HTTPS on; 0 takes a free one', port, 0)
    .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
    .option('--kubeconfig <file>', 'where to write an admin kubeconfig', 'setpoint.kubeconfig')
    .option('--controllers <list>', 'built-in controllers to run: a comma-separated list, or * for all', '*')
    .action(async (options) => (await import('./commands/controlplane.ts')).controlplane(options, output));

  const cluster = (target: Command) =>
    target
      .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, in-cluster, ~/.kube/config)')
      .option('--context <name>', 'context of the kubeconfig to use');
  const project = (target: Command) =>
    target.addOption(new Option('--project <folder>', 'the folder of the operator').default('.', 'this folder'));

  cluster(project(command('install', "create or update the operator's CRDs in the cluster"))).action(async (options) =>
    (await import('./commands/install.ts')).install(options, output),
  );
  cluster(project(command('uninstall', "delete the operator's CRDs, and with them all their objects"))).action(
    async (options) => (await import('./commands/install.ts')).uninstall(options, output),
  );
  project(command('run', 'run the operator against a cluster; the rest of the line goes to the operator'))
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]', 'flags of the operator: see `setpoint run -- --help`')
    .action(async (flags: string[], options) => finish(await (await import('./commands/run.ts')).run(flags, options)));
  project(command('dev', 'embedded control plane, CRDs and operator together; restarts the operator on change'))
    .option('--secure-port <port>', 'port of the control plane; 0 takes a free one', port, 0)
    .option('--kubeconfig <file>', 'where to write the kubeconfig', 'setpoint.kubeconfig')
    .action(async (options) => (await import('./commands/dev.ts')).dev(options, output));
  return program;
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return value;
}
