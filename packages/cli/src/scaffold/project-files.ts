import { versions } from './versions.ts';

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
}

/** The files of a new project: few, each of which a person may want to change. */
export function projectFiles(options: ProjectOptions): readonly ScaffoldFile[] {
  return [
    { path: 'package.json', text: `${JSON.stringify(packageManifest(options), undefined, 2)}\n` },
    { path: 'tsconfig.json', text: tsconfig },
    { path: 'setpoint.config.ts', text: config(options) },
    { path: 'src/operator.ts', text: operator(options) },
    { path: 'src/main.ts', text: program },
    { path: 'Dockerfile', text: dockerfile },
    { path: '.dockerignore', text: dockerignore },
    { path: '.gitignore', text: gitignore },
    { path: 'Makefile', text: makefile(options) },
    { path: 'README.md', text: readme(options) },
  ];
}

function packageManifest({ name, domain, version }: ProjectOptions): object {
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.19' },
    setpoint: { domain },
    scripts: {
      dev: 'setpoint dev --samples',
      test: 'tsc && vitest run --passWithNoTests',
      manifests: 'setpoint manifests',
      run: 'setpoint run --install',
      deploy: 'setpoint deploy',
      undeploy: 'setpoint undeploy',
    },
    dependencies: { setpoint: version, zod: versions.zod },
    devDependencies: {
      '@setpoint/cli': version,
      '@setpoint/testing': version,
      '@types/node': versions['@types/node'],
      typescript: versions.typescript,
      vitest: versions.vitest,
    },
  };
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "noUncheckedIndexedAccess": true,
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
    image: '${name}:latest',
  },
});
`;
}

function operator({ name }: ProjectOptions): string {
  return `import { operator } from 'setpoint';

export default operator({ name: '${name}', controllers: [] });
`;
}

const program = `import operator from './operator.ts';

await operator.main();
`;

const dockerfile = `FROM node:24 AS dependencies
WORKDIR /app
COPY package.json package-lock.json* ./
RUN npm install --omit=dev

# Nothing but Node, and nobody who may do more than run it.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
USER 65532:65532
CMD ["src/main.ts"]
`;

const dockerignore = `*
!package.json
!package-lock.json
!src
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
function makefile({ name }: ProjectOptions): string {
  return `IMG ?= ${name}:latest
.PHONY: generate manifests build-installer install uninstall run test docker-build docker-push deploy undeploy

generate manifests build-installer: ; npx setpoint manifests --image $(IMG)
install: ; npx setpoint install
uninstall: ; npx setpoint uninstall
run: ; npx setpoint run --install
test: ; npm test
docker-build: ; docker build -t $(IMG) .
docker-push: ; docker push $(IMG)
deploy: ; npx setpoint deploy --image $(IMG)
undeploy: ; npx setpoint undeploy
`;
}

function readme({ name, domain }: ProjectOptions): string {
  return `# ${name}

A Kubernetes operator, written with Setpoint. The groups of its kinds end with \`${domain}\`.

\`\`\`sh
npm install
npx setpoint create api --group … --version v1 --kind …   # a kind and its controller
npm run dev                 # control plane and operator; restarted when a source changes
npm test
npm run manifests           # CRDs, roles and deployment into config/ and dist/
npm run run                 # the operator, against the cluster of your kubeconfig
npm run deploy              # the operator, in that cluster; its image is in setpoint.config.ts
\`\`\`
`;
}
