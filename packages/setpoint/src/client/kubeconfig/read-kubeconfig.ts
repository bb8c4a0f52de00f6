import path from 'node:path';
import { ConfigError } from '../../errors/index.ts';
import { readText } from '../read-file.ts';
import { parsePlainYaml } from './plain-yaml.ts';

/** The parts of a kubeconfig (client.config.k8s.io v1) that decide how to connect. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, ClusterEntry>;
  readonly users: ReadonlyMap<string, UserEntry>;
  readonly contexts: ReadonlyMap<string, ContextEntry>;
  /** Files that were there, in order. */
  readonly files: readonly string[];
}

export interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

export interface ClusterEntry {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[];
}

export interface UserEntry {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly exec?: ExecEntry;
  readonly 'auth-provider'?: { readonly name?: string };
}

export interface ExecEntry {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: string;
}

/**
 * Reads kubeconfig files and merges them as kubectl does: the first file that names a context, cluster, user or
 * current-context wins. Paths in a file are relative to its folder.
 *
 * @param options.mustExist whether a file that is not there is an error; in a KUBECONFIG list it is passed over
 */
export async function readKubeconfigs(
  files: readonly string[],
  options: { readonly mustExist: boolean },
): Promise<Kubeconfig> {
  const clusters = new Map<string, ClusterEntry>();
  const users = new Map<string, UserEntry>();
  const contexts = new Map<string, ContextEntry>();
  const present: string[] = [];
  let currentContext = '';
  for (const file of files) {
    const content = await readOne(file, options.mustExist);
    if (content === undefined) continue;
    present.push(file);
    currentContext ||= content['current-context'] ?? '';
    const folder = path.dirname(path.resolve(file));
    addNew(clusters, content.clusters, 'cluster', (entry) => resolvePaths(entry, ['certificate-authority'], folder));
    addNew(users, content.users, 'user', (entry) => resolveUser(entry, folder));
    addNew(contexts, content.contexts, 'context', (entry) => entry);
  }
  return { currentContext, clusters, users, contexts, files: present };
}

type Named<Key extends string, T> = readonly ({ readonly name?: string } & { readonly [K in Key]?: T | null })[] | null;

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly clusters?: Named<'cluster', ClusterEntry>;
  readonly users?: Named<'user', UserEntry>;
  readonly contexts?: Named<'context', ContextEntry>;
}

async function readOne(file: string, mustExist: boolean): Promise<KubeconfigFile | undefined> {
  let text: string;
  try {
    text = await readText(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new ConfigError('FileUnreadable', `cannot read the kubeconfig ${file}: ${(cause as Error).message}`, {
        cause,
      });
    }
    if (!mustExist) return undefined;
    throw new ConfigError('FileMissing', `the kubeconfig ${file} does not exist`, { cause });
  }
  const content = await parseYaml(text, file);
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) throw invalid(file, 'it is no mapping');
  const kind = (content as { kind?: unknown }).kind;
  if (kind !== undefined && kind !== 'Config') throw invalid(file, `its kind is ${String(kind)}, not Config`);
  return content as KubeconfigFile;
}

/** YAML as kubectl reads it. The parser is loaded here since few programs need it. */
export async function parseYaml(text: string, file: string): Promise<unknown> {
  const plain = parsePlainYaml(text);
  if (plain !== undefined) return plain;
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { version: '1.1', prettyErrors: false });
  const error = document.errors[0];
  // The message of an error may quote the line, and the line may hold a key.
  if (error) throw invalid(file, `it is not valid YAML (${error.code})`);
  return document.toJS();
}

function invalid(file: string, why: string): ConfigError {
  return new ConfigError('InvalidConfiguration', `cannot use the kubeconfig ${file}: ${why}`);
}

function addNew<Key extends string, T extends object>(
  into: Map<string, T>,
  list: Named<Key, T> | undefined,
  key: Key,
  prepare: (entry: T) => T,
): void {
  for (const item of list ?? []) {
    const { name } = item;
    if (typeof name !== 'string' || into.has(name)) continue;
    into.set(name, prepare((item[key] ?? {}) as T));
  }
}

function resolvePaths<T extends object>(entry: T, keys: readonly (keyof T & string)[], folder: string): T {
  const paths = keys.flatMap((key) => {
    const value = entry[key];
    return typeof value === 'string' && value !== '' ? [[key, path.resolve(folder, value)] as const] : [];
  });
  return { ...entry, ...Object.fromEntries(paths) };
}

function resolveUser(entry: UserEntry, folder: string): UserEntry {
  const user = resolvePaths(entry, ['client-certificate', 'client-key', 'tokenFile'], folder);
  const command = user.exec?.command;
  // A bare command is looked up on the path; one with a slash belongs to the file.
  if (!user.exec || !command || !/[\\/]/.test(command)) return user;
  return { ...user, exec: { ...user.exec, command: path.resolve(folder, command) } };
}
