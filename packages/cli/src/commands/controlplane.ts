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

/** Built-in controllers, by the names that kube-controller-manager has for them. */
const builtinControllers = ['namespace'] as const;

/** Serves until told to stop; standard output is exactly one line, `ready <url>`. */
export async function controlplane(
  flags: ControlPlaneFlags,
  { output, stop }: { readonly output: Output; readonly stop: AbortSignal },
): Promise<void> {
  checkControllers(flags.controllers);
  await using controlPlane = createControlPlane();
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

/** `*`, and names with or without a `-` in front, as kube-controller-manager has it: what is not named does not run. */
function checkControllers(list: string): void {
  const entries = list.split(',').map((entry) => entry.trim());
  for (const name of entries.map((entry) => entry.replace(/^-/, ''))) {
    if (name === '*' || (builtinControllers as readonly string[]).includes(name)) continue;
    throw new UsageError(
      `--controllers: there is no controller '${name}'; there are: *, ${builtinControllers.join(', ')}`,
    );
  }
  const runs = (name: string) => !entries.includes(`-${name}`) && (entries.includes(name) || entries.includes('*'));
  const without = builtinControllers.filter((name) => !runs(name));
  if (without.length > 0)
    throw new UsageError(`--controllers: leaving out ${without.join(', ')} is not available yet; use *`);
}
