import type { Action, ServedResource } from '../registry/index.ts';
import { readObject } from './body.ts';
import { createNamed } from './create.ts';
import { metaOf, wipeSystemFields } from './metadata.ts';
import { trackOwners } from './ownership.ts';
import type { Answer, RequestScope } from './scope.ts';
import { ensureNamespace, warnOfDuplicateOwners, writeContext } from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/**
 * POST of what stores nothing: of a resource whose creation is an action, or of such a subresource, `body` being the
 * kind of what is sent.
 */
export async function act(scope: RequestScope, body: ServedResource, action: Action): Promise<Answer> {
  const { resource, namespace, name, user, signal, warn, annotate } = scope;
  const options = parseWriteOptions(scope.query, 'CreateOptions');
  const { dryRun } = options;
  const object = await readObject({ ...scope, signal, resource: body }, options.fieldValidation);
  if (!action.keepsSystemFields) wipeSystemFields(metaOf(object));
  ensureNamespace(resource, namespace, object);
  warnOfDuplicateOwners(object, warn, false);
  const context = writeContext(scope, options);
  trackOwners({ ...context, resource: body }, undefined, object);
  return createNamed(context, name, body, object, async (admitted, validate) => {
    const request = { user, namespace, name, dryRun, signal, warn, annotate, validate };
    const answer = await action.run(admitted, request);
    return answer ? { type: 'object', code: 201, object: body.toStorage(answer) } : { type: 'done', code: 201 };
  });
}
