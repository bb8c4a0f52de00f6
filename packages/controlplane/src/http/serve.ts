import type { ApiServer, ServeOptions } from './server.ts';

export type { ApiServer, ServeOptions } from './server.ts';

/**
 * Opens one TLS socket for HTTP/1.1 and HTTP/2. Rejects if the address is in use.
 * Node's HTTP modules take 15 to 20 ms to load; a control plane that never listens does without them.
 */
export async function serve(options: ServeOptions): Promise<ApiServer> {
  const server = await import('./server.ts');
  return server.serve(options);
}
