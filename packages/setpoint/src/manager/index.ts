/**
 * The life of an operator: connections, caches, controllers, leader election, what is served, and their order at
 * start and stop.
 *
 * @module setpoint/manager
 */

export { type AccountOptions, deployedNeeds, installAccount, type OperatorAccount, operatorNeeds } from './account.ts';
export { accountOfFlags } from './account-of-flags.ts';
export type { BindAddress } from './address.ts';
export type { Check, CheckOptions } from './checks.ts';
export { type LeaderElectionOptions, leaderElectionNeeds } from './leader-election/index.ts';
export { createLog, type LogOptions, silent } from './log.ts';
export { Manager } from './manager.ts';
export type { MetricsServingOptions } from './metrics-serving.ts';
export { type Operator, type OperatorDeclaration, operator } from './operator.ts';
export { secureMetricsNeeds } from './secure-metrics-needs.ts';
export { type ShardingState, shardingNeeds } from './sharding/index.ts';
export type { Connection, ManagerOptions, ManagerState, SettledState } from './types.ts';
export type { UncaughtPolicy } from './uncaught.ts';
