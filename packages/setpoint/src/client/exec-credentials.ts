import type { Clock } from '@setpoint/apimachinery/clock';
import { ConfigError } from '../errors/index.ts';
import type { Credentials, HeaderFields } from './credentials.ts';
import type { ClientConfig, ExecAuthentication, TlsConfig } from './kubeconfig/index.ts';

interface Credential {
  readonly headers: HeaderFields;
  /** Wall milliseconds; undefined for the life of this process. */
  readonly expires: number | undefined;
}

/** A person may have to find a phone. */
const interactiveLimit = 5 * 60_000;
const limit = 60_000;
/** A credential is not used in its last seconds: the request has to get there. */
const margin = 10_000;

export interface ExecCredentialsOptions {
  readonly config: ClientConfig;
  readonly clock: Clock;
  readonly onCertificate: (tls: Pick<TlsConfig, 'cert' | 'key'>) => void;
}

/**
 * Credentials printed by a program, as client.authentication.k8s.io/v1 has it: kept until they expire or a
 * request made with them is answered 401, then asked for anew, once for all who wait.
 */
export class ExecCredentials implements Credentials {
  readonly #exec: ExecAuthentication;
  readonly #options: ExecCredentialsOptions;
  #credential: Credential | undefined;
  #certificate = '';
  #running: Promise<Credential> | undefined;

  constructor(exec: ExecAuthentication, options: ExecCredentialsOptions) {
    this.#exec = exec;
    this.#options = options;
  }

  async headers(signal: AbortSignal): Promise<HeaderFields> {
    const known = this.#credential;
    if (known && (known.expires === undefined || this.#options.clock.now() < known.expires - margin)) {
      return known.headers;
    }
    return (await this.#refresh(signal)).headers;
  }

  async renew(refused: HeaderFields, signal: AbortSignal): Promise<boolean> {
    const current = this.#credential?.headers.authorization;
    // Another request has been here before.
    if (current !== undefined && current !== refused.authorization) return true;
    const certificate = this.#certificate;
    const { headers } = await this.#refresh(signal);
    return headers.authorization !== refused.authorization || this.#certificate !== certificate;
  }

  #refresh(signal: AbortSignal): Promise<Credential> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    const running = this.#running;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      running.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  async #run(): Promise<Credential> {
    const output = await runPlugin(this.#exec, this.#options);
    const { token, clientCertificateData, clientKeyData, expirationTimestamp } = readCredential(output, this.#exec);
    if (clientCertificateData && clientKeyData && clientCertificateData + clientKeyData !== this.#certificate) {
      this.#certificate = clientCertificateData + clientKeyData;
      this.#options.onCertificate({ cert: clientCertificateData, key: clientKeyData });
    }
    const expires = expirationTimestamp === undefined ? Number.NaN : Date.parse(expirationTimestamp);
    this.#credential = {
      headers: token ? { authorization: `Bearer ${token}` } : {},
      expires: Number.isNaN(expires) ? undefined : expires,
    };
    return this.#credential;
  }
}

function failed(exec: ExecAuthentication, why: string, cause?: unknown): ConfigError {
  return new ConfigError('CredentialsFailed', `the credential plugin ${exec.command} ${why}`, { cause });
}

function runPlugin(exec: ExecAuthentication, { config, clock }: ExecCredentialsOptions): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  if (exec.interactiveMode === 'Always' && !terminal) {
    return Promise.reject(failed(exec, 'needs a terminal (interactiveMode: Always) and there is none'));
  }
  const interactive = exec.interactiveMode !== 'Never' && terminal;
  return new Promise((resolve, reject) => {
    // Loaded here: few programs need it, and it is a twentieth of what a start takes.
    const { spawn } = process.getBuiltinModule('node:child_process');
    const child = spawn(exec.command, [...exec.args], {
      env: { ...process.env, ...exec.env, KUBERNETES_EXEC_INFO: execInfo(exec, config, interactive) },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const allowed = interactive ? interactiveLimit : limit;
    const timer = clock.timer(allowed, () => {
      child.kill();
      reject(failed(exec, `did not finish within ${allowed / 1000} s`));
    });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-300);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      timer.cancel();
      const hint = exec.installHint ? `: ${exec.installHint.trim()}` : '';
      reject(
        error.code === 'ENOENT'
          ? failed(exec, `was not found${hint}`, error)
          : failed(exec, `could not be started: ${error.message}`, error),
      );
    });
    child.on('close', (code, signal) => {
      timer.cancel();
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else
        reject(
          failed(exec, `ended with ${signal ?? `exit code ${code}`}${complaint === '' ? '' : `: ${complaint.trim()}`}`),
        );
    });
  });
}

/** What the program is told about the cluster, if it asks to be. */
function execInfo(exec: ExecAuthentication, config: ClientConfig, interactive: boolean): string {
  const { tls = {} } = config;
  const cluster = {
    server: config.server,
    'tls-server-name': tls.serverName,
    'insecure-skip-tls-verify': tls.insecureSkipVerify || undefined,
    'certificate-authority-data': tls.ca === undefined ? undefined : Buffer.from(tls.ca).toString('base64'),
    'proxy-url': config.proxyUrl,
    config: exec.clusterConfig,
  };
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo ? { cluster } : {}) },
  });
}

interface ExecStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

function readCredential(output: string, exec: ExecAuthentication): ExecStatus {
  let value: { readonly apiVersion?: string; readonly kind?: string; readonly status?: ExecStatus } | null;
  try {
    value = JSON.parse(output);
  } catch {
    // The parser's message would quote what may be a token.
    throw failed(exec, 'printed something that is not JSON');
  }
  if (value?.kind !== 'ExecCredential' || value.apiVersion !== exec.apiVersion) {
    throw failed(exec, `did not print an ExecCredential of ${exec.apiVersion}`);
  }
  const { status } = value;
  if (!status?.token && !(status?.clientCertificateData && status.clientKeyData)) {
    throw failed(exec, 'printed neither a token nor a client certificate with its key');
  }
  return status;
}
