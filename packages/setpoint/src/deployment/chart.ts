import { chartYaml } from './chart-yaml.ts';
import type { DeploymentFile } from './kustomize.ts';
import type { DeployedOperator } from './operator-parts.ts';
import type { Part } from './part.ts';
import type { ResolvedSettings } from './settings.ts';
import { type Template, when } from './template.ts';

/**
 * A Helm chart (`apiVersion: v2`) of the same objects. Its CRDs are templates, so that an upgrade brings them up to
 * date, and Helm keeps them when the release goes unless `crds.keep` is false: with a CRD go all objects of its kind.
 */
export async function chartFiles(
  operator: DeployedOperator,
  parts: readonly Part[],
  settings: ResolvedSettings,
  header: string,
): Promise<readonly DeploymentFile[]> {
  const { name, version } = operator;
  const yaml = await import('yaml');
  const scalars = (value: string | number | boolean | null) => {
    // A line break would need a block; a JSON string is YAML too.
    if (typeof value === 'string' && /[\n\r\t]/.test(value)) return JSON.stringify(value);
    return yaml.stringify(value, { compat: 'yaml-1.1', singleQuote: true, lineWidth: 0 }).trimEnd();
  };
  const metadata = {
    apiVersion: 'v2',
    name,
    description: `The operator ${name}`,
    type: 'application',
    version,
    appVersion: settings.repository.includes('@') ? version : settings.tag,
    kubeVersion: '>=1.31.0-0',
  };
  const at = (file: string) => `dist/chart/${file}`;
  const files: DeploymentFile[] = [
    { path: at('Chart.yaml'), text: `${header}${yaml.stringify(metadata)}` },
    { path: at('values.yaml'), text: `${header}${yaml.stringify(chartValues(settings), { lineWidth: 0 })}` },
    { path: at('.helmignore'), text: '# Nothing but the chart is here.\n' },
  ];
  const inChart = parts.filter(({ outsideChart }) => !outsideChart);
  for (const [path, ofFile] of Map.groupBy(inChart, ({ folder, file }) => `${folder.split('/')[0]}/${file}`)) {
    const text = ofFile.map((part) => partTemplate(part, scalars)).join('');
    files.push({ path: at(`templates/${path}.yaml`), text: `${comment(header)}${text}` });
  }
  return files;
}

/** What a user of the chart may set, with its defaults. */
export function chartValues(settings: ResolvedSettings): object {
  const { repository, tag, imagePullPolicy, replicas, resources, watchNamespaces } = settings;
  return {
    image: { repository, tag, pullPolicy: imagePullPolicy },
    imagePullSecrets: [],
    replicas,
    resources,
    watchNamespaces,
    arguments: settings.arguments,
    environment: settings.environment,
    leaderElection: { enable: true },
    metrics: { enable: true, serviceMonitor: settings.serviceMonitor },
    networkPolicy: { enable: settings.networkPolicy },
    podDisruptionBudget: { enable: settings.podDisruptionBudget },
    crds: { install: true, keep: true },
    rbac: { helpers: true },
    serviceAccount: { annotations: {} },
    podAnnotations: {},
    podLabels: {},
    nodeSelector: {},
    tolerations: [],
    affinity: {},
    topologySpreadConstraints: [],
    priorityClassName: '',
  };
}

function partTemplate(part: Part, scalars: Parameters<typeof chartYaml>[1]): string {
  const { condition, each } = part;
  const object = part.folder === 'crd/bases' ? keptCrd(part.object) : part.object;
  let lines = `---\n${chartYaml(object, scalars)}`;
  if (each) lines = `{{- range $item := $.Values.${each.path} }}\n${lines}{{- end }}\n`;
  if (!condition) return lines;
  return `{{- if ${condition.is ? '' : 'not '}$.Values.${condition.path} }}\n${lines}{{- end }}\n`;
}

function keptCrd(object: Template): Template {
  const { metadata, ...rest } = object as { readonly metadata: { readonly annotations?: object } };
  const policy = when({ path: 'crds.keep', is: true, holds: true }, 'keep');
  const annotations = { ...metadata.annotations, 'helm.sh/resource-policy': policy };
  return { ...rest, metadata: { ...metadata, annotations } } as Template;
}

function comment(header: string): string {
  return header.replaceAll(/^# ?(.*)$/gm, '{{- /* $1 */}}');
}
