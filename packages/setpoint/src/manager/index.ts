export { type AccountOptions, installAccount, type OperatorAccount, operatorNeeds } from './account.ts';
export type { BindAddress } from './address.ts';
export type { Check, CheckOptions } from './checks.ts';
export { type LeaderElectionOptions, leaderElectionNeeds } from './leader-election/index.ts';
export { createLog, type LogOptions, silent } from './log.ts';
export { Manager } from './manager.ts';
export { type Operator, type OperatorDeclaration, operator } from './operator.ts';
export type { Connection, ManagerOptions, ManagerState, SettledState } from './types.ts';
