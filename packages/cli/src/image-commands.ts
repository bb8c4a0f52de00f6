import { type Command, Option } from 'commander';
import type { Output } from './output.ts';
import type { StopSignal } from './stop.ts';

interface Helpers {
  readonly command: (name: string, description: string) => Command;
  readonly done: (made: Command) => Command;
  readonly ofProject: (made: Command) => Command;
  readonly output: Output;
  readonly stop: StopSignal;
}

/** `build`, `image` and `docker-build`. */
export function addImageCommands({ command, done, ofProject, output, stop }: Helpers): void {
  done(ofProject(command('build', 'Join the operator with its packages into few files: dist/operator.'))).action(
    async (options) => (await import('./commands/build.ts')).build(options, output),
  );

  done(
    ofProject(command('image', "Build the operator's image, with nothing but Node, and push it or write it to a file."))
      .addHelpText('after', imageNote)
      .option('--tag <name>', tagHelp)
      .option('--push', 'send it to its registry, and print its name with its digest')
      .option('--output <file>', 'write it as an OCI archive, and print its digest')
      .option('--base <base>', 'image of a registry, OCI layout, OCI archive or none (default: distroless Node 24)')
      .option('--platform <list>', 'such as linux/amd64,linux/arm64', 'linux/amd64')
      .addOption(
        new Option('--compression <how>', "of the layers; what zstd makes depends on Node's version")
          .choices(['gzip', 'zstd', 'none'])
          .default('gzip'),
      )
      .option('--no-bundle', 'take sources and packages as they are, as with "bundle": false in package.json')
      .option('--insecure', 'talk to registries without encryption, too'),
  ).action(async (options) => (await import('./commands/image.ts')).image(options, output, stop()));

  done(
    ofProject(command('docker-build', "Build the project's Dockerfile with Docker, Podman or Buildah."))
      .option('--tag <name>', tagHelp)
      .addOption(
        new Option('--tool <name>', 'which of them (default: the first that is installed)').choices([
          'docker',
          'podman',
          'buildah',
        ]),
      ),
  ).action(async (options) => (await import('./commands/docker-build.ts')).dockerBuild(options, output, stop()));
}

const tagHelp = 'registry/repository:tag (default: the image of setpoint.config.ts)';

const imageNote = `
Needs no Docker. The same sources and packages make the same digest on every machine; SOURCE_DATE_EPOCH sets the time.
  setpoint image --tag registry.example.com/team/my-operator:1.4.0 --push
  setpoint deploy --image $(setpoint image --push)

Logins are those of \`docker login\`.`;
