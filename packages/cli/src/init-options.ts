import { type Command, Option } from 'commander';

/** The arguments and options of `setpoint init`; those of `npm create setpoint` are the same. */
export function withInitOptions(command: Command): Command {
  return command
    .argument('[folder]', 'a folder that is new or empty (default: this one)')
    .option('--name <name>', 'of the operator (default: that of the folder)')
    .option('--domain <domain>', 'what the groups of its kinds end with (default: example.com)')
    .option('--group <group>', 'of the first kind; the domain is added unless it has a dot (default: from the name)')
    .option('--version <version>', 'of the first kind (default: v1)')
    .option('--kind <kind>', 'the first kind, in CamelCase and singular (default: from the name)')
    .option('--no-api', 'make no first kind')
    .addOption(
      new Option('--package-manager <name>', 'default: from a lock file, else the one that runs this').choices([
        ...['npm', 'pnpm', 'yarn', 'bun'],
      ]),
    )
    .addOption(new Option('--license <licence>', 'default: none').choices(['apache2', 'none']))
    .option('--owner <owner>', 'whose the copyright is (default: the authors of the operator)')
    .option('--install', 'install its packages, too')
    .option('-y, --yes', 'ask nothing: take the defaults')
    .option('--debug', 'with an error, show its stack and its causes');
}
