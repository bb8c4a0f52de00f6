import { readObject } from './body.ts';
import { type Answer, mutableCopy, type RequestScope } from './scope.ts';
import { checkName, updateObject } from './update.ts';
import { type WriteContext, writeContext } from './write.ts';
import { parseWriteOptions } from './write-options.ts';

/** PUT of a namespace's `finalize`: the only way to take finalizers out of its spec; with the last one it goes. */
export async function finalizeNamespace(scope: RequestScope): Promise<Answer> {
  const options = parseWriteOptions(scope.query, 'UpdateOptions');
  const wanted = await readObject(scope, options.fieldValidation);
  checkName(wanted, scope.name);
  return setNamespaceFinalizers(writeContext(scope, options), scope.name, () => wanted.spec?.finalizers ?? []);
}

/** Everything behind the decoding: puts `finalizers` of what is there into the spec; what nothing holds any more goes. */
export async function setNamespaceFinalizers(
  context: WriteContext,
  name: string,
  finalizers: (current: readonly string[]) => readonly string[],
): Promise<Answer> {
  return updateObject(context, name, {
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
}
