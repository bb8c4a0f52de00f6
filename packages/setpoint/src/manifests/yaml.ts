import type { KubeObject } from '@setpoint/apimachinery/meta';
import { sorted } from './order.ts';

/**
 * Manifests as YAML documents, each begun by `---`. What a YAML 1.1 reader (kubectl among them) would take for
 * something else is quoted: `on`, `0644`, `1:30`. Members are in alphabetical order.
 */
export async function manifestYaml(objects: KubeObject | readonly KubeObject[]): Promise<string> {
  const { stringify } = await import('yaml');
  const list: readonly KubeObject[] = Array.isArray(objects) ? objects : [objects as KubeObject];
  const style = {
    compat: 'yaml-1.1',
    lineWidth: 80,
    indentSeq: false,
    singleQuote: true,
    aliasDuplicateObjects: false,
  } as const;
  return list.map((object) => `---\n${stringify(sorted(object), style)}`).join('');
}
