import { whenConverted } from '../registry/index.ts';
import { badRequest, expired, tooLargeResourceVersion } from '../status/index.ts';
import type { Collection, Entry, View } from '../store/index.ts';
import { type ContinueToken, continueAfter, decodeContinue, encodeContinue } from './continue-token.ts';
import { type ListOptions, parseListOptions, parseRevision, RevisionSyntaxError } from './list-options.ts';
import { type Answer, collectionOf, type RequestScope } from './scope.ts';
import { parseSelection, type Selection } from './selection.ts';

/** GET of a collection, whole or in chunks. */
export function list(scope: RequestScope): Answer | Promise<Answer> {
  const { conversion } = scope.resource;
  if (!conversion) return listNow(scope);
  // All of them at once, before any is looked at: those of the moment that is asked for, which may be past.
  const { collection, prefix } = rangeOf(scope);
  const { view } = placeOf(parseListOptions(scope.query), collection, scope.backend.store.revision, prefix);
  const objects = Array.from(view.entries(prefix), (entry) => entry.object);
  return conversion.prepare(objects)?.then(() => whenConverted(scope.resource, () => listNow(scope))) ?? listNow(scope);
}

function rangeOf({ backend, resource, namespace }: RequestScope) {
  const prefix = resource.namespaced && namespace !== '' ? `${namespace}/` : '';
  return { collection: collectionOf(backend, resource), prefix };
}

function listNow(scope: RequestScope): Answer & { readonly type: 'list' } {
  const options = parseListOptions(scope.query);
  const selection = parseSelection(scope.resource, scope.query);
  const { collection, prefix } = rangeOf(scope);
  const at = placeOf(options, collection, scope.backend.store.revision, prefix);
  const { entries, more } = take(at.view, prefix, at.start, at.limit, scope, selection);
  const last = entries.at(-1);
  if (!more || !last) return { type: 'list', entries, metadata: { resourceVersion: String(at.revision) } };
  const next = continueAfter(at.revision, last.key, prefix);
  return {
    type: 'list',
    entries,
    metadata: {
      resourceVersion: String(at.revision),
      continue: next,
      // With a selector nobody knows without looking at all of them.
      ...(selection.all ? { remainingItemCount: at.view.count(prefix, `${last.key}\0`) } : {}),
    },
  };
}

interface Place {
  readonly view: View;
  readonly revision: number;
  readonly start: string | undefined;
  readonly limit: number;
}

/** The moment and the key that a list begins at: the rules of resource versions, one by one. */
function placeOf(options: ListOptions, collection: Collection, current: number, prefix: string): Place {
  const { limit } = options;
  if (options.continue !== '') return continued(options, decodeContinue(options.continue), collection, current, prefix);
  const now: Place = { view: collection.present(), revision: current, start: undefined, limit };
  const revision = readRevision(options.resourceVersion);
  if (revision === undefined) return now;
  if (revision > current) throw tooLargeResourceVersion(String(revision), String(current));
  // "Any state will do" was always answered whole.
  if (revision === 0) return { ...now, limit: 0 };
  const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && limit > 0);
  if (!exact) return now;
  if (revision < collection.completeSince) throw expired('The resourceVersion for the provided list is too old.');
  return { view: collection.at(revision), revision, start: undefined, limit };
}

function continued(
  options: ListOptions,
  token: ContinueToken,
  collection: Collection,
  current: number,
  prefix: string,
): Place {
  if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const start = prefix + token.start;
  const limit = options.resourceVersion === '0' ? 0 : options.limit;
  if (token.revision < 0) return { view: collection.present(), revision: current, start, limit };
  if (token.revision > current) throw tooLargeResourceVersion(String(token.revision), String(current));
  if (token.revision < collection.completeSince) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      encodeContinue(-1, token.start),
    );
  }
  return { view: collection.at(token.revision), revision: token.revision, start, limit };
}

function readRevision(text: string): number | undefined {
  try {
    return parseRevision(text);
  } catch (error) {
    throw error instanceof RevisionSyntaxError ? badRequest(`invalid resource version: ${error.message}`) : error;
  }
}

/** The first `limit` entries that are selected, and whether there is a key behind them. */
function take(
  view: View,
  prefix: string,
  start: string | undefined,
  limit: number,
  scope: RequestScope,
  selection: Selection,
): { readonly entries: readonly Entry[]; readonly more: boolean } {
  const entries: Entry[] = [];
  for (const entry of view.entries(prefix, start)) {
    if (limit > 0 && entries.length === limit) return { entries, more: true };
    if (selection.all || selection.matches(scope.resource.fromStorage(entry.object))) entries.push(entry);
  }
  return { entries, more: false };
}
