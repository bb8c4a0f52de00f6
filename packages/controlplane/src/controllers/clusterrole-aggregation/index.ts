export { clusterRoleAggregation } from './controller.ts';
