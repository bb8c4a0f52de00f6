export * from './checker/index.ts';
export { type Compiled, compile } from './compile.ts';
export * from './declarations/index.ts';
export {
  type Activation,
  type EvaluateOptions,
  type Evaluation,
  objectCostBudget,
  type Program,
  perCallLimit,
} from './interpret/index.ts';
export {
  type Authorizer,
  type AuthorizerAnswer,
  type AuthorizerQuestion,
  authorizerValue,
  type PathQuestion,
  type ResourceQuestion,
  resourceCheckValue,
} from './library/index.ts';
export * from './syntax/index.ts';
export * from './types/index.ts';
export * from './values/index.ts';
