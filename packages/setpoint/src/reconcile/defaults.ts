import type { KubeObject } from '@setpoint/apimachinery/meta';
import { createMergePatch, deepEqual } from '@setpoint/apimachinery/patch';
import { TerminalError } from '../errors/index.ts';
import type { AnyKind } from '../kinds/index.ts';
import { isPromise } from './answers.ts';
import { keyOf } from './environment.ts';
import type { Pass } from './pass.ts';

/**
 * Runs the declared `default` and writes what it filled in; answers the object as it is then.
 *
 * It is run again on what it made and on what the server made of that: were either not the same, the object would be
 * written at every pass for ever.
 *
 * @throws TerminalError for a `default` that cannot come to rest
 */
export async function fillIn(pass: Pass, kind: AnyKind, object: KubeObject): Promise<KubeObject> {
  const fill = pass.environment.declaration.default;
  if (!fill) return object;
  const once = filled(fill, object);
  if (deepEqual(once, object)) return object;
  refuseWhatIsNotSpec(kind, object, once);
  if (!deepEqual(filled(fill, once), once)) {
    throw new TerminalError('`default` is not idempotent: run twice it changes the object twice');
  }
  const { uid, resourceVersion } = object.metadata;
  const changes = createMergePatch(object as never, once as never) as { readonly metadata?: object };
  const body = { ...changes, metadata: { ...changes.metadata, uid, resourceVersion } };
  const answer = (await pass.client.patch(kind, keyOf(object), { type: 'merge', body })) as KubeObject;
  if (!deepEqual(filled(fill, answer), answer)) {
    const fields = Object.keys(changes).join(', ');
    throw new TerminalError(
      `the API server did not keep what \`default\` filled in (${fields}): the schema lacks it, or a webhook changes it`,
    );
  }
  return answer;
}

function filled(fill: (draft: never) => unknown, object: KubeObject): KubeObject {
  const draft = structuredClone(object);
  const answer = fill(draft as never);
  if (!isPromise(answer)) return draft;
  answer.then(undefined, () => undefined);
  throw new TerminalError('`default` of a controller answers with a promise, and has to be done at once');
}

/** What a patch of the object itself cannot change. */
function refuseWhatIsNotSpec(kind: AnyKind, before: KubeObject, after: KubeObject): void {
  const status = (object: KubeObject) => (object as { readonly status?: unknown }).status;
  if (kind.subresources.status && !deepEqual(status(before), status(after))) {
    throw new TerminalError('`default` changed the status: write that in `reconcile`, by status.patch');
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    if (before.metadata[field] === after.metadata[field]) continue;
    throw new TerminalError(`\`default\` changed metadata.${field}, which no object can change`);
  }
}
