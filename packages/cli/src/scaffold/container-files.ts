import { imageInstall, type PackageManager } from './package-manager.ts';
import type { ScaffoldFile } from './project-files.ts';

/** What `docker build` needs. @param bringsNode whether the project has Node as a package */
export function containerFiles(manager: PackageManager, bringsNode: boolean): readonly ScaffoldFile[] {
  const { base, files, command } = imageInstall(manager, bringsNode);
  const copied = ['package.json', ...files];
  const dockerfile = `FROM ${base} AS dependencies
WORKDIR /app
COPY ${copied.join(' ')} ./
RUN ${command}

# Nothing but Node, and nobody who may do more than run it.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "src/main.ts"]
`;
  return [
    { path: 'Dockerfile', text: dockerfile },
    { path: '.dockerignore', text: `*\n${[...copied, 'src'].map((path) => `!${path}\n`).join('')}` },
  ];
}
