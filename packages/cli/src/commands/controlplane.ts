import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type ControlPlaneOptions, createControlPlane, type ListenOptions } from '@setpoint/controlplane';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import {
  type ApiServerSettings,
  apiServerForms,
  apiServerSettings,
  FlagError,
  type FlagForm,
  type GivenFlags,
  parseFlags,
  switchOf,
} from '../flags/index.ts';
import { openAuditFile, servingPair } from '../launch/index.ts';
import type { Output } from '../output.ts';
import { untilAborted } from '../stop.ts';

type ListenFlags = Pick<ListenOptions, 'bindAddress' | 'serving' | 'clientAuthority'> & {
  readonly securePort: number;
  readonly kubeconfig: string;
};

/** Flags of this command beside those of kube-apiserver. */
const ownForms = new Map<string, FlagForm>([
  ['controllers', 'value'],
  ['data-dir', 'value'],
  ['kubeconfig', 'value'],
  ['unsafe-no-fsync', 'switch'],
]);

/**
 * Serves until told to stop; standard output is exactly one line, `ready <url>`.
 *
 * @param argv flags, those of kube-apiserver among them
 */
export async function controlplane(
  argv: readonly string[],
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<void> {
  const { flags, settings } = read(argv);
  const tell = (text: string) => output.err(`setpoint: ${text}\n`);
  await using stack = new AsyncDisposableStack();
  const audit = settings.auditLog === undefined ? undefined : stack.use(openAuditFile(settings.auditLog, output, tell));
  const dataDir = flags.last('data-dir') || undefined;
  const options: ControlPlaneOptions = {
    ...settings.options,
    ...(audit ? { onAudit: audit.write } : {}),
    ...(dataDir === undefined ? {} : { dataDir, fsync: switchOf(flags, 'unsafe-no-fsync') !== true }),
    onNotice: tell,
  };
  const controlPlane = stack.use(create(flags.last('controllers') ?? '*', output, options));
  const { bindAddress = '127.0.0.1', securePort = 0 } = settings.listen;
  const serving = servingPair(settings.serving, bindAddress);
  const { url, kubeconfig } = await listen(controlPlane, {
    ...settings.listen,
    ...(serving ? { serving } : {}),
    bindAddress,
    securePort,
    kubeconfig: flags.last('kubeconfig') ?? 'setpoint.kubeconfig',
  });
  output.out(`ready ${url}\n`);
  output.err(`export KUBECONFIG=${kubeconfig}\n`);
  await untilAborted(stop);
}

/** @throws UsageError naming the flag that cannot be taken */
function read(argv: readonly string[]): { readonly flags: GivenFlags; readonly settings: ApiServerSettings } {
  try {
    const flags = parseFlags(argv, new Map([...apiServerForms, ...ownForms]));
    if (flags.list('etcd-servers').length > 0)
      throw new FlagError('--etcd-servers is not available: this control plane keeps its objects itself');
    return { flags, settings: apiServerSettings(flags) };
  } catch (error) {
    if (error instanceof FlagError) throw new UsageError(error.message);
    throw error;
  }
}

/**
 * Opens the socket, writes the kubeconfig, and keeps the memory of the process small from there on.
 *
 * @throws Failure saying which flag to change
 */
export async function listen(
  controlPlane: ReturnType<typeof createControlPlane>,
  flags: ListenFlags,
): Promise<{ readonly url: string; readonly kubeconfig: string }> {
  const { securePort, bindAddress = '127.0.0.1', serving, clientAuthority } = flags;
  const kubeconfig = resolve(flags.kubeconfig);
  try {
    const { url } = await controlPlane.listen({
      securePort,
      bindAddress,
      kubeconfig,
      ...(serving ? { serving } : {}),
      ...(clientAuthority === undefined ? {} : { clientAuthority }),
    });
    keepNewSpaceSmall();
    return { url, kubeconfig };
  } catch (error) {
    throw new Failure(listenFailure(error, securePort, bindAddress, kubeconfig), { cause: error });
  }
}

/**
 * V8 doubles its space for new objects under load, to 128 MB; the 8 MB it has after the start do as well for what
 * requests leave behind. Takes 100 MB off a process with ten thousand objects, and no time.
 */
function keepNewSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function listenFailure(error: unknown, port: number, address: string, kubeconfig: string): string {
  const { code, path } = error as NodeJS.ErrnoException;
  if (path !== undefined)
    return `the kubeconfig cannot be written to ${kubeconfig} (${code}); choose another file with --kubeconfig`;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${address} is in use; choose another with --secure-port`;
    case 'EACCES':
      return `port ${port} of ${address} may not be used by this user; choose another with --secure-port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${address} is no address of this machine; choose another with --bind-address`;
    default:
      return `the control plane cannot listen on ${address}:${port}: ${sentenceOf(error)}`;
  }
}

/** With the controllers of the list; an empty one is none. What they cannot do is told on standard error. */
function create(list: string, output: Output, options: ControlPlaneOptions): ReturnType<typeof createControlPlane> {
  const controllers = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  try {
    return createControlPlane({
      ...options,
      controllers,
      onControllerFailure: ({ controller, key, error }) =>
        output.err(`${controller}${key === undefined ? '' : ` ${key}`}: ${sentenceOf(error)}\n`),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--controllers: ${error.message}`);
    throw error;
  }
}
