export { type AccountOptions, installAccount, type OperatorAccount } from './account.ts';
export type { BindAddress } from './address.ts';
export type { Check } from './checks.ts';
export { createLog, type LogOptions, silent } from './log.ts';
export { Manager, type ManagerOptions, type ManagerState, type SettledState } from './manager.ts';
export { type Operator, type OperatorDeclaration, operator } from './operator.ts';
