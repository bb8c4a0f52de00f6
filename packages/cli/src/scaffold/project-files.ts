import { type ApiOptions, apiFiles, controllerName, fileName } from './api-files.ts';
import { containerFiles } from './container-files.ts';
import { type Licence, spdx, withLicence } from './licence.ts';
import { commandsOf, isClassicYarn, type PackageManager } from './package-manager.ts';
import { nodePackages, peers, versions } from './versions.ts';

/** A file to be written: its path in the project, with `/`, and its whole text. */
export interface ScaffoldFile {
  readonly path: string;
  readonly text: string;
}

export interface ProjectOptions {
  /** Of the package, the operator and all objects that it is deployed by. */
  readonly name: string;
  /** What the groups of its kinds end with. */
  readonly domain: string;
  /** Of Setpoint. */
  readonly version: string;
  readonly manager: PackageManager;
  /** @default none */
  readonly licence?: Licence | undefined;
  /** The first kind, and its controller. @default none */
  readonly api?: ApiOptions | undefined;
  /** Have Node as a package, since the machine's own is too old. */
  readonly bringsNode: boolean;
}

/** The files of a new project: few, each of which a person may want to change. */
export function projectFiles(options: ProjectOptions): readonly ScaffoldFile[] {
  const { manager, licence, api, bringsNode } = options;
  const files = [
    { path: 'package.json', text: `${JSON.stringify(packageManifest(options), undefined, 2)}\n` },
    { path: 'tsconfig.json', text: tsconfig },
    { path: 'setpoint.config.ts', text: config(options) },
    { path: 'src/operator.ts', text: operator(options) },
    { path: 'src/main.ts', text: program },
    ...(api ? apiFiles(api) : []),
    ...containerFiles(manager, bringsNode),
    { path: '.gitignore', text: gitignore },
    { path: 'Makefile', text: makefile(options) },
    { path: 'README.md', text: readme(options) },
    // Without it, yarn keeps packages in archives that Node cannot read by itself.
    ...(manager.name === 'yarn' && !isClassicYarn(manager)
      ? [{ path: '.yarnrc.yml', text: 'nodeLinker: node-modules\n' }]
      : []),
  ];
  return withLicence(files, licence);
}

function packageManifest({ name, domain, version, manager, licence, api, bringsNode }: ProjectOptions): object {
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    ...(licence ? { license: spdx[licence.license] } : {}),
    engines: { node: '>=22.19' },
    ...(manager.version === undefined || manager.name === 'npm'
      ? {}
      : { packageManager: `${manager.name}@${manager.version}` }),
    setpoint: { domain, ...licence },
    scripts: {
      dev: 'setpoint dev --samples',
      test: `tsc && vitest run${api ? '' : ' --passWithNoTests'}`,
      generate: 'setpoint manifests',
      manifests: 'setpoint manifests',
      run: 'setpoint run --install',
      image: 'setpoint image --push',
      deploy: 'setpoint deploy',
      undeploy: 'setpoint undeploy',
    },
    dependencies: { setpoint: version, zod: versions.zod },
    devDependencies: {
      '@setpoint/cli': version,
      '@setpoint/testing': version,
      '@types/node': versions['@types/node'],
      typescript: versions.typescript,
      ...(manager.name === 'yarn' ? peers : {}),
      vitest: versions.vitest,
    },
    ...(bringsNode ? { optionalDependencies: nodePackages } : {}),
  };
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2025",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true,
    "skipLibCheck": true
  },
  "include": ["src", "test", "setpoint.config.ts"]
}
`;

function config({ name }: ProjectOptions): string {
  return `import { defineConfig } from 'setpoint/deployment';

/** How \`setpoint manifests\` has the operator deployed. */
export default defineConfig({
  deployment: {
    image: '${name}:0.1.0',
  },
});
`;
}

function operator({ name, api }: ProjectOptions): string {
  const setpoint = "import { operator } from 'setpoint';\n";
  if (!api) return `${setpoint}\nexport default operator({ name: '${name}', controllers: [] });\n`;
  const controller = controllerName(api);
  const first = `import { ${controller} } from './controllers/${fileName(api)}.ts';\n`;
  return `${setpoint}${first}\nexport default operator({ name: '${name}', controllers: [${controller}] });\n`;
}

const program = `import operator from './operator.ts';

await operator.main();
`;

const gitignore = `node_modules/
coverage/
# Only what \`setpoint manifests\` writes there is kept.
dist/*
!dist/install.yaml
!dist/chart/
# Written by \`setpoint dev\` and \`setpoint controlplane\`; it holds a key.
setpoint.kubeconfig
`;

/** The targets by which kubebuilder's users know these steps. */
function makefile({ name, manager }: ProjectOptions): string {
  const { setpoint, test } = commandsOf(manager);
  return `IMG ?= ${name}:0.1.0
.PHONY: generate manifests build-installer install uninstall run test docker-build docker-push deploy undeploy

generate manifests build-installer: ; ${setpoint} manifests --image $(IMG)
install: ; ${setpoint} install
uninstall: ; ${setpoint} uninstall
run: ; ${setpoint} run --install
test: ; ${test}
docker-build: ; ${setpoint} docker-build --tag $(IMG)
docker-push: ; docker push $(IMG)
deploy: ; ${setpoint} deploy --image $(IMG)
undeploy: ; ${setpoint} undeploy
`;
}

function readme(options: ProjectOptions): string {
  const { name, domain, manager, api } = options;
  const { install, test, setpoint, run } = commandsOf(manager);
  const steps = [
    [install, ''],
    ...(api ? [] : [[`${setpoint} create api --group … --version v1 --kind …`, 'a kind and its controller'] as const]),
    [`${run} dev`, 'control plane, operator and samples; restarted when a source changes'],
    [test, ''],
    [`${run} manifests`, 'CRDs, roles and deployment into config/ and dist/'],
    [`${run} run`, 'the operator, against the cluster of your kubeconfig'],
    [`${run} image`, 'its image to the registry of setpoint.config.ts, without Docker'],
    [`${run} deploy`, 'the operator, in that cluster; its image is in setpoint.config.ts'],
  ] as const;
  const width = Math.max(...steps.filter(([, why]) => why !== '').map(([step]) => step.length));
  const lines = steps.map(([step, why]) => (why === '' ? step : `${step.padEnd(width)}   # ${why}`));
  return `# ${name}

A Kubernetes operator, written with Setpoint. The groups of its kinds end with \`${domain}\`.

\`\`\`sh
${lines.join('\n')}
\`\`\`
${api ? `\n${firstSteps(options, api)}` : ''}`;
}

function firstSteps({ manager }: ProjectOptions, api: ApiOptions): string {
  const file = fileName(api);
  const another = `${commandsOf(manager).setpoint} create api --group … --version v1 --kind …`;
  return `| what is yours | |
|---|---|
| src/api/${api.version}/${file}.ts | the kind \`${api.kind}\`: CRD, types and columns come from it |
| src/controllers/${file}.ts | what leads to a pass, and what a pass does |
| src/operator.ts | the operator: its controllers |
| config/samples/ | objects to try it with |
| test/${file}.test.ts | one pass by itself, and the operator on a control plane |
| setpoint.config.ts | how it is deployed |

Another kind: \`${another}\`.
`;
}
