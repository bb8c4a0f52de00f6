import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { isInternalError } from 'setpoint/errors';
import { Failure, sentenceOf } from '../failure.ts';
import type { Output } from '../output.ts';
import { interval } from './cluster.ts';

/**
 * Applies the objects of `config/samples`, in the order of their files' names; those changed on the server come back.
 *
 * @param patience for how long, in milliseconds, webhooks are waited for that are not served yet
 */
export async function applySamples(
  flags: { readonly project: string; readonly kubeconfig?: string; readonly context?: string },
  output: Output,
  patience = 0,
): Promise<void> {
  const deadline = systemClock.monotonic() + patience;
  const { project, kubeconfig, context } = flags;
  const samples = await readSamples(project);
  const config = await loadConfig({ kubeconfig, context });
  await using client = createClient({ config, fieldManager: 'setpoint-samples', userAgent: 'setpoint' });
  for (const { file, object } of samples) {
    const { apiVersion = '', kind = '', metadata } = object;
    try {
      const key = { name: metadata.name ?? '', namespace: await namespaceOf(object, client) };
      for (;;) {
        try {
          await client.patch({ apiVersion, kind }, key, { type: 'apply', body: object, force: true });
          break;
        } catch (error) {
          if (!isUnanswered(error) || systemClock.monotonic() > deadline) throw error;
          await sleep(systemClock, interval);
        }
      }
    } catch (error) {
      throw new Failure(`${file}: the ${kind} ${metadata.name} was not applied: ${sentenceOf(error)}`, {
        cause: error,
      });
    }
    output.out(`${kind.toLowerCase()}/${metadata.name} applied\n`);
  }
}

/** Whether nobody was there, or nobody trusted, to be asked about an object: who is may be about to start. */
function isUnanswered(error: unknown): boolean {
  return isInternalError(error) && /conversion webhook|failed calling webhook/.test(error.message);
}

/** Its own; else, as with kubectl, that of the kubeconfig, where the kind has namespaces. */
async function namespaceOf({ apiVersion = '', kind = '', metadata }: KubeObject, client: Client) {
  if (metadata.namespace !== undefined) return metadata.namespace;
  const resource = await client.discovery.find({ apiVersion, kind });
  return resource?.scope === 'Namespaced' ? client.defaultNamespace : undefined;
}

/** @throws Failure for a file that is no manifest */
async function readSamples(project: string): Promise<{ readonly file: string; readonly object: KubeObject }[]> {
  const folder = join(project, 'config/samples');
  if (!existsSync(folder)) return [];
  const { parseAllDocuments } = await import('yaml');
  return globSync('*.{yaml,yml}', { cwd: folder })
    .sort()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap((document) => {
        const [error] = document.errors;
        if (error) throw new Failure(`config/samples/${file} is no YAML: ${error.message}`);
        const object = document.toJS() as KubeObject | null;
        if (object === null || object.kind === 'Kustomization') return [];
        if (!object.apiVersion || !object.kind || !object.metadata?.name) {
          throw new Failure(`config/samples/${file} has a document without apiVersion, kind or metadata.name`);
        }
        return [{ file: `config/samples/${file}`, object }];
      }),
    );
}
