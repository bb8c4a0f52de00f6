import { findProject, loadOperator } from '../project.ts';

/**
 * Runs the operator in this process, as its own `src/main.ts` would. The operator's flags follow `--`; its exit codes
 * are those of `operator.main`, which ends the process.
 */
export async function run(flags: readonly string[], options: { readonly project: string }): Promise<number> {
  const operator = await loadOperator(findProject(options.project));
  await operator.main(flags);
  return 0;
}
