export { shardingNeeds } from './needs.ts';
export type { Sharding, ShardingFigures, ShardingMetrics, ShardingState } from './sharding.ts';

/** Sharding itself; loaded only by a manager of controllers that are shared. */
export const loadSharding = () => import('./sharding.ts');
