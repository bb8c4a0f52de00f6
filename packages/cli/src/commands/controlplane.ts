import { resolve } from 'node:path';
import { createControlPlane } from '@setpoint/controlplane';
import { Failure, UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { untilStopped } from '../stop.ts';

export interface ControlPlaneFlags {
  readonly securePort: number;
  readonly bindAddress: string;
  readonly kubeconfig: string;
  readonly controllers: string;
}

/** Built-in controllers that can be left out, by the names that kube-controller-manager has for them. */
const controllers = ['namespace'] as const;

/** Serves until a signal; the first line of output is `ready <url>`. */
export async function controlplane(flags: ControlPlaneFlags, output: Output): Promise<void> {
  checkControllers(flags.controllers);
  await using controlPlane = createControlPlane();
  const kubeconfig = resolve(flags.kubeconfig);
  const { url } = await listen(controlPlane, flags, kubeconfig);
  output.out(`ready ${url}\n`);
  output.err(`KUBECONFIG=${kubeconfig}\n`);
  await untilStopped();
}

async function listen(
  controlPlane: ReturnType<typeof createControlPlane>,
  flags: ControlPlaneFlags,
  kubeconfig: string,
): Promise<{ readonly url: string }> {
  const { securePort, bindAddress } = flags;
  try {
    return await controlPlane.listen({ securePort, bindAddress, kubeconfig });
  } catch (error) {
    throw new Failure(listenFailure(error, flags, kubeconfig), { cause: error });
  }
}

function listenFailure(error: unknown, { securePort, bindAddress }: ControlPlaneFlags, kubeconfig: string): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${securePort} of ${bindAddress} is in use; choose another with --secure-port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${bindAddress} is no address of this machine; choose another with --bind-address`;
  if (syscall === 'open' || syscall === 'mkdir')
    return `the kubeconfig cannot be written to ${kubeconfig}: ${code}; choose another file with --kubeconfig`;
  return `the control plane cannot listen on ${bindAddress}:${securePort}: ${message}`;
}

/** `*`, or names of controllers, each with a `-` in front to leave it out, as kube-controller-manager has it. */
function checkControllers(list: string): void {
  for (const name of list.split(',').map((entry) => entry.trim().replace(/^-/, ''))) {
    if (name === '*' || (controllers as readonly string[]).includes(name)) continue;
    throw new UsageError(`--controllers: there is no controller '${name}'; there are: *, ${controllers.join(', ')}`);
  }
  if (list !== '*') throw new UsageError('--controllers: leaving controllers out is not available yet; use *');
}
