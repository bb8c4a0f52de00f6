import { readObject } from './body.ts';
import { type Answer, collectionOf, mutableCopy, type RequestScope } from './scope.ts';
import { checkName, updateObject } from './update.ts';
import { commitObject } from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** PUT of a namespace's `finalize`: the only way to take finalizers out of its spec; with the last one it goes. */
export async function finalizeNamespace(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'UpdateOptions');
  const wanted = await readObject(scope, options.fieldValidation);
  checkName(wanted, scope.name);
  const { backend, resource } = scope;
  const context = { backend, resource, namespace: '', dryRun: options.dryRun, warn: scope.warn };
  const answer = updateObject(context, scope.name, {
    part: 'finalize',
    make(current) {
      const object = mutableCopy(current);
      object.spec = { ...object.spec };
      const finalizers: readonly string[] = wanted.spec?.finalizers ?? [];
      if (finalizers.length > 0) object.spec.finalizers = finalizers;
      else delete object.spec.finalizers;
      return object;
    },
  });
  if (answer.type !== 'entry' || options.dryRun) return answer;
  const { metadata, spec } = answer.entry.object as typeof wanted;
  const held = (metadata.finalizers ?? []).length > 0 || (spec?.finalizers ?? []).length > 0;
  if (!metadata.deletionTimestamp || held) return answer;
  const entry = collectionOf(backend, resource).get(scope.name);
  if (entry) commitObject(context, entry.key, entry.revision, undefined, 'delete');
  return answer;
}
