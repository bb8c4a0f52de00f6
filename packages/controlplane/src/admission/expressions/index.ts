export { type AuthorizerOf, requestVariables } from './activation.ts';
export { compileExpression, type Expression } from './compile.ts';
export { compileConditions, matchConditions } from './conditions.ts';
export type { Declarations } from './environment.ts';
export { type Budget, evaluate, OutOfBudget, Variables } from './evaluate.ts';
