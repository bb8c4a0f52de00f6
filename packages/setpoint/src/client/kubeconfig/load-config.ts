import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../errors/index.ts';
import { readFile } from '../read-file.ts';
import type { Authentication, ClientConfig, Impersonation, TlsConfig } from './config.ts';
import { inClusterConfig, isInCluster } from './in-cluster.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import {
  type ClusterEntry,
  type ExecEntry,
  type Kubeconfig,
  readKubeconfigs,
  type UserEntry,
} from './read-kubeconfig.ts';

/** Options of `loadConfig`; all may be left out. */
export interface LoadConfigOptions {
  /** A kubeconfig file, as `--kubeconfig` names it; it must exist. */
  readonly kubeconfig?: string | undefined;
  /** @default the file's current-context */
  readonly context?: string | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default the user's home folder */
  readonly home?: string | undefined;
  /** Where a Pod finds its token and CA. @default '/var/run/secrets/kubernetes.io/serviceaccount' */
  readonly serviceAccountFolder?: string | undefined;
}

/**
 * Finds out how to reach the cluster, in controller-runtime's order: the file given, the files of KUBECONFIG,
 * the Pod's service account, `~/.kube/config`.
 *
 * @throws ConfigError whose message is one sentence
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ClientConfig> {
  const env = options.env ?? process.env;
  const config = await findConfig(options, env);
  // The kubeconfig's own proxy beats the environment's.
  return { ...config, proxyUrl: config.proxyUrl ?? proxyFromEnvironment(config.server, env) };
}

async function findConfig(
  options: LoadConfigOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ClientConfig> {
  if (options.kubeconfig) return fromFiles([options.kubeconfig], true, options.context);
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== '');
  if (listed.length > 0) return fromFiles([...new Set(listed)], false, options.context);
  if (options.context === undefined && (await isInCluster(env, options.serviceAccountFolder))) {
    return inClusterConfig(env, options.serviceAccountFolder);
  }
  const standard = path.join(options.home ?? os.homedir(), '.kube', 'config');
  try {
    return await fromFiles([standard], true, options.context);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'FileMissing') throw error;
    throw new ConfigError(
      'NoConfiguration',
      `no cluster is configured: KUBECONFIG is not set, this is not a Pod, and ${standard} does not exist`,
    );
  }
}

async function fromFiles(
  files: readonly string[],
  mustExist: boolean,
  context: string | undefined,
): Promise<ClientConfig> {
  const kubeconfig = await readKubeconfigs(files, { mustExist });
  if (kubeconfig.files.length === 0) {
    throw new ConfigError('FileMissing', `none of the files that KUBECONFIG names exists: ${files.join(', ')}`);
  }
  return configOf(kubeconfig, context);
}

/** What one context of a kubeconfig means. */
export async function configOf(kubeconfig: Kubeconfig, contextName?: string): Promise<ClientConfig> {
  const where = kubeconfig.files.join(', ');
  const name = contextName ?? kubeconfig.currentContext;
  if (name === '') {
    const known = [...kubeconfig.contexts.keys()].join(', ');
    throw new ConfigError(
      'NoContext',
      `${where} has no current-context: name one of its contexts (${known || 'it has none'})`,
    );
  }
  const context = kubeconfig.contexts.get(name);
  if (!context) {
    const known = [...kubeconfig.contexts.keys()].join(', ');
    throw new ConfigError('UnknownContext', `${where} has no context ${name} (it has ${known || 'none'})`);
  }
  const clusterName = context.cluster ?? '';
  const cluster = kubeconfig.clusters.get(clusterName);
  if (!cluster)
    throw new ConfigError(
      'UnknownCluster',
      `context ${name} of ${where} names the cluster "${clusterName}", which is not there`,
    );
  const userName = context.user ?? '';
  const user = kubeconfig.users.get(userName);
  if (!user && userName !== '') {
    throw new ConfigError(
      'UnknownUser',
      `context ${name} of ${where} names the user "${userName}", which is not there`,
    );
  }
  const source = `context ${name} of ${where}`;
  return {
    server: serverOf(cluster, clusterName, where),
    namespace: context.namespace || 'default',
    tls: await tlsOf(cluster, user ?? {}, source),
    auth: authenticationOf(cluster, user ?? {}, source),
    impersonate: impersonationOf(user ?? {}),
    proxyUrl: cluster['proxy-url'] || undefined,
    source,
  };
}

function serverOf(cluster: ClusterEntry, name: string, where: string): string {
  const server = cluster.server ?? '';
  if (/^https?:\/\/[^/]/.test(server) && URL.canParse(server)) return server;
  const what = server === '' ? 'has no server' : `has a server that is no http or https URL: ${server}`;
  throw new ConfigError('InvalidConfiguration', `cluster ${name} of ${where} ${what}`);
}

async function tlsOf(cluster: ClusterEntry, user: UserEntry, source: string): Promise<TlsConfig> {
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  const ca = await material(cluster['certificate-authority-data'], cluster['certificate-authority'], 'CA', source);
  const cert = await material(
    user['client-certificate-data'],
    user['client-certificate'],
    'client certificate',
    source,
  );
  const key = await material(user['client-key-data'], user['client-key'], 'client key', source);
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'certificate' : 'key';
    throw new ConfigError(
      'InvalidConfiguration',
      `${source}: the user has half of a client certificate: its ${missing} is missing`,
    );
  }
  if (insecure && ca !== undefined) {
    throw new ConfigError('InvalidConfiguration', `${source}: the cluster has both a CA and insecure-skip-tls-verify`);
  }
  return { ca, cert, key, serverName: cluster['tls-server-name'] || undefined, insecureSkipVerify: insecure };
}

/** Data in the kubeconfig beats a file beside it. */
async function material(
  data: string | undefined,
  file: string | undefined,
  what: string,
  source: string,
): Promise<Uint8Array | undefined> {
  if (data) return Buffer.from(data, 'base64');
  if (!file) return undefined;
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ConfigError('FileMissing', `${source}: cannot read the ${what} ${file}`, { cause });
  }
}

function authenticationOf(cluster: ClusterEntry, user: UserEntry, source: string): Authentication | undefined {
  if (user.exec) return execOf(cluster, user.exec, source);
  if (user.tokenFile) return { type: 'tokenFile', path: user.tokenFile };
  if (user.token) return { type: 'token', token: user.token };
  if (user.username !== undefined && user.username !== '') {
    return { type: 'basic', username: user.username, password: user.password ?? '' };
  }
  if (user['auth-provider']) {
    throw new ConfigError(
      'InvalidConfiguration',
      `${source}: the user has the auth-provider ${user['auth-provider'].name ?? ''}, which Kubernetes has removed: use an exec credential plugin`,
    );
  }
  return undefined;
}

const execVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const;

function execOf(cluster: ClusterEntry, exec: ExecEntry, source: string): Authentication {
  const refuse = (why: string) => new ConfigError('InvalidConfiguration', `${source}: exec of the user ${why}`);
  const apiVersion = execVersions.find((version) => version === exec.apiVersion);
  if (!apiVersion) throw refuse(`has the apiVersion ${exec.apiVersion ?? '""'}, not one of ${execVersions.join(', ')}`);
  if (!exec.command) throw refuse('has no command');
  // v1 wants it said; v1beta1 had a default.
  const mode = exec.interactiveMode ?? (apiVersion.endsWith('/v1beta1') ? 'IfAvailable' : undefined);
  if (mode !== 'Never' && mode !== 'IfAvailable' && mode !== 'Always') {
    throw refuse(`needs an interactiveMode (Never, IfAvailable or Always)`);
  }
  return {
    type: 'exec',
    apiVersion,
    command: exec.command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: exec.installHint,
    provideClusterInfo: exec.provideClusterInfo === true,
    interactiveMode: mode,
    clusterConfig: cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension,
  };
}

function impersonationOf(user: UserEntry): Impersonation | undefined {
  const impersonate: Impersonation = {
    user: user.as || undefined,
    uid: user['as-uid'] || undefined,
    groups: user['as-groups'],
    extra: user['as-user-extra'],
  };
  return Object.values(impersonate).some((value) => value !== undefined) ? impersonate : undefined;
}
