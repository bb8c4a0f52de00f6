import { type Clock, systemClock } from '@setpoint/apimachinery/clock';
import { type Connections, discard, openConnections } from './http.ts';
import { dockerLogins, type Logins } from './logins.ts';
import type { ImageReference } from './reference.ts';
import { openRepository, type Repository } from './repository.ts';

export interface RegistriesOptions {
  readonly signal: AbortSignal;
  /** Registries may be talked to without encryption; those of this machine may anyway. */
  readonly insecure?: boolean;
  /** @default what `docker login` left */
  readonly logins?: Logins;
  /** @default the system's */
  readonly clock?: Clock;
}

/** All registries, as far as they are asked for something. */
export interface Registries extends Disposable {
  /** @param actions `pull` by default */
  repository(reference: ImageReference, actions?: 'pull' | 'pull,push'): Repository;
}

export function openRegistries(options: RegistriesOptions): Registries {
  const { signal, insecure = false, logins = dockerLogins(), clock = systemClock } = options;
  const connections = openConnections();
  const endpoints = new Map<string, Promise<URL>>();
  const endpointOf = (registry: string): Promise<URL> => {
    const known = endpoints.get(registry);
    if (known) return known;
    const found = findEndpoint(registry, insecure, connections, signal);
    endpoints.set(registry, found);
    return found;
  };
  return {
    repository: (reference, actions = 'pull') =>
      openRepository({
        reference,
        endpoint: () => endpointOf(reference.registry),
        actions,
        connections,
        logins,
        clock,
        signal,
      }),
    [Symbol.dispose]: () => connections[Symbol.dispose](),
  };
}

async function findEndpoint(
  registry: string,
  insecure: boolean,
  connections: Connections,
  signal: AbortSignal,
): Promise<URL> {
  const secure = new URL(`https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`);
  if (!insecure && !isThisMachine(secure.hostname)) return secure;
  try {
    discard(await connections.send({ method: 'GET', url: new URL('/v2/', secure) }, signal));
    return secure;
  } catch (error) {
    return speaksNoTls(error) ? new URL(`http://${registry}`) : secure;
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** What comes of saying hello in TLS to a server that knows only HTTP. */
function speaksNoTls(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return code === 'EPROTO' || code === 'ECONNRESET' || code.startsWith('ERR_SSL');
}
