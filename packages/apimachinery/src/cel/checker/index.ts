export { type CheckResult, check } from './check.ts';
export {
  type Environment,
  type EnvironmentOptions,
  environment,
  extendEnvironment,
  kubernetesEnvironment,
} from './environment.ts';
export { formatArguments, formatType } from './format.ts';
export type { CheckedAst, Reference } from './result.ts';
