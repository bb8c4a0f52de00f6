import { manifestYaml } from '../manifests/index.ts';
import { objectsOf, objectsRegardless } from './manifests.ts';
import type { Folder, Part } from './part.ts';
import type { ResolvedSettings } from './settings.ts';

/** A file of a deployment: its path, with `/`, and its whole text. */
export interface DeploymentFile {
  readonly path: string;
  readonly text: string;
}

/** How a container's image is named where an overlay may set it, by kubebuilder's custom. */
const imageName = 'controller';

/** What stands in `config/` beside the folders in use, for those who ask for it. */
const optional: readonly Folder[] = ['prometheus', 'network-policy'];

/**
 * `config/` as kubebuilder lays it out: bases for kustomize, joined by `config/default`. Overlays of one's own stand
 * beside them and name `../default` as their resource; nothing here is to be edited.
 */
export async function kustomizeFiles(
  parts: readonly Part[],
  settings: ResolvedSettings,
  header: string,
): Promise<readonly DeploymentFile[]> {
  const files: DeploymentFile[] = [];
  const write = async (path: string, value: object | readonly object[]) => {
    files.push({ path: `config/${path}`, text: `${header}${await manifestYaml(value as never)}` });
  };
  const used: string[] = [];
  const folders = Map.groupBy(parts, ({ folder }) => folder);
  for (const [folder, ofFolder] of folders) {
    const isOptional = optional.includes(folder);
    const resources: string[] = [];
    for (const [file, ofFile] of Map.groupBy(ofFolder, (part) => part.file)) {
      const objects = ofFile.flatMap(isOptional ? objectsRegardless : objectsOf);
      if (objects.length === 0) continue;
      await write(`${folder}/${file}.yaml`, folder === 'manager' ? objects.map(withImageName) : objects);
      resources.push(`${file}.yaml`);
    }
    if (resources.length === 0) continue;
    if (folder === 'default') {
      used.push(...resources);
      continue;
    }
    const base = folder.split('/')[0] as string;
    const inside = base === folder ? resources : resources.map((file) => `${folder.slice(base.length + 1)}/${file}`);
    await write(`${base}/kustomization.yaml`, kustomization(inside, base === 'manager' ? image(settings) : {}));
    if (!isOptional || ofFolder.some(({ condition }) => condition?.holds)) used.push(`../${base}`);
  }
  await write('default/kustomization.yaml', kustomization(used));
  return files;
}

function kustomization(resources: readonly string[], more: object = {}): object {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources, ...more };
}

function image({ repository, tag }: ResolvedSettings): object {
  const [newName, algorithm] = repository.split('@');
  const version = algorithm ? { digest: `${algorithm}:${tag}` } : { newTag: tag };
  return { images: [{ name: imageName, newName, ...version }] };
}

/** So that `kustomize edit set image controller=…` finds it whatever it is called today. */
function withImageName(object: object): object {
  const { kind, spec } = object as {
    readonly kind?: string;
    readonly spec?: { template: { spec: { containers: object[] } } };
  };
  if (kind !== 'Deployment' || !spec) return object;
  const { template } = spec;
  const containers = template.spec.containers.map((container) => ({ ...container, image: `${imageName}:latest` }));
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } } };
}
