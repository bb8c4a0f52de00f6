import { StatusError } from '../status/index.ts';
import { deleteObject } from './delete.ts';
import { parseDeleteOptions } from './delete-options.ts';
import { list } from './list.ts';
import type { Answer, RequestScope } from './scope.ts';
import { writeContext } from './write.ts';

/** DELETE of a collection: lists, then deletes one by one. Answers with what was listed; not atomic. */
export async function deleteCollection(scope: RequestScope): Promise<Answer> {
  const options = await parseDeleteOptions(scope);
  const listing = list(scope);
  const listed = listing instanceof Promise ? await listing : listing;
  if (listed.type !== 'list') return listed;
  const context = writeContext(scope, { dryRun: options.dryRun, given: {} });
  for (const { object } of listed.entries) {
    const { name = '', namespace = '' } = object.metadata;
    try {
      await deleteObject({ ...context, namespace }, name, options, '');
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
    }
  }
  return listed;
}
