import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure, sentenceOf } from '../failure.ts';

/** Who somebody is to a registry. Never printed. */
export type Login =
  | { readonly username: string; readonly password: string }
  /** Exchanged for tokens, instead of a password. */
  | { readonly identityToken: string };

/** Finds out who one is to a registry (host and port); undefined is anybody. */
export type Logins = (registry: string, signal: AbortSignal) => Promise<Login | undefined>;

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/**
 * What `docker login` and `podman login` left: `$REGISTRY_AUTH_FILE`, `$DOCKER_CONFIG/config.json` or
 * `~/.docker/config.json`, podman's `auth.json`. Passwords that are kept elsewhere are asked for by the
 * `docker-credential-…` program named there.
 */
export function dockerLogins(environment: Readonly<Record<string, string | undefined>> = process.env): Logins {
  return async (registry, signal) => {
    for (const file of configFiles(environment)) {
      const config = readConfig(file);
      if (config === undefined) continue;
      const login = (await fromHelper(config, registry, environment, signal)) ?? fromFile(config, registry, file);
      if (login) return login;
    }
    return undefined;
  };
}

function configFiles(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { REGISTRY_AUTH_FILE: own, DOCKER_CONFIG: docker, XDG_RUNTIME_DIR: runtime } = environment;
  const home = environment.HOME ?? homedir();
  return [
    ...(own ? [own] : []),
    join(docker ?? join(home, '.docker'), 'config.json'),
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
    join(home, '.config', 'containers', 'auth.json'),
  ];
}

function readConfig(file: string): DockerConfig | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // What a parser says may quote what it read.
    throw new Failure(`${file} cannot be read as JSON`);
  }
}

/** The names under which a registry may be kept. */
function keysOf(registry: string): readonly string[] {
  const hub = registry === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io'] : [];
  return [
    ...hub,
    registry,
    `https://${registry}`,
    `http://${registry}`,
    `https://${registry}/`,
    `https://${registry}/v2/`,
  ];
}

function fromFile({ auths = {} }: DockerConfig, registry: string, file: string): Login | undefined {
  const entry = keysOf(registry).flatMap((key) => auths[key] ?? [])[0];
  if (entry === undefined) return undefined;
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.username && entry.password) return { username: entry.username, password: entry.password };
  if (!entry.auth) return undefined;
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(entry.auth, 'base64').toString('utf8')) ?? [];
  if (username === undefined || password === undefined) {
    throw new Failure(`${file}: what stands under auths for ${registry} is not username:password in base64`);
  }
  return { username, password: password.replace(/\0+$/, '') };
}

async function fromHelper(
  { credHelpers = {}, credsStore }: DockerConfig,
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Login | undefined> {
  const helper = keysOf(registry).flatMap((key) => credHelpers[key] ?? [])[0] ?? credsStore;
  if (!helper) return undefined;
  const [server = registry] = keysOf(registry);
  const { code, out } = await runHelper(`docker-credential-${helper}`, server, environment, signal);
  if (code !== 0) {
    // This is how they say that there is none; anything else is a fault that would look like a refused push later.
    if (/not found/i.test(out)) return undefined;
    throw new Failure(`docker-credential-${helper} failed for ${registry}: run \`docker login ${registry}\``);
  }
  try {
    const { Username, Secret } = JSON.parse(out);
    if (!Secret) return undefined;
    return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
  } catch {
    throw new Failure(`docker-credential-${helper} gave no answer that can be read`);
  }
}

function runHelper(
  program: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...environment }, signal });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.on('error', (error) => {
      if (signal.aborted) reject(error);
      else
        reject(new Failure(`cannot run ${program}, which keeps your logins: ${sentenceOf(error)}`, { cause: error }));
    });
    child.on('close', (code) => resolve({ code, out }));
    // One that does not read its input has failed, and says so by its exit code.
    child.stdin.on('error', () => {}).end(input);
  });
}
