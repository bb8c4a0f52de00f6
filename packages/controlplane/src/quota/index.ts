export {
  type Amounts,
  addAmounts,
  equalAmounts,
  formatAmounts,
  increase,
  only,
  readAmounts,
  withoutZeros,
  writeAmounts,
  zero,
} from './amounts.ts';
export { type Evaluator, evaluatorOf, type ScopeRequirement } from './evaluator.ts';
export { podAmounts } from './pod-resources.ts';
export { type ResourceQuota, scopesOf } from './scope.ts';
