export type { LeaderElectionMetrics, Leadership } from './leadership.ts';
export { defaultLeaseId, leaderElectionNeeds } from './needs.ts';
export { electionTiming, type LeaderElectionOptions } from './options.ts';

/** The election itself; loaded only by a manager that was asked for it. */
export const loadLeadership = () => import('./leadership.ts');
