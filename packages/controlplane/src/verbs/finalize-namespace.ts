import type { MutableObject } from '../registry/index.ts';
import { readObject } from './body.ts';
import { type Answer, collectionOf, mutableCopy, type RequestScope } from './scope.ts';
import { checkName, updateObject } from './update.ts';
import { commitObject, type WriteContext } from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** PUT of a namespace's `finalize`: the only way to take finalizers out of its spec; with the last one it goes. */
export async function finalizeNamespace(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'UpdateOptions');
  const wanted = await readObject(scope, options.fieldValidation);
  checkName(wanted, scope.name);
  const { backend, resource } = scope;
  const context = { backend, resource, namespace: '', dryRun: options.dryRun, warn: scope.warn };
  return setNamespaceFinalizers(context, scope.name, () => wanted.spec?.finalizers ?? []);
}

/** Everything behind the decoding: puts `finalizers` of what is there into the spec, and removes what nothing holds. */
export async function setNamespaceFinalizers(
  context: WriteContext,
  name: string,
  finalizers: (current: readonly string[]) => readonly string[],
): Promise<Answer> {
  const { backend, resource } = context;
  const answer = await updateObject(context, name, {
    part: 'finalize',
    make(current) {
      const object = mutableCopy(current);
      const next = finalizers(object.spec?.finalizers ?? []);
      object.spec = { ...object.spec };
      if (next.length > 0) object.spec.finalizers = next;
      else delete object.spec.finalizers;
      return object;
    },
  });
  if (answer.type !== 'entry' || context.dryRun) return answer;
  const { metadata, spec } = answer.entry.object as MutableObject;
  const held = (metadata.finalizers ?? []).length > 0 || (spec?.finalizers ?? []).length > 0;
  if (!metadata.deletionTimestamp || held) return answer;
  const entry = collectionOf(backend, resource).get(name);
  if (entry) commitObject(context, entry.key, entry.revision, undefined, 'delete');
  return answer;
}
