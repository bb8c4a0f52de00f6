import { notFound, plainServerError, tooLargeResourceVersion } from '../status/index.ts';
import { parseRevision, RevisionSyntaxError } from './list-options.ts';
import { type Answer, collectionOf, keyOf, type RequestScope } from './scope.ts';

/** GET of one object. There is one copy of everything, so any revision up to the present one is satisfied by it. */
export function get(scope: RequestScope): Answer | Promise<Answer> {
  const { backend, resource, namespace, name } = scope;
  const revision = readRevision(scope.query.get('resourceVersion') ?? '');
  if (revision !== undefined && revision > backend.store.revision) {
    throw tooLargeResourceVersion(String(revision), String(backend.store.revision));
  }
  const entry = collectionOf(backend, resource).get(keyOf(resource, namespace, name));
  if (!entry) throw notFound(resource, name);
  const answer: Answer = { type: 'entry', code: 200, entry };
  return resource.conversion?.refresh(entry.object)?.then(() => answer) ?? answer;
}

function readRevision(text: string): number | undefined {
  try {
    return parseRevision(text);
  } catch (error) {
    // The server has no better code for it on a single object.
    throw error instanceof RevisionSyntaxError ? plainServerError(error.message) : error;
  }
}
