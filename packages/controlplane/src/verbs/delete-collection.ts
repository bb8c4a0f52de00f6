import { StatusError } from '../status/index.ts';
import { deleteObject } from './delete.ts';
import { parseDeleteOptions } from './delete-options.ts';
import { list } from './list.ts';
import type { Answer, RequestScope } from './scope.ts';

/** DELETE of a collection: lists, then deletes one by one. Answers with what was listed; not atomic. */
export async function deleteCollection(scope: RequestScope): Promise<Answer> {
  const options = await parseDeleteOptions(scope);
  const listed = list(scope);
  if (listed.type !== 'list') return listed;
  const { backend, resource } = scope;
  for (const { object } of listed.entries) {
    const { name = '', namespace = '' } = object.metadata;
    const context = { backend, resource, namespace, dryRun: options.dryRun, warn: scope.warn };
    try {
      deleteObject(context, name, options);
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
    }
  }
  return listed;
}
