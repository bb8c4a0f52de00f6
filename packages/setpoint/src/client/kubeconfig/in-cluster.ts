import path from 'node:path';
import { ConfigError } from '../../errors/index.ts';
import { readFile, readText } from '../read-file.ts';
import type { ClientConfig } from './config.ts';

const standardFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process runs in a Pod with a service account. */
export async function isInCluster(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = standardFolder,
): Promise<boolean> {
  if (!env.KUBERNETES_SERVICE_HOST || !env.KUBERNETES_SERVICE_PORT) return false;
  return readFile(path.join(folder, 'token')).then(
    () => true,
    () => false,
  );
}

/** The namespace of the Pod that this process runs in; undefined outside of one. */
export async function podNamespace(folder: string = standardFolder): Promise<string | undefined> {
  const text = await readText(path.join(folder, 'namespace')).catch(() => '');
  return text.trim() || undefined;
}

/** The configuration of a Pod: the environment names the server, mounted files hold the token and the CA. */
export async function inClusterConfig(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = standardFolder,
): Promise<ClientConfig> {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT ?? '';
  if (host === '' || port === '') {
    throw new ConfigError(
      'NoConfiguration',
      'this is not a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set',
    );
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: (await podNamespace(folder)) ?? 'default',
    tls: { ca: await readFile(path.join(folder, 'ca.crt')).catch(() => undefined) },
    auth: { type: 'tokenFile', path: path.join(folder, 'token') },
    source: 'the service account of this Pod',
  };
}
