export { PlanError } from './calls.ts';
export type { FunctionBinding, FunctionLibrary, Implementation, Singleton } from './functions.ts';
export { mergeLibraries } from './functions.ts';
export { PatternedValue } from './kubernetes-cost.ts';
export { type Bindings, type PatternFunctions, plan } from './plan.ts';
export {
  type Activation,
  type EvaluateOptions,
  type Evaluation,
  objectCostBudget,
  type Program,
  perCallLimit,
  programOf,
} from './program.ts';
