import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createControlPlane } from '@setpoint/controlplane';
import type { AnyKind } from 'setpoint';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { createClient, inProcessTransport } from 'setpoint/client';
import { expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { scaffolded } from './scaffolded.ts';

/** Modules of Go that carry definitions, each with a kind of theirs and an object of it. They are fetched, not kept. */
const modules = [
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    files: 'deploy/crds/*.yaml',
    objects: [
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        spec: {
          secretName: 'web-tls',
          duration: '2160h',
          usages: ['digital signature', 'server auth'],
          dnsNames: ['example.com'],
          privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
          issuerRef: { name: 'ca', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        },
      },
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'ClusterIssuer',
        spec: {
          acme: {
            server: 'https://acme.example.com/directory',
            privateKeySecretRef: { name: 'account' },
            solvers: [
              { http01: { ingress: { ingressClassName: 'nginx', podTemplate: { metadata: { labels: { a: 'b' } } } } } },
            ],
          },
        },
      },
    ],
  },
  {
    module: 'github.com/openshift/api@v0.0.0-20240527133614-ba11c1587003',
    files: 'route/v1/zz_generated.crd-manifests/routes-Default.crd.yaml',
    objects: [
      {
        apiVersion: 'route.openshift.io/v1',
        kind: 'Route',
        spec: {
          host: 'www.example.com',
          to: { kind: 'Service', name: 'web', weight: 100 },
          port: { targetPort: 'http' },
          tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
        },
      },
    ],
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.4.1',
    files: 'config/crd/standard/gateway.networking.k8s.io_*s.yaml',
    objects: [
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        spec: {
          parentRefs: [{ name: 'outside' }],
          rules: [
            {
              matches: [{ path: { value: '/api' }, headers: [{ name: 'x-version', value: '2' }] }],
              backendRefs: [{ name: 'web', port: 80 }],
            },
          ],
        },
      },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        spec: { gatewayClassName: 'a', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      },
    ],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: 'example/prometheus-operator-crd/*.yaml',
    objects: [
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        spec: {
          groups: [{ name: 'a', rules: [{ alert: 'Down', expr: 'up == 0', for: '5m', labels: { severity: 'page' } }] }],
        },
      },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        spec: {
          selector: { matchLabels: { app: 'web' } },
          endpoints: [{ port: 'metrics', targetPort: 8080, interval: '30s' }],
        },
      },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'Prometheus',
        spec: { replicas: 2, serviceMonitorSelector: {}, resources: { requests: { memory: '400Mi', cpu: 1 } } },
      },
    ],
  },
  {
    module: 'github.com/argoproj/argo-cd/v2@v2.14.2',
    files: 'manifests/crds/*-crd.yaml',
    objects: [
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        spec: {
          project: 'default',
          source: { repoURL: 'https://example.com/a.git', path: 'b', helm: { valuesObject: { replicas: 2 } } },
          destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
          syncPolicy: { automated: { prune: true } },
        },
      },
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        spec: { sourceRepos: ['*'], destinations: [{ namespace: '*', server: '*' }] },
      },
    ],
  },
] as const;

const pathOf = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }) =>
  `src/external/${apiVersion}/${kind.toLowerCase()}.ts`;

test.each(modules)(
  'kinds of $module are imported, type-checked, linted, applied and read',
  async ({ module, files, objects }) => {
    const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' }));
    const paths = globSync(files, { cwd: Dir }).sort();
    expect(paths.length).toBeGreaterThan(0);
    const project = await scaffolded();
    for (const path of paths) await project.runs(`import ${join(Dir, path)} --all`);
    const sources = project.files();
    for (const path of paths)
      expect(await project.runs(`import ${join(Dir, path)} --all`)).not.toMatch(/ (written|changed)$/m);
    expect(project.files()).toEqual(sources);

    for (const [i, object] of objects.entries()) {
      const typed = JSON.stringify({ ...object, metadata: { name: 'a', namespace: 'default' } });
      const lines = [
        `import type { ResourceInput } from 'setpoint';`,
        ['import', '{', object.kind, '}', 'from', `'../${pathOf(object)}';`].join(' '),
        `export const object: ResourceInput<typeof ${object.kind}> = ${typed};`,
      ];
      project.write(`test/object${i}.ts`, `${lines.join('\n')}\n`);
    }
    project.write('biome.json', '{ "linter": { "rules": { "preset": "recommended" } } }\n');
    const run = (program: string, ...argv: readonly string[]) =>
      promisify(execFile)(join(project.folder, 'node_modules/.bin', program), argv, { cwd: project.folder }).catch(
        (error: { readonly stdout?: string; readonly stderr?: string }) => {
          throw new Error(`${program}: ${error.stdout}${error.stderr}`);
        },
      );
    await run('tsc');
    await run('biome', 'lint', '--error-on-warnings', 'src');
    await applyAll(
      project.folder,
      paths.map((path) => join(Dir, path)),
      objects,
    );
  },
  300_000,
);

/** Applies each object by its imported kind on an embedded control plane, and reads it. */
async function applyAll(
  folder: string,
  definitions: readonly string[],
  objects: readonly { readonly apiVersion: string; readonly kind: string; readonly spec: object }[],
): Promise<void> {
  const controlPlane = createControlPlane();
  const client = createClient({ transport: inProcessTransport(controlPlane.handle), fieldManager: 'import' });
  onTestFinished(async () => {
    await client.close();
    await controlPlane.close();
  });
  for (const file of definitions) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const crd = document.toJS();
      if (crd?.kind === 'CustomResourceDefinition') await client.create(CustomResourceDefinition, crd);
    }
  }
  for (const object of objects) {
    const module = (await import(pathToFileURL(join(folder, pathOf(object))).href)) as Readonly<
      Record<string, AnyKind>
    >;
    const kind = module[object.kind] as AnyKind;
    const key = { name: 'a', ...(kind.scope === 'Namespaced' ? { namespace: 'default' } : {}) };
    const body = { ...object, metadata: key };
    await client.patch(kind, key, { type: 'apply', body, force: true });
    expect(await client.get(kind, key)).toMatchObject(object);
  }
}
