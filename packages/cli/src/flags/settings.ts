import { parseGoDuration } from '@setpoint/apimachinery/duration';
import type { ControlPlaneOptions, ListenOptions, ServiceAccountOptions } from '@setpoint/controlplane';
import { defaultsOfRefused, refusedNames } from './api-server-flags.ts';
import { checkFeatureGates } from './feature-gates.ts';
import { readFlagFile } from './files.ts';
import { FlagError, type GivenFlags, switchOf } from './parse.ts';
import { checkRuntimeConfig } from './runtime-config.ts';
import { readTokenFile } from './token-file.ts';

/** What the flags of an API server come to. */
export interface ApiServerSettings {
  readonly options: ControlPlaneOptions;
  readonly listen: Pick<ListenOptions, 'securePort' | 'bindAddress' | 'clientAuthority'>;
  /** Files of the certificate and key to serve with; those in --cert-dir are made when they are missing. */
  readonly serving: { readonly certificate: string; readonly key: string; readonly made: boolean } | undefined;
  /** Where the audit log goes; `-` is standard output. */
  readonly auditLog: string | undefined;
}

/**
 * Judges all flags of an API server and reads the files that they name.
 *
 * @throws FlagError naming the flag that cannot be taken
 */
export function apiServerSettings(flags: GivenFlags): ApiServerSettings {
  refuseUnavailable(flags);
  checkFeatureGates(flags.list('feature-gates'));
  checkRuntimeConfig(flags.list('runtime-config'));
  const authority = given(flags, 'client-ca-file');
  const tokens = given(flags, 'token-auth-file');
  const address = given(flags, 'bind-address');
  const allowPrivileged = switchOf(flags, 'allow-privileged');
  const format = given(flags, 'audit-log-format');
  if (format !== undefined && format !== 'json')
    throw new FlagError(`--audit-log-format: ${format} is not available, only json is`);
  return {
    options: {
      ...(allowPrivileged === undefined ? {} : { allowPrivileged }),
      ...(flags.has('authorization-mode') ? { authorizationMode: authorizationMode(flags) } : {}),
      admissionPlugins: {
        enable: flags.list('enable-admission-plugins'),
        disable: flags.list('disable-admission-plugins'),
      },
      ...(tokens === undefined ? {} : { tokens: readTokenFile(tokens) }),
      ...compactionOf(flags),
      serviceAccounts: serviceAccountsOf(flags),
    },
    listen: {
      ...(flags.has('secure-port') ? { securePort: portOf(flags) } : {}),
      ...(address === undefined ? {} : { bindAddress: address }),
      ...(authority === undefined ? {} : { clientAuthority: readFlagFile('client-ca-file', authority) }),
    },
    serving: servingFiles(flags),
    auditLog: given(flags, 'audit-log-path'),
  };
}

function serviceAccountsOf(flags: GivenFlags): ServiceAccountOptions {
  const signing = given(flags, 'service-account-signing-key-file');
  const verifying = flags.all('service-account-key-file').filter((path) => path !== '');
  return {
    issuers: flags.all('service-account-issuer').filter((issuer) => issuer !== ''),
    audiences: flags.list('api-audiences'),
    ...(signing === undefined ? {} : { signingKey: readFlagFile('service-account-signing-key-file', signing) }),
    verificationKeys: verifying.map((path) => readFlagFile('service-account-key-file', path)),
  };
}

/** The last value, where an empty one is as good as none. */
function given(flags: GivenFlags, name: string): string | undefined {
  return flags.last(name) || undefined;
}

function refuseUnavailable(flags: GivenFlags): void {
  for (const name of flags.names()) {
    if (!refusedNames.has(name)) continue;
    for (const value of flags.all(name)) {
      const usual = defaultsOfRefused[name];
      if (value === '' || (usual ? usual.includes(value) : value === 'false')) continue;
      throw new FlagError(`--${name}${usual ? `=${value}` : ''} is not available in the embedded control plane`);
    }
  }
}

/** Whatever any of the modes allows is allowed. The Node mode allows nodes what no test environment has. */
function authorizationMode(flags: GivenFlags): 'RBAC' | 'AlwaysAllow' {
  const modes = flags.list('authorization-mode');
  for (const mode of modes) {
    if (mode === 'ABAC' || mode === 'Webhook' || mode === 'AlwaysDeny')
      throw new FlagError(`--authorization-mode: ${mode} is not available in the embedded control plane`);
    if (mode !== 'RBAC' && mode !== 'Node' && mode !== 'AlwaysAllow')
      throw new FlagError(`--authorization-mode: there is no mode ${JSON.stringify(mode)}`);
  }
  return modes.includes('AlwaysAllow') ? 'AlwaysAllow' : 'RBAC';
}

function servingFiles(flags: GivenFlags): ApiServerSettings['serving'] {
  const certificate = given(flags, 'tls-cert-file');
  const key = given(flags, 'tls-private-key-file');
  if ((certificate === undefined) !== (key === undefined))
    throw new FlagError('--tls-cert-file and --tls-private-key-file belong together');
  if (certificate !== undefined && key !== undefined) return { certificate, key, made: false };
  const folder = given(flags, 'cert-dir');
  return folder === undefined
    ? undefined
    : { certificate: `${folder}/apiserver.crt`, key: `${folder}/apiserver.key`, made: true };
}

function compactionOf(flags: GivenFlags): Pick<ControlPlaneOptions, 'compactionInterval'> {
  const text = given(flags, 'etcd-compaction-interval');
  if (text === undefined) return {};
  try {
    return { compactionInterval: Number(parseGoDuration(text) / 1_000_000n) };
  } catch {
    throw new FlagError(`--etcd-compaction-interval: ${text} is no duration, such as 5m0s`);
  }
}

function portOf(flags: GivenFlags): number {
  const text = flags.last('secure-port') ?? '';
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535)
    throw new FlagError(`--secure-port: ${JSON.stringify(text)} is no port, a number from 0 to 65535`);
  return value;
}
