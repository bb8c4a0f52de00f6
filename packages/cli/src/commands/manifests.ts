import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { chartFiles, type DeploymentFile, kustomizeFiles, plainManifests } from 'setpoint/deployment';
import { manifestYaml } from 'setpoint/manifests';
import { applyChanges, compareGenerated, generatedHeader, planDeployment, sampleOf } from '../deployment/index.ts';
import { Failure } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, type Project } from '../project.ts';

export interface ManifestsFlags {
  readonly project: string;
  /** Write nothing; fail where something would be. */
  readonly check?: boolean;
  /** Instead of the one in the project's configuration. */
  readonly image?: string;
}

/** Writes `config/`, `dist/install.yaml` and `dist/chart/` from the operator's declarations, or says what is out of date. */
export async function manifests(flags: ManifestsFlags, output: Output): Promise<void> {
  const project = findProject(flags.project);
  const { folder } = project;
  const { generated, samples } = await generate(project, flags.image);
  const changes = compareGenerated(folder, generated);
  const { written, stale, unchanged } = changes;
  if (flags.check) {
    if (written.length + stale.length === 0) {
      output.out(`${unchanged} files are up to date\n`);
      return;
    }
    const what = [...written.map(({ path }) => path), ...stale.map((path) => `${path} (to be removed)`)];
    throw new Failure(`out of date: ${what.join(', ')}; run \`setpoint manifests\` and commit what it writes`);
  }
  applyChanges(folder, { ...changes, written: [...written, ...samples] });
  for (const { path } of [...written, ...samples]) output.out(`${path} written\n`);
  for (const path of stale) output.out(`${path} removed\n`);
  if (unchanged > 0) output.out(`${unchanged} files unchanged\n`);
}

interface Generated {
  readonly generated: readonly DeploymentFile[];
  /** Written once; from then on they belong to the user. */
  readonly samples: readonly DeploymentFile[];
}

async function generate(project: Project, image: string | undefined): Promise<Generated> {
  const { folder } = project;
  const { operator, settings, parts } = await planDeployment(project, image ? { image } : {});
  const install = `${generatedHeader}${await manifestYaml(plainManifests(parts))}`;
  const samples = await newSamples(folder, operator.crds({ endpoint: { url: 'https://localhost' } }));
  const generated = [
    ...(await kustomizeFiles(parts, settings, generatedHeader)),
    ...(await samplesKustomization(folder, samples)),
    { path: 'dist/install.yaml', text: install },
    ...(await chartFiles(operator, parts, settings, generatedHeader)),
  ];
  return { generated, samples };
}

async function newSamples(folder: string, crds: readonly Parameters<typeof sampleOf>[0][]): Promise<DeploymentFile[]> {
  const samples: DeploymentFile[] = [];
  for (const crd of crds) {
    const { group, names, versions } = crd.spec;
    const version = versions.find(({ storage }) => storage)?.name;
    const path = `config/samples/${group.split('.')[0]}_${version}_${names.kind.toLowerCase()}.yaml`;
    if (existsSync(join(folder, path))) continue;
    samples.push({ path, text: (await manifestYaml(sampleOf(crd))).replace(/^---\n/, '') });
  }
  return samples;
}

async function samplesKustomization(folder: string, added: readonly DeploymentFile[]): Promise<DeploymentFile[]> {
  const present = globSync('config/samples/*.yaml', { cwd: folder }).map((path) => path.replaceAll('\\', '/'));
  const all = new Set(
    [...present, ...added.map(({ path }) => path)].map((path) => path.slice('config/samples/'.length)),
  );
  all.delete('kustomization.yaml');
  if (all.size === 0) return [];
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...all].sort(),
  };
  const text = `${generatedHeader}${await manifestYaml(kustomization as never)}`;
  return [{ path: 'config/samples/kustomization.yaml', text }];
}
