import { type Command, Option } from 'commander';
import type { Output } from './output.ts';

/** What `main` makes commands with. */
export interface CommandMaker {
  readonly command: (name: string, description: string) => Command;
  readonly done: (made: Command) => Command;
  readonly ofProject: (made: Command) => Command;
  readonly output: Output;
}

/** `create api`, `create webhook`, `create version`, `edit`, `import`: the commands that write sources of a project. */
export function addScaffoldCommands({ command, done, ofProject, output }: CommandMaker): void {
  const create = command('create', 'Add to the project: create api, create webhook, create version.');
  const creating = (name: string, description: string) =>
    ofProject(create.command(name).description(description))
      .showHelpAfterError(`(setpoint create ${name} --help lists its options)`)
      .helpOption('-h, --help', 'show this help');
  const group = "such as `tutorial`; the project's domain is added unless it has a dot";
  const kind = 'in CamelCase and singular, such as EasyService';

  done(
    creating('api', 'Add a kind and its controller.')
      .addHelpText('after', apiNote)
      .requiredOption('--group <group>', group)
      .requiredOption('--version <version>', 'such as v1 or v1beta1')
      .requiredOption('--kind <kind>', kind)
      .option('--plural <plural>', 'where it is not formed as others are')
      .option('--cluster', 'its objects are in no namespace')
      .option('--no-controller', 'only the kind')
      .option('--external', 'a controller for a kind of Kubernetes, or for one of `setpoint import`')
      .option('--api-approved <url>', 'where a kind of a group of Kubernetes was approved'),
  ).action(async (options) => (await import('./commands/create-api.ts')).createApi(options, output));

  done(
    creating('webhook', 'Have objects of a kind filled in, checked or converted by the operator.')
      .addHelpText('after', webhookNote)
      .requiredOption('--group <group>', group)
      .requiredOption('--version <version>', 'such as v1 or v1beta1')
      .requiredOption('--kind <kind>', kind)
      .option('--defaulting', 'fill in what is missing')
      .option('--validating', 'say what is wrong')
      .addOption(new Option('--programmatic-validation', 'the same').hideHelp())
      .option('--conversion', 'convert between the versions that there are; this one is the hub'),
  ).action(async (options) => (await import('./commands/create-webhook.ts')).createWebhook(options, output));

  done(
    creating('version', 'Add a version of a kind, made from one that there is, and their conversion.')
      .addHelpText('after', versionNote)
      .option('--group <group>', 'where kinds of several groups have the name')
      .requiredOption('--kind <kind>', kind)
      .requiredOption('--version <version>', 'the new one, such as v2 or v2beta1')
      .option('--from <version>', 'the one it is made from (default: the newest)')
      .option('--storage', 'store objects in the new version')
      .option('--hub', 'convert by way of the new version; only with the first two'),
  ).action(async (options) => (await import('./commands/create-version.ts')).createVersion(options, output));

  done(
    ofProject(command('edit', 'Change settings of the project: its domain, its licence, how it is deployed.'))
      .addHelpText('after', editNote)
      .option('--domain <domain>', 'what the groups of further kinds end with')
      .addOption(new Option('--license <licence>', 'of sources that are made from now on').choices(['apache2', 'none']))
      .option('--owner <owner>', 'whose the copyright is')
      .option('--namespace <name>', 'where the operator runs')
      .option('--watch-namespaces <list>', 'the only namespaces it watches; its rights are Roles there')
      .option('--namespaced', 'it watches the namespace it runs in, and no other')
      .option('--all-namespaces', 'it watches all')
      .option('--image <name>', 'registry/repository:tag of the operator')
      .option('--replicas <number>', 'one of them leads')
      .option('--service-monitor', "have Prometheus' operator scrape it")
      .option('--no-service-monitor', 'do not')
      .option('--network-policy', 'only who has to may reach it')
      .option('--no-network-policy', 'everybody may')
      .addOption(new Option('--multigroup', 'needs no setting').hideHelp()),
  ).action(async (options) => (await import('./commands/edit.ts')).edit(options, output));

  done(
    ofProject(command('import', 'Write a typed kind from a CustomResourceDefinition of others.'))
      .addHelpText('after', importNote)
      .argument('[file]', 'YAML or JSON; - reads the standard input')
      .option('--from-cluster <name>', 'the one of the cluster, such as certificates.cert-manager.io')
      .option('--version <version>', 'such as v1 (default: the one that clients prefer)')
      .option('--name <name>', 'which one, of a file with several')
      .option('--all', 'all of a file with several')
      .option('--force', 'write over what was changed by hand')
      .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, in-cluster, ~/.kube/config)')
      .option('--context <name>', 'context of the kubeconfig to use'),
  ).action(async (file: string | undefined, options) =>
    (await import('./commands/import.ts')).importKinds(file, options, output),
  );
}

const apiNote = `
Examples:
  setpoint create api --group tutorial --version v1 --kind Foo
  setpoint create api --group apps --version v1 --kind Deployment --external

Writes src/api/<version>/<kind>.ts, src/controllers/<kind>.ts, a test and a sample, and names the controller in
src/operator.ts. What is there already is left as it is.`;

const webhookNote = `
Examples:
  setpoint create webhook --group tutorial --version v1 --kind Foo --defaulting --validating
  setpoint create webhook --group core --version v1 --kind Pod --validating

Adds \`default\` and \`validate\` to the controller of the kind, or a \`webhook()\` of a kind that has none, and a test.`;

const versionNote = `
Examples:
  setpoint create version --kind Foo --version v2
  setpoint create version --kind Foo --version v2 --hub --storage

Writes src/api/<version>/<kind>.ts, puts the versions together in src/api/<kind>.ts (\`defineCrd\`), each field going
where one of its name is, and tests that what is converted there and back is the same.`;

const editNote = `
Examples:
  setpoint edit --watch-namespaces team-a,team-b
  setpoint edit --license apache2 --owner 'Example Inc.'

Writes package.json and setpoint.config.ts, where everything can be changed by hand as well.`;

const importNote = `
Examples:
  setpoint import certificates.yaml
  setpoint import crds.yaml --all
  kubectl get crd routes.route.openshift.io -o yaml | setpoint import -
  setpoint import --from-cluster certificates.cert-manager.io --version v1

Writes src/external/<group>/<version>/<kind>.ts: the kind, and the types of its objects from the schema, with its
comments. The same definition gives the same file; a newer one takes its place unless it was changed by hand.`;
