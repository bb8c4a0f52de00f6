import { spawnSync } from 'node:child_process';
import { header, type Model } from './model.ts';

/** What only a server's discovery tells of a kind; kept in tools/kinds/generated/discovery.json. */
export interface KindFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly storageVersionHash?: string;
  readonly subresources: readonly SubresourceFacts[];
}

interface SubresourceFacts {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** Asks the server of a kubeconfig, through kubectl, for the resources of every module. */
export function readDiscovery(kubeconfig: string, model: Model): readonly KindFacts[] {
  return (
    Object.keys(model)
      // Types that have an encoding of their own are in packages that serve nothing.
      .filter((module) => module !== 'meta/v1' && !module.startsWith('k8s.io/'))
      .sort()
      .flatMap((module) => factsOf(module, kubeconfig))
  );
}

function factsOf(module: string, kubeconfig: string): KindFacts[] {
  const path = module.startsWith('core/') ? '/api/v1' : `/apis/${module}`;
  const result = spawnSync('kubectl', ['--kubeconfig', kubeconfig, 'get', '--raw', path], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`kubectl get --raw ${path} failed: ${result.stderr}`);
  const { resources } = JSON.parse(result.stdout) as { resources: readonly ApiResource[] };
  const [group, version] = module.split('/') as [string, string];
  const main = resources.filter((resource) => !resource.name.includes('/'));
  return main.map((resource) => ({
    group: group === 'core' ? '' : group,
    version,
    kind: resource.kind,
    plural: resource.name,
    singular: resource.singularName,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    namespaced: resource.namespaced,
    verbs: resource.verbs,
    ...(resource.storageVersionHash ? { storageVersionHash: resource.storageVersionHash } : {}),
    subresources: resources
      .filter((candidate) => candidate.name.startsWith(`${resource.name}/`))
      .map(({ name, kind, group, version, verbs }) => ({
        name: name.slice(name.indexOf('/') + 1),
        kind,
        ...(group ? { group } : {}),
        ...(version ? { version } : {}),
        verbs,
      })),
  }));
}

/** apimachinery/src/kinds/generated/facts.ts. */
export function factsFile(facts: readonly KindFacts[]): string {
  const rows = facts.map(
    (fact) => `  ${JSON.stringify({ ...fact, listKind: `${fact.kind}List`, type: typeOf(fact) })},`,
  );
  return [
    header,
    `import type { BuiltinKind } from '../types.ts';\n`,
    'export const facts: readonly BuiltinKind[] = [',
    ...rows,
    '];',
    '',
  ].join('\n');
}

function typeOf(fact: KindFacts): string {
  return `${fact.group === '' ? 'core' : fact.group}/${fact.version}.${fact.kind}`;
}
