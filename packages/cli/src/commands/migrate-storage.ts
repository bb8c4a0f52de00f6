import { UsageError } from '../failure.ts';
import type { Output } from '../output.ts';
import { findProject, loadOperator } from '../project.ts';
import { defaultConcurrency, migrateStorage } from '../storage/index.ts';
import { connect } from './cluster.ts';

export interface MigrateFlags {
  readonly project: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Writes under way at the same time. */
  readonly concurrency?: string;
}

/** Writes all objects of the named CRDs, or of the project's, in the storage version. */
export async function migrateStorageOf(names: readonly string[], flags: MigrateFlags, output: Output): Promise<void> {
  const concurrency = Number(flags.concurrency ?? defaultConcurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100)
    throw new UsageError(`--concurrency is a number from 1 to 100, not ${flags.concurrency}`);
  const all = names.length > 0 ? names : await declaredNames(flags.project);
  await using client = await connect(flags, 'setpoint');
  for (const name of all) await migrateStorage(client, name, { concurrency, output });
}

async function declaredNames(folder: string): Promise<readonly string[]> {
  const { kinds, crds } = await loadOperator(findProject(folder));
  return [...kinds.map(({ plural, group }) => `${plural}.${group}`), ...crds.map(({ name }) => name)];
}
