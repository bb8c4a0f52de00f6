import { setFlagsFromString } from 'node:v8';
import { systemClock } from '@setpoint/apimachinery/clock';
import type { ClientConfig } from '../client/index.ts';
import { isConnectionError } from '../errors/index.ts';
import type { Log } from '../reconcile/index.ts';
import type { Declaration } from './declaration.ts';
import { type Flags, parseFlags, UsageError, usage } from './flags.ts';
import { createLog } from './log.ts';
import { Manager } from './manager.ts';

/** The program around a manager. The only place that ends the process. */
export async function runMain(declaration: Declaration, argv: readonly string[]): Promise<void> {
  const flags = readFlags(declaration.name, argv);
  if (typeof flags === 'number') process.exit(flags);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new Error(`${signal} was received`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  stayAlive();
  collectAlone();
  process.exit(await runToCompletion(declaration, flags, stop.signal));
}

/** An operator that only waits to be called is not at its end, though Node sees nothing left to do. */
function stayAlive(): void {
  const longest = 2 ** 31 - 1;
  systemClock.timer(longest, stayAlive);
}

/**
 * New objects are collected by the thread that made them. V8 wakes others to help it, which takes longer than the work where
 * few survive: a seventh of the processor time of a pass that writes. A V8 that does not know the flag says so and goes on.
 */
function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/** Errors that nobody caught go to the manager, which knows whose they are; one that it cannot take ends the process. */
function takeUncaught(manager: Manager): void {
  const take = (error: unknown) => {
    try {
      manager.handleUncaught(error);
    } catch {
      process.exit(1);
    }
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
}

/** Milliseconds beyond the time for passes, in which all else has to end. */
const afterDrain = 10_000;

/** Whatever does not end, the process does. */
function endInTime(stop: AbortSignal, patience: number, log: Log): void {
  if (patience < 0) return;
  const end = () => {
    log.error(`the operator did not stop within ${(patience + afterDrain) / 1000} s: the process ends`);
    process.exit(1);
  };
  stop.addEventListener('abort', () => systemClock.timer(patience + afterDrain, end, { background: true }));
}

function readFlags(name: string, argv: readonly string[]): Flags | number {
  try {
    const flags = parseFlags(argv, process.env);
    if (flags !== 'help') return flags;
    process.stdout.write(usage(name));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    return 2;
  }
}

async function runToCompletion(declaration: Declaration, flags: Flags, signal: AbortSignal): Promise<number> {
  const log = await createLog({ level: flags.logLevel, format: flags.logFormat, clock: systemClock });
  endInTime(signal, flags.gracefulShutdownTimeout, log);
  try {
    const { loadConfig } = await import('../client/index.ts');
    const config = await loadConfig({ kubeconfig: flags.kubeconfig, context: flags.context });
    await reach(config, signal);
    const clusters: Record<string, { readonly config: ClientConfig }> = {};
    for (const [name, from] of Object.entries(flags.clusters)) clusters[name] = { config: await loadConfig(from) };
    await using manager = new Manager(declaration, {
      config,
      clusters,
      log,
      namespaces: flags.namespaces,
      metricsBindAddress: flags.metricsBindAddress,
      healthProbeBindAddress: flags.healthProbeBindAddress,
      gracefulShutdownTimeout: flags.gracefulShutdownTimeout,
      webhooks: flags.webhooks,
      metrics: flags.metrics,
      debugBindAddress: flags.debugBindAddress,
      uncaughtErrors: flags.uncaughtErrors,
      leaderElection: flags.leaderElection,
    });
    takeUncaught(manager);
    log.info({ server: config.server, operator: declaration.name }, 'starting manager');
    await manager.run(signal);
    return 0;
  } catch (error) {
    log.error(`the operator has failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** A server that nobody can reach is a mistake of the start, said at once; one that answers anything at all is there. */
async function reach(config: ClientConfig, signal: AbortSignal): Promise<void> {
  const { createClient } = await import('../client/index.ts');
  await using client = createClient({ config });
  try {
    await client.raw('GET', '/version', { signal, timeout: 15_000 });
  } catch (error) {
    if (isConnectionError(error) && !signal.aborted) throw error;
  }
}
