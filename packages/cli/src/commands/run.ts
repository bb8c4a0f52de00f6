import { convertedCrds } from 'setpoint/webhook';
import { explain } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, loadOperator } from '../project.ts';
import type { Identity } from './account.ts';

export interface RunFlags {
  readonly project: string;
  readonly install?: boolean;
  /** Have the API server ask the webhooks of this process. */
  readonly webhooks?: boolean;
  /** Apply what is in config/samples. */
  readonly samples?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Whom the operator is; without it, whom the kubeconfig says. */
  readonly as?: Identity;
}

/**
 * Runs the operator in this process, as its own `src/main.ts` would. Its exit codes are those of `operator.main`,
 * which ends the process.
 */
export async function run(operatorFlags: readonly string[], flags: RunFlags, output: Output): Promise<void> {
  endWithParent();
  const operator = await loadOperator(findProject(flags.project));
  const serving = flags.webhooks ? await import('./webhook-configurations.ts') : undefined;
  const local = serving?.servesWebhooks(operator) ? await serving.localEndpoint(operatorFlags) : undefined;
  // What the last process served would refuse what follows.
  if (local) await serving?.withdrawWebhooks(operator, flags);
  if (flags.install) {
    const endpoint = local ? { endpoint: { url: local.url } } : {};
    // What is tried out by `setpoint dev` goes on with whatever objects there are, and says so.
    const force = process.env[supervised] !== undefined;
    await (await import('./install.ts')).install({ ...flags, ...endpoint, timeout: '30s', force }, output);
  }
  const converts = local !== undefined && convertedCrds(operator.crds).length > 0;
  if (flags.samples && !converts) await (await import('./samples.ts')).applySamples(flags, output);
  if (local) await serving?.writeWebhooks(operator, local, flags, output);
  const connection: Pick<RunFlags, 'kubeconfig' | 'context'> =
    flags.as === 'service-account'
      ? { kubeconfig: await (await import('./account.ts')).ownKubeconfig(operator, operatorFlags, flags) }
      : flags;
  const given = (['kubeconfig', 'context'] as const).flatMap((name) => {
    const value = connection[name];
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  if (flags.samples && converts) applyOnceServed(flags, output);
  const address = local ? [`--webhook-bind-address=${local.address}`] : [];
  await operator.main([...given, ...address, ...operatorFlags]);
}

/** How long the operator may take until it converts objects, in milliseconds. */
const startTimeout = 30_000;

/** Beside the operator, which has to convert them; what goes wrong with them is no reason to end it. */
function applyOnceServed(flags: RunFlags, output: Output): void {
  import('./samples.ts')
    .then(({ applySamples }) => applySamples(flags, output, startTimeout))
    .catch((error: unknown) => explain(error, false, output));
}

/** Set for the child of `setpoint dev`; a channel to any other parent is that parent's business. */
export const supervised = 'SETPOINT_SUPERVISED';

/** `setpoint dev` opens a channel to its child: if it goes without a word, the operator must not be left over. */
function endWithParent(): void {
  if (!process.channel || process.env[supervised] === undefined) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
