import type { Exchange } from './recorder.ts';

/** The headers that clients act on. */
const comparedHeaders = ['content-type', 'warning', 'retry-after', 'cache-control', 'location', 'allow', 'vary'];

/**
 * Makes two recordings of one scenario comparable: what differs between any two servers (uids, times, revisions,
 * generated suffixes, addresses) is replaced by where it first appeared, so that a value that should be the same
 * twice, or should have changed, still shows.
 */
export function normalise(exchanges: readonly Exchange[]): readonly unknown[] {
  const revisions = rankRevisions(exchanges);
  const uids = new Map<string, string>();
  const names = new Map<string, string>();

  const value = (input: unknown, key: string, parent: Readonly<Record<string, unknown>>): unknown => {
    if (Array.isArray(input)) return input.map((item) => value(item, key, parent));
    if (input !== null && typeof input === 'object') return object(input as Record<string, unknown>);
    if (typeof input !== 'string') return input;
    if (key === 'uid' && input !== '') return remember(uids, input, 'uid');
    if (key === 'resourceVersion' && input !== '') return revisions(input, isListMeta(parent));
    if (key === 'continue' && input !== '') return continueToken(input);
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(input)) return input.includes('.') ? 'micro-time' : 'time';
    if (key === 'clusterIP' || key === 'clusterIPs') return input === 'None' || input === '' ? input : 'cluster-ip';
    return text(input);
  };
  const text = (input: string) => {
    let output = input;
    for (const [name, stand] of [...names, ...uids]) output = output.replaceAll(name, stand);
    return output
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time')
      .replaceAll(/(resource version: )\d+( \(\d+\))?/g, '$1…')
      .replaceAll(/(ResourceVersion: )\d+/g, '$1…')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'server');
  };
  const object = (input: Record<string, unknown>): unknown => {
    const meta = input as { generateName?: unknown; name?: unknown };
    if (
      typeof meta.generateName === 'string' &&
      typeof meta.name === 'string' &&
      meta.name.startsWith(meta.generateName)
    ) {
      if (!names.has(meta.name)) names.set(meta.name, `${meta.generateName}<${names.size + 1}>`);
    }
    const output: Record<string, unknown> = {};
    for (const key of Object.keys(input).sort()) {
      // Field ownership comes with server-side apply; until then the embedded server keeps none.
      if (key === 'managedFields') continue;
      output[key] = value(input[key], key, input);
    }
    return output;
  };

  return exchanges.map((exchange) => ({
    title: text(exchange.title),
    status: exchange.status,
    headers: Object.fromEntries(
      comparedHeaders.flatMap((name) => (name in exchange.headers ? [[name, exchange.headers[name]]] : [])),
    ),
    body: value(exchange.body, '', {}),
  }));
}

function remember(seen: Map<string, string>, input: string, word: string): string {
  const known = seen.get(input) ?? `${word}-${seen.size + 1}`;
  seen.set(input, known);
  return known;
}

/** The metadata of a list has no name; its revision is the store's, which other writers move on a real server. */
function isListMeta(meta: Readonly<Record<string, unknown>>): boolean {
  return !('name' in meta) && !('uid' in meta) && !('creationTimestamp' in meta);
}

/** Objects' revisions become their ranks, so that order and equality are compared; a list's is only checked to be one. */
function rankRevisions(exchanges: readonly Exchange[]): (revision: string, ofList: boolean) => string {
  const found = new Set<string>();
  const collect = (input: unknown): void => {
    if (input === null || typeof input !== 'object') return;
    for (const [key, inner] of Object.entries(input)) {
      if (key === 'resourceVersion' && typeof inner === 'string' && /^\d+$/.test(inner)) {
        if (!isListMeta(input as Record<string, unknown>)) found.add(inner);
      } else collect(inner);
    }
  };
  collect(exchanges.map((exchange) => exchange.body));
  const ranked = [...found].sort((a, b) => Number(BigInt(a) - BigInt(b)));
  return (revision, ofList) => {
    if (!/^\d+$/.test(revision) || revision === '0') return revision;
    return ofList ? 'a list revision' : `revision ${ranked.indexOf(revision) + 1}`;
  };
}

function continueToken(token: string): unknown {
  const decoded = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  return { ...decoded, rv: decoded.rv === -1 ? -1 : 'revision' };
}
