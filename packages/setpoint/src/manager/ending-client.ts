import type { Client } from '../client/index.ts';

/** The client for the caches: what they ask once (the cluster's identity) must not hold up a stop. */
export function endingWith(signal: AbortSignal, client: Client): Pick<Client, 'get' | 'list' | 'pages' | 'watch'> {
  const get: Client['get'] = (kind, key, options) =>
    client.get(kind, key, {
      ...options,
      signal: AbortSignal.any([signal, ...(options?.signal ? [options.signal] : [])]),
    } as typeof options);
  return { get, list: client.list.bind(client), pages: client.pages.bind(client), watch: client.watch.bind(client) };
}
