export { type CheckResult, check } from './check.ts';
export { estimateCost } from './cost.ts';
export type { CostNode, SizeEstimator } from './cost-model.ts';
export {
  type Environment,
  type EnvironmentOptions,
  environment,
  extendEnvironment,
  kubernetesEnvironment,
  mutationEnvironment,
} from './environment.ts';
export { formatArguments, formatType } from './format.ts';
export { type Range as CostRange, unbounded as unboundedCost } from './ranges.ts';
export type { CheckedAst, Reference } from './result.ts';
