import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { createControlPlane } from '@setpoint/controlplane';
import { Failure, sentenceOf, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { untilAborted } from '../stop.ts';

export interface ControlPlaneFlags {
  readonly securePort: number;
  readonly bindAddress: string;
  readonly kubeconfig: string;
  readonly controllers: string;
}

/** Serves until told to stop; standard output is exactly one line, `ready <url>`. */
export async function controlplane(
  flags: ControlPlaneFlags,
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<void> {
  await using controlPlane = create(flags.controllers, output);
  const { url, kubeconfig } = await listen(controlPlane, flags);
  output.out(`ready ${url}\n`);
  output.err(`export KUBECONFIG=${kubeconfig}\n`);
  await untilAborted(stop);
}

/**
 * Opens the socket, writes the kubeconfig, and keeps the memory of the process small from there on.
 *
 * @throws Failure saying which flag to change
 */
export async function listen(
  controlPlane: ReturnType<typeof createControlPlane>,
  flags: Pick<ControlPlaneFlags, 'securePort' | 'kubeconfig'> & { readonly bindAddress?: string },
): Promise<{ readonly url: string; readonly kubeconfig: string }> {
  const { securePort, bindAddress = '127.0.0.1' } = flags;
  const kubeconfig = resolve(flags.kubeconfig);
  try {
    const { url } = await controlPlane.listen({ securePort, bindAddress, kubeconfig });
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
function create(list: string, output: Output): ReturnType<typeof createControlPlane> {
  const controllers = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  try {
    return createControlPlane({
      controllers,
      onControllerFailure: ({ controller, key, error }) =>
        output.err(`${controller}${key === undefined ? '' : ` ${key}`}: ${sentenceOf(error)}\n`),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--controllers: ${error.message}`);
    throw error;
  }
}
