import { type Command, InvalidArgumentError, Option } from 'commander';
import { addImageCommands } from './image-commands.ts';
import { withInitOptions } from './init-options.ts';
import { type Output, terminal } from './output.ts';
import { program as newProgram, runProgram } from './program.ts';
import { addScaffoldCommands } from './scaffold-commands.ts';
import { type StopSignal, stopOnSignals } from './stop.ts';

/** What a command line runs in. */
interface Setting {
  readonly output: Output;
  readonly stop: StopSignal;
}

/**
 * Runs one command line; resolves with the exit code: 0, 1 for a failure, 2 for a call it does not understand.
 * Each command's module is loaded only when that command runs.
 *
 * @param stop what ends `controlplane` and `dev`; by default SIGINT and SIGTERM
 */
export async function main(
  argv: readonly string[],
  output: Output = terminal,
  stop: StopSignal = stopOnSignals,
): Promise<number> {
  const line = argv[0] === '--version' || argv[0] === '-V' ? ['version', ...argv.slice(1)] : [...argv];
  return runProgram(commands({ output, stop }), line, output);
}

function commands({ output, stop }: Setting): Command {
  const program = newProgram('setpoint', output)
    .description('Write, run and test Kubernetes operators in TypeScript.')
    .usage('<command> [options]')
    .showHelpAfterError('(setpoint --help lists the commands)')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', examples);
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .showHelpAfterError(`(setpoint ${name} --help lists its options)`)
      .helpOption('-h, --help', 'show this help');
  const done = (made: Command) => made.option('--debug', 'with an error, show its stack and its causes');

  done(
    command('version', 'Print the versions of Setpoint, of the Kubernetes API it emulates, and of Node.').option(
      '--json',
      'as JSON',
    ),
  ).action(async (options) => (await import('./commands/version.ts')).version(options, output));

  withInitOptions(command('init', 'Make the project of a new operator.')).action(
    async (folder: string | undefined, options) =>
      (await import('./commands/init.ts')).init(folder, options, { output, stop }),
  );

  addScaffoldCommands({ command, done, ofProject, output });

  done(
    command('controlplane', 'Run the embedded control plane until Ctrl-C.')
      .usage('[options] [flags of kube-apiserver]')
      .addHelpText('after', controlPlaneNote)
      .allowUnknownOption()
      .allowExcessArguments()
      .argument('[flags...]'),
  ).action(async (flags: string[]) =>
    (await import('./commands/controlplane.ts')).controlplane(flags, { output, stop: stop() }),
  );

  done(
    command('envtest-assets', 'Print the folder with kube-apiserver and etcd for KUBEBUILDER_ASSETS.').addHelpText(
      'after',
      envtestNote,
    ),
  ).action(async () => (await import('./commands/envtest-assets.ts')).envtestAssets(output));

  done(
    ofProject(command('manifests', 'Write the CRDs, roles and deployment that follow from the declarations.'))
      .addHelpText('after', manifestsNote)
      .option('--check', 'write nothing; fail if something is out of date')
      .option('--image <name>', 'registry/repository:tag of the operator'),
  ).action(async (options) => (await import('./commands/manifests.ts')).manifests(options, output));

  addImageCommands({ command, done, ofProject, output, stop });

  done(
    inCluster(ofProject(command('install', "Create the operator's CRDs in a cluster, or bring them up to date.")))
      .option('--force', forceHelp)
      .option('--migrate', 'then store all objects in the new storage version, as `setpoint migrate-storage` does'),
  ).action(async (options) => (await import('./commands/install.ts')).install(options, output));

  done(
    inCluster(ofProject(command('uninstall', "Delete the operator's CRDs, and with them all objects of its kinds."))),
  ).action(async (options) => (await import('./commands/uninstall.ts')).uninstall(options, output));

  done(
    inCluster(ofProject(command('deploy', 'Install the operator in a cluster, and wait until it is available.')), '2m')
      .option('--image <name>', 'registry/repository:tag of the operator')
      .option('--namespace <name>', 'where to (default: that of setpoint.config.ts, or <name>-system)')
      .option('--force', forceHelp)
      .option('--prune-crds', 'delete CRDs of an earlier version, too, with all objects of their kinds'),
  ).action(async (options) => (await import('./commands/deploy.ts')).deploy(options, output));

  done(
    inCluster(
      ofProject(command('undeploy', 'Delete what `deploy` installed, and wait until it has gone.')),
      '2m',
    ).option('--crds', 'the CRDs, too, and with them all objects of its kinds'),
  ).action(async (options) => (await import('./commands/undeploy.ts')).undeploy(options, output));

  done(
    ofProject(
      command('status', 'Say how the operator is in a cluster: pods, leader, CRDs, webhooks, objects, warnings.'),
    )
      .option('--kubeconfig <file>', kubeconfigHelp)
      .option('--context <name>', 'context of the kubeconfig to use')
      .option('--namespace <name>', 'where it runs (default: where `setpoint deploy` has put it)')
      .addOption(new Option('--output <format>', 'how it is said').choices(['table', 'json', 'yaml']).default('table')),
  ).action(async (options) => (await import('./commands/status.ts')).status(options, output));

  done(
    ofProject(
      command('migrate-storage', 'Write all objects of CRDs once, so that they are stored in the storage version.'),
    )
      .option('--kubeconfig <file>', kubeconfigHelp)
      .option('--context <name>', 'context of the kubeconfig to use')
      .option('--concurrency <number>', 'writes under way at the same time (default: 8)')
      .argument('[crd...]', "such as foos.example.com (default: the project's)"),
  ).action(async (names: string[], options) =>
    (await import('./commands/migrate-storage.ts')).migrateStorageOf(names, options, output),
  );

  done(
    ofProject(command('doctor', 'Check machine, project, cluster and rights, and say what to do; change nothing.'))
      .option('--kubeconfig <file>', kubeconfigHelp)
      .option('--context <name>', 'context of the kubeconfig to use'),
  ).action(async (options) => (await import('./commands/doctor.ts')).doctor(options, output));

  done(
    ofProject(command('rbac', 'Derive the minimal role from recorded requests, and compare it with the declared one.'))
      .usage('[options] [-- command]')
      .addHelpText('after', rbacNote)
      .allowUnknownOption()
      .allowExcessArguments()
      .option('--from-audit <file>', 'an audit log of Kubernetes or of Setpoint')
      .option('--from-run', 'run `npm test`, or what follows --, and take what operators ask for in its environments')
      .option('--user <name>', "whose requests (default: those of the operator's service account)")
      .option('--service-account <namespace/name>', 'the same, for a service account')
      .option('--check', 'fail if the declared role lacks something; warn of what was not used')
      .option('--exact', 'a Role in each namespace that was seen, nothing more')
      .option('--resource-names', 'restrict to the names of objects where every request had one')
      .argument('[command...]'),
  ).action(async (line: string[], options) => (await import('./commands/rbac.ts')).rbac(options, line, output));

  done(
    ofProject(command('run', 'Run the operator against a cluster.'))
      .usage('[options] [-- flags of the operator]')
      .addHelpText('after', runNote)
      .allowUnknownOption()
      .allowExcessArguments()
      .option('--install', 'first create or update its CRDs, as `setpoint install` does')
      .option('--samples', 'then apply the objects of config/samples')
      .option('--webhooks', 'have the API server ask the webhooks of this process; it must reach this machine')
      .option('--kubeconfig <file>', kubeconfigHelp)
      .option('--context <name>', 'context of the kubeconfig to use')
      .addOption(identity('whom it is: `service-account` is its own, made with the rights of the kubeconfig'))
      .argument('[flags...]'),
  ).action(async (flags: string[], options) => (await import('./commands/run.ts')).run(flags, options, output));

  done(
    ofProject(command('dev', 'Run control plane and operator together; restart the operator when a source changes.'))
      .usage('[options] [-- flags of the operator]')
      .addHelpText('after', devNote)
      .addOption(securePort())
      .option('--kubeconfig <file>', 'where to write the kubeconfig of an administrator', 'setpoint.kubeconfig')
      .option('--samples', 'apply the objects of config/samples at each start')
      .option('--audit-log-path <file>', 'append each request to it, for `setpoint rbac --from-audit`')
      .addOption(identity('whom the operator is; an administrator may do everything').default('service-account'))
      .argument('[flags...]'),
  ).action(async (flags: string[], options) =>
    (await import('./commands/dev.ts')).dev(flags, options, { output, stop: stop() }),
  );
  return program;
}

const kubeconfigHelp = 'kubeconfig to use (default: KUBECONFIG, in-cluster, ~/.kube/config)';

const forceHelp = 'although objects that are there would be invalid, or lose fields';

const examples = `
Examples:
  setpoint init my-operator           a new project
  setpoint create api --group g --version v1 --kind Foo
  setpoint dev                        everything at once, in the folder of an operator
  setpoint controlplane               only the API server, for kubectl and tests
  setpoint run --install              the operator, against the cluster of your kubeconfig

setpoint <command> --help shows the options of a command.`;

const controlPlaneNote = `
  --secure-port <port>           port to serve HTTPS on; 0, the default, is any free one
  --bind-address <address>       address to listen on (default: 127.0.0.1)
  --kubeconfig <file>            where to write the kubeconfig of an administrator (default: setpoint.kubeconfig)
  --controllers <list>           names separated by commas, '-name' leaves one out, '*', the default, is all
  --data-dir <folder>            keep objects there; without it they are in memory and go with the process
  --unsafe-no-fsync              with --data-dir, do not wait for the disk

The flags of kube-apiserver that tests use go by the same names: --authorization-mode, --enable-admission-plugins,
--disable-admission-plugins, --feature-gates, --runtime-config, --client-ca-file, --tls-cert-file,
--tls-private-key-file, --cert-dir, --token-auth-file, --audit-log-path, …; one that cannot be honoured is refused.

Prints one line, \`ready <url>\`, once it serves.`;

const envtestNote = `
Any test suite that starts kube-apiserver and etcd by envtest runs on the embedded control plane:
  KUBEBUILDER_ASSETS=$(setpoint envtest-assets) go test ./...`;

const manifestsNote = `
  config/               bases for kustomize: kubectl apply -k config/default
  dist/install.yaml     the same, in one file: kubectl apply --server-side -f dist/install.yaml
  dist/chart/           the same, as a Helm chart

What is yours goes beside them: an overlay of config/default, values of the chart. \`deployment\` in setpoint.config.ts
sets namespace, image, replicas, resources and more.`;

const rbacNote = `
  setpoint rbac --from-run                     the role that the tests of the project take
  setpoint rbac --from-audit audit.log --check

The log is that of \`setpoint dev --audit-log-path\`, of \`setpoint controlplane --audit-log-path\`, or of a kube-apiserver.`;

const runNote = `
What follows \`--\` goes to the operator; \`setpoint run -- --help\` lists its flags.`;

const devNote = `
The operator is a process of its own. Its CRDs and webhooks are installed at each start; objects survive its restarts.
It runs as the service account default/<its name>, which may do what its controllers declare and nothing else.
What follows \`--\` goes to the operator, such as \`--log-level debug\`.`;

function identity(help: string): Option {
  return new Option('--as <who>', help).choices(['service-account', 'administrator']);
}

function ofProject(command: Command): Command {
  return command.addOption(new Option('--project <folder>', 'folder of the operator').default('.', 'this folder'));
}

function inCluster(command: Command, timeout = '30s'): Command {
  return command
    .option('--kubeconfig <file>', kubeconfigHelp)
    .option('--context <name>', 'context of the kubeconfig to use')
    .option('--timeout <duration>', 'how long to wait for the cluster, such as 30s or 2m', timeout);
}

function securePort(): Option {
  return new Option('--secure-port <port>', 'port to serve HTTPS on; 0 is any free one').default(0).argParser(port);
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}
